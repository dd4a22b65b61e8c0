/** A connection to NATS that is made again whenever it breaks. */

import { setTimeout as sleep } from 'node:timers/promises'
import { type ConnectionOptions, connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node'
import { BrokerUnavailable, type ConnectionDeps, type ConnectionSettings } from './broker.ts'

/** The pauses between two attempts to connect, in milliseconds: each is twice as long as the one before. */
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 5_000
/** Milliseconds for one attempt to connect. */
const CONNECT_MS = 5_000
/** Milliseconds that the end of a connection may take. */
const CLOSE_MS = 2_000
/** Milliseconds between two pings. A connection with two unanswered ones is broken. */
const PING_MS = 5_000

/** The connection of a process. */
export interface KeptConnection {
  /** @throws BrokerUnavailable while there is no connection. */
  readonly current: () => NatsConnection
  /** A signal that is aborted when the connection breaks, or the given one is. */
  readonly untilBroken: (signal: AbortSignal) => AbortSignal
  /** Never rejects. */
  readonly close: () => Promise<void>
}

/** Connects, and again whenever the connection breaks. Credentials are never part of what is observed. */
export function keepConnected(settings: ConnectionSettings, { observe, onConnected }: ConnectionDeps): KeptConnection {
  const closing = new AbortController()
  let connection: NatsConnection | null = null
  let broken = new AbortController()
  let failures = 0
  let isTold = false
  const lost = (error: string): void => {
    connection = null
    broken.abort()
    if (!isTold && !closing.signal.aborted) observe({ kind: 'disconnected', error })
    isTold = true
  }
  const pause = async (): Promise<void> => {
    const most = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures++)
    await sleep(most * (0.5 + Math.random() / 2), null, { signal: closing.signal }).catch(() => {})
  }
  const keep = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        const made = await connect(optionsOf(settings))
        if (closing.signal.aborted) return await made.close()
        broken = new AbortController()
        connection = made
        failures = 0
        isTold = false
        observe({ kind: 'connected' })
        onConnected()
        // The library does not connect again by itself: what runs over a connection has to begin anew.
        const error = await made.closed()
        lost(error instanceof Error ? error.message : 'the connection was closed')
      } catch (error) {
        lost(error instanceof Error ? error.message : String(error))
      }
      await pause()
    }
  }
  const ended = keep()
  return {
    current() {
      if (connection === null) throw new BrokerUnavailable('the broker cannot be reached')
      return connection
    },
    untilBroken: (signal) => AbortSignal.any([signal, broken.signal]),
    async close() {
      closing.abort()
      broken.abort()
      if (connection !== null) await briefly(connection.drain())
      await briefly(ended)
    },
  }
}

/** Waits for work on a connection, which may never end once the connection is broken. Never rejects. */
export async function briefly(work: Promise<unknown>): Promise<void> {
  const over = new AbortController()
  await Promise.race([work.catch(() => {}), sleep(CLOSE_MS, null, { signal: over.signal }).catch(() => {})])
  over.abort()
}

function optionsOf({ servers, auth, tls, ca, client }: ConnectionSettings): ConnectionOptions {
  const secured = { ...(ca === null ? {} : { ca }), ...(auth.kind === 'certificate' ? { cert: auth.certificate, key: auth.key } : {}) }
  const isSecured = tls === 'required' || Object.keys(secured).length > 0 || servers.some((server) => server.startsWith('tls:'))
  return {
    servers: [...servers],
    name: client,
    reconnect: false,
    timeout: CONNECT_MS,
    pingInterval: PING_MS,
    maxPingOut: 2,
    ...(isSecured ? { tls: secured } : {}),
    ...(auth.kind === 'password' ? { user: auth.user, pass: auth.password } : {}),
    ...(auth.kind === 'token' ? { token: auth.token } : {}),
    ...(auth.kind === 'creds' ? { authenticator: credsAuthenticator(new TextEncoder().encode(auth.creds)) } : {}),
  }
}
