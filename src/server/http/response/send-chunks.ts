/**
 * Sends the bytes of a file to its client: the memory of a chunk is given back as soon as the system has taken it, and a client that takes
 * the bytes too slowly is disconnected.
 */

import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { freeChunk } from '../../../base/bytes/free-chunk.ts'

/** The fewest bytes a second that a client takes on average, after the first minute in which it was waited for; as for senders. */
const LEAST_RATE = 8_192
const GRACE_MS = 60_000
/** Milliseconds between two looks at a client that is waited for. */
const LOOK_MS = 5_000

/** The limits of a client, for tests. */
export interface ClientPace {
  /** Bytes a second. */
  readonly leastRate: number
  readonly graceMs: number
  readonly lookMs: number
}

const USUAL_PACE: ClientPace = { leastRate: LEAST_RATE, graceMs: GRACE_MS, lookMs: LOOK_MS }

/**
 * Changes how a stream goes to a response when it is piped into it directly. If a plugin of the program puts another stream between them,
 * such as a compression, nothing changes: that stream may keep chunks for as long as it likes.
 *
 * @returns the same stream.
 */
export function inChunks(source: Readable, response: ServerResponse, pace: ClientPace = USUAL_PACE): Readable {
  const usual = source.pipe.bind(source)
  const pipe = (<T extends NodeJS.WritableStream>(target: T, options?: { readonly end?: boolean | undefined }): T => {
    if ((target as NodeJS.WritableStream) !== response) return usual(target, options)
    sendChunks(source, response, { pace, ends: options?.end !== false })
    return target
  }) satisfies Readable['pipe']
  return Object.assign(source, { pipe })
}

interface Sending {
  readonly pace: ClientPace
  /** Whether the response ends with the stream. */
  readonly ends: boolean
}

/** Does what `pipe` does. Errors are for the caller: it ends the one when the other fails. */
function sendChunks(source: Readable, response: ServerResponse, { pace, ends }: Sending): void {
  // The client has gone while the file was opened: nothing more is heard of the response.
  if (response.destroyed) return void source.destroy()
  // Answers without a socket (`app.inject`) keep what is written.
  const isSent = response.socket instanceof Socket
  const client = openClient(response, pace)
  source.on('data', (chunk: Buffer) => {
    const { length } = chunk
    // Another listener may keep the chunk, so it is freed only if there is none.
    const isAlone = isSent && source.listenerCount('data') === 1
    const hasRoom = response.write(chunk, (error) => {
      if (error !== null && error !== undefined) return
      client.took(length)
      if (isAlone) freeChunk(chunk)
    })
    if (hasRoom) return
    client.wait()
    source.pause()
  })
  response.on('drain', () => {
    client.goOn()
    source.resume()
  })
  source.once('end', () => {
    if (ends) response.end()
  })
}

interface Client {
  readonly took: (bytes: number) => void
  /** The client is waited for from now on. */
  readonly wait: () => void
  readonly goOn: () => void
}

/** Counts only the time in which the client is waited for, not that in which the storage reads. */
function openClient(response: ServerResponse, { leastRate, graceMs, lookMs }: ClientPace): Client {
  let [bytes, waitedMs] = [0, 0]
  let since: number | null = null
  const timer = setInterval(() => {
    const ms = waitedMs + (since === null ? 0 : performance.now() - since)
    if (bytes < ((ms - graceMs) / 1000) * leastRate) response.destroy()
  }, lookMs).unref()
  response.once('close', () => clearInterval(timer))
  return {
    took(more) {
      bytes += more
    },
    wait() {
      since ??= performance.now()
    },
    goOn() {
      if (since !== null) waitedMs += performance.now() - since
      since = null
    },
  }
}
