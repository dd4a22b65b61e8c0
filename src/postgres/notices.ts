/** Notices between processes, by LISTEN and NOTIFY. They may get lost while a connection is opened again. */

import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { settingStatements, WORK_SETTINGS } from './session-settings.ts'

/** A connection for notices. */
export interface Notices {
  /** Sends a notice in a transaction of its own: one in the transaction of a write would make all commits wait for each other. */
  readonly send: () => void
  readonly close: () => Promise<void>
}

/** Milliseconds before a lost connection is opened again. */
const AGAIN_MS = 1_000

/** A channel's name: it becomes a part of SQL. */
export type Channel = 'plinth_events' | 'plinth_jobs'

/**
 * Opens a connection that receives the notices of a channel, and sends them. It connects in the background, and again when it
 * is lost. A notice that is sent while another one is on its way is sent once after it.
 */
export function openNotices(url: string, channel: Channel, onNotice: () => void): Notices {
  const ending = new AbortController()
  let client: pg.Client | null = null
  let isSending = false
  let mustSend = false
  const send = async (): Promise<void> => {
    mustSend = true
    if (isSending) return
    isSending = true
    while (mustSend && client !== null) {
      mustSend = false
      await client.query(`notify ${channel}`).catch(() => {})
    }
    isSending = false
  }
  const connected = keepConnected(ending.signal, async (lost) => {
    const fresh = new pg.Client({ connectionString: url, application_name: 'plinth', connectionTimeoutMillis: 10_000, keepAlive: true })
    fresh.on('error', lost)
    fresh.on('end', lost)
    fresh.on('notification', onNotice)
    try {
      await fresh.connect()
      await fresh.query(settingStatements(WORK_SETTINGS))
      await fresh.query(`listen ${channel}`)
    } catch (error) {
      await fresh.end().catch(() => {})
      throw error
    }
    client = fresh
    onNotice()
    return async () => {
      client = null
      await fresh.end().catch(() => {})
    }
  })
  return {
    send: () => void send(),
    async close() {
      ending.abort()
      await connected
    },
  }
}

/** Opens again and again what gets lost, until the signal. `open` gets a function to call when it is lost, and gives one that closes it. */
async function keepConnected(signal: AbortSignal, open: (lost: () => void) => Promise<() => Promise<void>>): Promise<void> {
  while (!signal.aborted) {
    const over = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => over.resolve(), { once: true })
    const close = await open(over.resolve).catch(() => null)
    if (close !== null) {
      await over.promise
      await close()
    }
    await sleep(AGAIN_MS, undefined, { signal }).catch(() => {})
  }
}
