import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, rename, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { KEEPER_PROTOCOL, type KeeperMessage, type KeeperState } from './event.ts'

/**
 * The Plinths that use one server. Each holds a connection; the kernel closes it when its process ends, however it ends, so counting
 * connections counts living Plinths. `abandoned` is aborted, once and for good, when the last one is gone.
 */
export interface Leases {
  readonly abandoned: AbortSignal
  /** Tells every Plinth; the latest message is also the first news of each that comes later. */
  announce(message: KeeperMessage): void
  /** Takes no more leases, makes sure that the one who asked for the server hears the latest message, and lets all go. */
  close(): Promise<void>
}

/** How long a keeper waits for its first lease. The Plinth that forked it connects within milliseconds, or has died. */
const FIRST_LEASE_MS = 10_000

/**
 * Opens the door for leases, at a socket in `folder` or, without one, on loopback, and writes to `here` how to find it.
 * The caller holds the lock of `here`.
 */
export async function openLeases(here: string, folder: string | undefined): Promise<Leases> {
  const token = randomBytes(24).toString('base64url')
  const book = openBook()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    book.connect(socket, token)
  })
  book.abandoned.addEventListener('abort', () => server.close())
  const endpoint = await listen(server, folder)

  const statePath = join(here, 'keeper.json')
  const state: KeeperState = { protocol: KEEPER_PROTOCOL, pid: process.pid, endpoint, token }
  await writeFile(`${statePath}.new`, JSON.stringify(state), { mode: 0o600 })
  await rename(`${statePath}.new`, statePath)
  return {
    abandoned: book.abandoned,
    announce: book.announce,
    async close() {
      await book.settled
      book.shut() // before anything else can happen: who asks again after a failure must get a new answer, not this one
      server.close()
      await rm(statePath, { force: true })
      book.dismiss()
    },
  }
}

/** Who holds a lease. `settled` resolves with the first lease, or when none came. */
function openBook() {
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
      socket.destroy() // it knocked in time, but the server is already going down
      return
    }
    clearTimeout(grace)
    holders.add(socket)
    send(socket, { kind: 'welcome' })
    if (latest !== undefined) send(socket, latest)
    settled.resolve()
  }
  /** The last to leave is let go only when the server is gone: that is how its stop() knows. */
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

/** Lets a connection in when its first line is the token; on loopback anybody on the machine can knock. */
function admit(socket: Socket, token: string, enter: () => void): void {
  createInterface({ input: socket }).once('line', (line) => (line === token ? enter() : socket.destroy()))
}

function send(socket: Socket, message: KeeperMessage): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`)
}
