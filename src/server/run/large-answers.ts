/**
 * Limits how many bytes of answers are under way at the same time. The text of an answer stays in memory until its client has taken it,
 * so clients that ask for large answers and do not read them could fill the memory.
 */

import type { ServerResponse } from 'node:http'
import { finished } from 'node:stream'
import { failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import { networkOf } from '../http/caller/caller-key.ts'
import type { HttpRequest } from '../http/request.ts'

/** An answer whose parts are made one after the other. */
export interface CollectedAnswer {
  /** Counts one more part. @throws Failure `overloaded` like `LargeAnswers.require`. */
  add(bytes: number): void
  /** Ends the count. */
  end(): void
}

/** Limits the large answers of one server. */
export interface LargeAnswers {
  /**
   * Checks that there is room for the answer to a request that has written nothing.
   *
   * @throws Failure `overloaded` when the answers under way, of all addresses or of this one, leave no room.
   */
  require(bytes: number, request: Pick<HttpRequest, 'ip'>): void
  /** Begins to count an answer that is made in parts. The caller must end the count. */
  collect(request: Pick<HttpRequest, 'ip'>): CollectedAnswer
  /** Counts an answer until its connection has taken it or is closed. A client that takes it too slowly is disconnected. */
  hold(bytes: number, request: Pick<HttpRequest, 'ip'>, response: ServerResponse): void
}

/** A smaller answer is not counted. */
const LARGE_BYTES = 65_536

/** Eight of the largest answers; a quarter of them for one address. */
const MOST_BYTES = 8 * LIMITS.answerBytes
const MOST_BYTES_OF_ADDRESS = 2 * LIMITS.answerBytes

/** How long an answer may take: half a minute, and the time that its bytes take at a megabit a second. */
const LEAST_MS = 30_000
const BYTES_PER_MS = 128

/** Opens the limit of one server. */
export function openLargeAnswers(): LargeAnswers {
  let used = 0
  const usedBy = new Map<string, number>()

  function add(bytes: number, address: string): void {
    used += bytes
    const own = (usedBy.get(address) ?? 0) + bytes
    if (own === 0) usedBy.delete(address)
    else usedBy.set(address, own)
  }

  function requireRoom(bytes: number, address: string): void {
    const own = (usedBy.get(address) ?? 0) + bytes
    if (used + bytes > MOST_BYTES || own > MOST_BYTES_OF_ADDRESS) throw failure('overloaded', {}, 'too many large answers at once')
  }

  return {
    require(bytes, { ip }) {
      if (bytes >= LARGE_BYTES) requireRoom(bytes, networkOf(ip))
    },
    collect({ ip }) {
      const address = networkOf(ip)
      let made = 0
      let counted = 0
      return {
        add(bytes) {
          made += bytes
          if (made < LARGE_BYTES) return
          requireRoom(made - counted, address)
          add(made - counted, address)
          counted = made
        },
        end() {
          if (counted > 0) add(-counted, address)
        },
      }
    },
    hold(bytes, { ip }, response) {
      if (bytes < LARGE_BYTES || response.destroyed) return
      const address = networkOf(ip)
      add(bytes, address)
      const timer = setTimeout(() => response.destroy(), LEAST_MS + bytes / BYTES_PER_MS)
      // A response that no socket carries finishes, but never closes.
      finished(response, () => {
        clearTimeout(timer)
        add(-bytes, address)
      })
    },
  }
}
