/** A listener of this machine that counts who connects to it. */

import { type AddressInfo, createServer, type Server } from 'node:net'

/** Milliseconds in which a connection would come. */
const WAIT_MS = 150
/** How often a port is sought that is free on all loopback addresses. */
const PORTS_TRIED = 5

/** How many connections this machine gets at its loopback addresses during some work, and shortly after. */
export async function countingConnections(work: (port: number) => Promise<void>): Promise<number> {
  let count = 0
  const servers = await listening(() => count++)
  try {
    await work((servers[0].address() as AddressInfo).port)
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
    return count
  } finally {
    for (const server of servers) await new Promise((resolve) => server.close(resolve))
  }
}

/** Listens with IPv4, and on the same port with IPv6 where this machine has it. */
async function listening(onConnection: () => void): Promise<readonly [Server, ...Server[]]> {
  for (let i = 0; ; i++) {
    const server = await listeningOn('127.0.0.1', 0, onConnection)
    try {
      return [server, await listeningOn('::1', (server.address() as AddressInfo).port, onConnection)]
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      if (!isTaken || i === PORTS_TRIED) return [server]
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

function listeningOn(host: string, port: number, onConnection: () => void): Promise<Server> {
  const server = createServer((socket) => {
    onConnection()
    socket.destroy()
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => resolve(server))
  })
}
