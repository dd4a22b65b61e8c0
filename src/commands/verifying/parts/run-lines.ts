/** The lines that a run shows while it goes on, and the digest of its design. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { CaseResult } from '../../../verify/run/case-result.ts'

/** What was done, and for how many milliseconds. */
export function line(name: string, text: string, ms: number): string {
  return `  ${name.padEnd(12)}  ${text.padEnd(52)} ${(ms / 1_000).toFixed(1)} s`
}

const FIRST_GUESS_MS = 3_000

/** What is asked at the moment, and how long it may take as far as the beginning shows. @param ms since the first case. */
export function runningText(done: number, total: number, ms: number): string {
  const left = ms < FIRST_GUESS_MS ? '' : `, about ${Math.ceil(((ms / done) * (total - done)) / 1_000)} s left`
  return `  ${'asking'.padEnd(12)}  ${done} of ${total} cases${left}`
}

/** How many cases of a family passed. */
export function familyLine(family: string, own: readonly CaseResult[]): string {
  const passed = own.filter(({ wrong }) => wrong === null)
  return line(
    family,
    `${passed.length} of ${own.length} cases`,
    own.reduce((sum, { ms }) => sum + ms, 0),
  )
}

/** The SHA-256 of the files of a design. */
export function designDigest(files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}
