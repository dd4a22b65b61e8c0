/** The bytes of a file as they arrive, with limits of time: a sender who is silent or slow holds a place that other senders need. */

import { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { freeChunk } from '../../base/bytes/free-chunk.ts'
import { FileRefused } from './file-refused.ts'

/** Milliseconds without a byte after which a sender is given up, and for the whole file. */
const IDLE_MS = 30_000
const WHOLE_MS = 3_000_000
/** The fewest bytes a second of a sender on average unless given, and the milliseconds of waiting after which it is judged. */
const LEAST_RATE = 8_192
const GRACE_MS = 60_000

/** What chunks are measured by. */
export interface Timing {
  /** The clock, in milliseconds. */
  readonly now?: () => number
  /** The fewest bytes a second that the sender has to send now, on average. */
  readonly leastRate?: () => number
}

/**
 * The chunks of a source. The source stays open when its reader ends early or the sender is given up, so that the sender can get an answer.
 * Time in which the storage writes does not count. Its reader must end it (`return`), which ends the limits of time. A chunk
 * of a request is freed when the next one is asked for.
 *
 * @throws FileRefused when the sender disconnects, is silent or slow.
 */
export async function* timedChunks(source: Readable, timing: Timing = {}): AsyncGenerator<Buffer> {
  const { now = () => performance.now(), leastRate = () => LEAST_RATE } = timing
  const chunks = source.iterator({ destroyOnReturn: false })
  const end = now() + WHOLE_MS
  let [bytes, waitedMs, isWaiting] = [0, 0, false]
  try {
    for (;;) {
      const began = now()
      isWaiting = true
      const { done, value } = await inTime(chunks.next(), Math.min(IDLE_MS, end - began))
      isWaiting = false
      if (done === true) return
      bytes += (value as Buffer).length
      waitedMs += now() - began
      if (bytes < ((waitedMs - GRACE_MS) / 1000) * leastRate()) throw new FileRefused('too-slow')
      yield value as Buffer
      // Other sources give away memory of their own, such as the payload of a request without a socket.
      if (source instanceof IncomingMessage) freeChunk(value as Buffer)
    }
  } catch (error) {
    throw error instanceof FileRefused ? error : new FileRefused('cut-off')
  } finally {
    // A source that is waited for cannot end its iterator before its next byte.
    if (!isWaiting) await chunks.return?.()
  }
}

/** @throws FileRefused `too-slow` for work that takes longer. */
async function inTime<T>(work: Promise<T>, withinMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new FileRefused('too-slow')), Math.max(0, withinMs)).unref()
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    // The work may fail later, when nobody waits for it.
    work.catch(() => {})
  }
}
