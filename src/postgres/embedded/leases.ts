/** Grants leases of the embedded server, in the keeper. */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, rename, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { KEEPER_PROTOCOL, type KeeperMessage, type KeeperState } from './event.ts'

/**
 * The Plinth processes that use one server. Each holds a connection, which the kernel closes when the process ends for any reason. So the
 * number of connections is the number of living processes. `abandoned` is aborted when the last connection has closed.
 */
export interface Leases {
  readonly abandoned: AbortSignal
  /** Sends a message to every holder. Later holders first receive the latest message. */
  announce(message: KeeperMessage): void
  /** Stops granting leases, waits until the first holder has received the latest message, and closes all connections. */
  close(): Promise<void>
}

/**
 * Milliseconds that a keeper waits for its first lease. The process that forked the keeper connects within milliseconds, unless it has
 * died.
 */
const FIRST_LEASE_MS = 10_000

/**
 * Listens for leases on a socket in `folder`, or on loopback without a folder. Writes the address to `keeper.json` in `here`. The caller
 * must hold the lock of `here`.
 */
export async function openLeases(here: string, folder: string | undefined): Promise<Leases> {
  const token = randomBytes(24).toString('base64url')
  const holders = trackHolders()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    holders.connect(socket, token)
  })
  holders.abandoned.addEventListener('abort', () => server.close())
  const endpoint = await listen(server, folder)

  const statePath = join(here, 'keeper.json')
  const state: KeeperState = { protocol: KEEPER_PROTOCOL, pid: process.pid, endpoint, token }
  await writeFile(`${statePath}.new`, JSON.stringify(state), { mode: 0o600 })
  await rename(`${statePath}.new`, statePath)
  return {
    abandoned: holders.abandoned,
    announce: holders.announce,
    async close() {
      await holders.settled
      holders.shut() // immediately: a process that asks again after a failure must get a new answer, not this one
      server.close()
      await rm(statePath, { force: true })
      holders.dismiss()
    },
  }
}

/** Tracks the holders of leases. `settled` resolves with the first lease, or when the time for it is over. */
function trackHolders() {
  const abandoned = new AbortController()
  const settled = Promise.withResolvers<void>()
  const connections = new Set<Socket>()
  const holders = new Set<Socket>()
  let latest: KeeperMessage | undefined
  let open = true
  const abandon = () => {
    open = false
    abandoned.abort()
    settled.resolve()
  }
  const grace = setTimeout(abandon, FIRST_LEASE_MS)

  const enter = (socket: Socket) => {
    if (!open) {
      socket.destroy() // it connected before the end, but the server is already stopping
      return
    }
    clearTimeout(grace)
    holders.add(socket)
    send(socket, { kind: 'welcome' })
    if (latest !== undefined) send(socket, latest)
    settled.resolve()
  }
  /**
   * The connection of the last holder stays open until the server has stopped, because its `stop()` waits for the end of the connection.
   */
  const leave = (socket: Socket) => {
    if (!holders.delete(socket)) return
    if (holders.size === 0) abandon()
    else socket.end()
  }
  return {
    abandoned: abandoned.signal,
    settled: settled.promise,
    connect(socket: Socket, token: string) {
      connections.add(socket)
      socket.on('error', () => {}) // 'close' follows
      socket.on('end', () => (holders.has(socket) ? leave(socket) : socket.destroy()))
      socket.on('close', () => {
        connections.delete(socket)
        leave(socket)
      })
      admit(socket, token, () => enter(socket))
    },
    announce(message: KeeperMessage) {
      latest = message
      for (const socket of holders) send(socket, message)
    },
    shut() {
      open = false
    },
    dismiss() {
      clearTimeout(grace)
      for (const socket of connections) socket.end().unref()
    },
  }
}

async function listen(server: Server, folder: string | undefined): Promise<string | number> {
  if (folder === undefined) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }
  const path = join(folder, 'keeper.sock')
  await rm(path, { force: true })
  server.listen(path)
  await once(server, 'listening')
  await chmod(path, 0o600)
  return path
}

/** Accepts a connection if its first line is the token. On loopback, any process of the machine can connect. */
function admit(socket: Socket, token: string, enter: () => void): void {
  createInterface({ input: socket }).once('line', (line) => (line === token ? enter() : socket.destroy()))
}

function send(socket: Socket, message: KeeperMessage): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`)
}
