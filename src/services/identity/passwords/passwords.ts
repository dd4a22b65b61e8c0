/**
 * Hashes passwords with argon2id (RFC 9106) at the cost that OWASP's Password Storage Cheat Sheet recommends. A few hashes are
 * computed at a time, on threads of their own. A verification takes the same work whether the account exists or not.
 */

import { randomBytes, timingSafeEqual } from 'node:crypto'
import { failure } from '../../../base/failure.ts'
import type { Client } from '../../../postgres/executor/client.ts'
import { type ConcurrencyLimit, limitConcurrency } from './concurrency-limit.ts'
import { HASH_THREADS, hashThreads, type TagWork } from './hash-threads.ts'
import { MAX_PASSWORD_BYTES, preparePassword } from './password-text.ts'
import { formatPhc, type HashCost, type PasswordHash, parsePhc } from './phc.ts'

/** 19 MiB, two passes, one lane. */
export const ARGON2ID: HashCost = { memory: 19_456, passes: 2, lanes: 1 }

const SALT_BYTES = 16
const TAG_BYTES = 32

/** The maximum number of waiting hashes; further callers get 503. */
const WAITING = 64

/** The cost of new hashes, and the concurrency. */
export interface PasswordOptions {
  readonly cost: HashCost
  /** The number of hashes that may run at this moment. */
  readonly running: () => number
}

/** The default. */
export const DEFAULT_PASSWORD_OPTIONS: PasswordOptions = { cost: ARGON2ID, running: () => HASH_THREADS }

/**
 * The result of comparing a password with a stored hash. `unreadable`: the stored text is not a hash of Plinth, so no password matches it.
 */
export type Verdict = 'right' | 'wrong' | 'unreadable'

/** Hashing and verification. */
export interface Passwords {
  /** Returns the hash to store, with a new salt. @throws Failure overloaded; malformed_request for an empty, too long or malformed text. */
  readonly hash: (password: string, client?: Client) => Promise<string>
  /**
   * Compares in constant time. `stored` is null for an unknown account; the work is then the same, and the result is `wrong`.
   *
   * @throws Failure overloaded.
   */
  readonly verify: (password: string, stored: string | null, client?: Client) => Promise<Verdict>
  /** Whether a readable hash costs less than new hashes do. */
  readonly needsRehash: (stored: string) => boolean
}

/** Opens the hashing of one process, with its cost and limits. */
export function openPasswords(options: PasswordOptions): Passwords {
  const limit = limitConcurrency({ running: options.running, waiting: WAITING })
  // Passwords for an unknown account are compared with this hash. It is random, so no known password matches it.
  const noAccount: PasswordHash = { cost: options.cost, salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) }
  return {
    hash: async (password, client) => {
      const prepared = preparePassword(password)
      if (prepared.kind === 'refused')
        throw failure('malformed_request', { what: `a password has 1 to ${MAX_PASSWORD_BYTES} bytes of well-formed text` })
      const salt = randomBytes(SALT_BYTES)
      const tag = await compute(limit, prepared.bytes, { cost: options.cost, salt, tagBytes: TAG_BYTES, client })
      return formatPhc({ cost: options.cost, salt, tag })
    },
    verify: async (password, stored, client) => {
      const prepared = preparePassword(password)
      // This result depends only on the request, so it reveals nothing about the account.
      if (prepared.kind === 'refused') return 'wrong'
      const known = stored === null ? null : parsePhc(stored)
      const against = known ?? noAccount
      const tag = await compute(limit, prepared.bytes, { cost: against.cost, salt: against.salt, tagBytes: against.tag.length, client })
      const equal = timingSafeEqual(tag, against.tag)
      if (stored !== null && known === null) return 'unreadable'
      return equal && known !== null ? 'right' : 'wrong'
    },
    needsRehash: (stored) => {
      const hash = parsePhc(stored)
      return hash !== null && (isWeaker(hash.cost, options.cost) || hash.salt.length < SALT_BYTES || hash.tag.length < TAG_BYTES)
    },
  }
}

function isWeaker(stored: HashCost, wanted: HashCost): boolean {
  return stored.memory < wanted.memory || stored.passes < wanted.passes
}

interface Work extends Omit<TagWork, 'message'> {
  /** The client of the work; absent for work of the server itself. */
  readonly client: Client | undefined
}

function compute(limit: ConcurrencyLimit, message: Buffer, { client, ...work }: Work): Promise<Buffer> {
  return limit(() => hashThreads.compute({ message, ...work }), client)
}
