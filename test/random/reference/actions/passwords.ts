/** The passwords of accounts in random rows, and their hashes. */

import { argon2Sync } from 'node:crypto'

/** The cost of hashes in these tests: the least that argon2id allows. */
export const HASH_COST = { memory: 8, passes: 1, lanes: 1 } as const

/** A password that a new account may have. */
export function passwordOf(n: number): string {
  return `Correct-horse-${n}-staple`
}

/** All passwords that accounts have. */
export const PASSWORDS: readonly string[] = Array.from({ length: 8 }, (_, n) => passwordOf(n))

/** A password that no new account may have. */
export const WEAK_PASSWORD = '1qaz2wsx3edc4rfv'

/** The hash of the password of a planted account. */
export function hashOf(password: string): string {
  const salt = Buffer.from('salt of the tests').subarray(0, 16)
  return `$argon2id$v=19$m=${HASH_COST.memory},t=${HASH_COST.passes},p=${HASH_COST.lanes}$${text(salt)}$${text(tagOf(password, salt, 32))}`
}

/** Whether a stored hash is that of a password. */
export function isPassword(password: string, stored: unknown): boolean {
  const [, , , , salt = '', tag = ''] = String(stored).split('$')
  const known = Buffer.from(tag, 'base64')
  return known.length > 0 && tagOf(password, Buffer.from(salt, 'base64'), known.length).equals(known)
}

function tagOf(message: string, nonce: Buffer, tagLength: number): Buffer {
  const { memory, passes, lanes: parallelism } = HASH_COST
  return argon2Sync('argon2id', { message, nonce, parallelism, tagLength, memory, passes })
}

function text(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
