/**
 * Passwords at rest: argon2id (RFC 9106) at the cost that OWASP's Password Storage Cheat Sheet asks for, computed by Node off the main thread, a few at a
 * time. A verification takes the same work whether the account exists or not.
 */

import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { failure } from '../../../base/failure.ts'
import { type Gate, openGate } from './concurrency-limit.ts'
import { MAX_PASSWORD_BYTES, preparePassword } from './password-text.ts'
import { formatPhc, type HashCost, type PasswordHash, parsePhc } from './phc.ts'

/** 19 MiB, two passes, one lane. */
export const ARGON2ID: HashCost = { memory: 19_456, passes: 2, lanes: 1 }

const SALT_BYTES = 16
const TAG_BYTES = 32

/** Work that may wait for its turn; beyond, callers get 503. */
const WAITING = 64
/** Node's thread pool has four threads unless it is told otherwise; one stays free for files and names. */
const POOL_THREADS = 3

export interface PasswordOptions {
  readonly cost: HashCost
  /** Hashes computed at once. */
  readonly running: number
}

/** One processor stays free for requests that need no hash. */
export const DEFAULT_PASSWORD_OPTIONS: PasswordOptions = {
  cost: ARGON2ID,
  running: Math.max(1, Math.min(availableParallelism() - 1, POOL_THREADS)),
}

/** What comparing a password with a stored hash showed. `unreadable`: the hash is not one of ours, so nothing can match it. */
export type Verdict = 'right' | 'wrong' | 'unreadable'

export interface Passwords {
  /** The hash to store, of a fresh salt. @throws Failure overloaded; malformed_request for what cannot be a password at all. */
  readonly hash: (password: string) => Promise<string>
  /** Compares in constant time. `stored` is null for an unknown account: the same work, and wrong. @throws Failure overloaded. */
  readonly verify: (password: string, stored: string | null) => Promise<Verdict>
  /** True when a readable hash costs less than new ones do. */
  readonly needsRehash: (stored: string) => boolean
}

/** Opens the hashing of one process: its cost and its limits. */
export function openPasswords(options: PasswordOptions): Passwords {
  const gate = openGate({ running: options.running, waiting: WAITING })
  // Compared with when there is no account; never equal to anything, as nobody knows a password whose hash these random bytes are.
  const nobody: PasswordHash = { cost: options.cost, salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) }
  return {
    hash: async (password) => {
      const prepared = preparePassword(password)
      if (prepared.kind === 'refused')
        throw failure('malformed_request', { what: `a password has 1 to ${MAX_PASSWORD_BYTES} bytes of well-formed text` })
      const salt = randomBytes(SALT_BYTES)
      const tag = await compute(gate, prepared.bytes, { cost: options.cost, salt, tagBytes: TAG_BYTES })
      return formatPhc({ cost: options.cost, salt, tag })
    },
    verify: async (password, stored) => {
      const prepared = preparePassword(password)
      // Decided by what was sent alone, so it tells nothing of the account.
      if (prepared.kind === 'refused') return 'wrong'
      const known = stored === null ? null : parsePhc(stored)
      const against = known ?? nobody
      const tag = await compute(gate, prepared.bytes, { cost: against.cost, salt: against.salt, tagBytes: against.tag.length })
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

interface Work {
  readonly cost: HashCost
  readonly salt: Buffer
  readonly tagBytes: number
}

function compute(gate: Gate, message: Buffer, { cost, salt, tagBytes }: Work): Promise<Buffer> {
  const parameters = { message, nonce: salt, parallelism: cost.lanes, tagLength: tagBytes, memory: cost.memory, passes: cost.passes }
  return gate(
    () =>
      new Promise((resolve, reject) => {
        argon2('argon2id', parameters, (error, tag) => (error === null ? resolve(tag) : reject(error)))
      }),
  )
}
