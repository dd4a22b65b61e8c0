/** Listeners on this machine to which no message may connect. */

import { randomInt } from 'node:crypto'
import { type AddressInfo, createServer, type Server } from 'node:net'
import type { Canaries } from '../../../verify/cases/message-case.ts'

/** Running listeners. */
export interface OpenCanaries extends Canaries {
  /** A port at which only `127.0.0.1` listens, and not `::1`. */
  readonly localPort: number
  readonly close: () => Promise<void>
}

/** The port of web servers that needs no rights. */
const WEB_PORT = 8_443
/** Other systems than Linux have only one address of IPv4 for themselves. */
const OWN_HOSTS = process.platform === 'linux'

/** Opens the listeners. With an address of their own they disturb no other program, and no other run of verify. */
export async function openCanaries(): Promise<OpenCanaries> {
  let connections = 0
  const servers: Server[] = []
  const listen = async (host: string, port: number): Promise<number | null> => {
    const server = createServer((socket) => {
      connections++
      socket.on('error', () => {}).destroy()
    })
    const isOpen = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen({ host, port, exclusive: true }, () => resolve(true))
    })
    if (!isOpen) return null
    servers.push(server)
    return (server.address() as AddressInfo).port
  }
  const host = OWN_HOSTS ? `127.${randomInt(2, 250)}.${randomInt(2, 250)}.${randomInt(2, 250)}` : '127.0.0.1'
  const own = await listen(host, WEB_PORT)
  const other = await listen(host, 0)
  const local = host === '127.0.0.1' ? own : await listen('127.0.0.1', WEB_PORT)
  await listen('::1', WEB_PORT)
  const localPort = (await listen('127.0.0.1', 0)) ?? 0
  return {
    localPort,
    host,
    webPort: WEB_PORT,
    port: other ?? 0,
    everywhere: own !== null && local !== null,
    connections: () => connections,
    close: async () => {
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
    },
  }
}
