/** The lines that a run shows while it goes on, and the digest of its design. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type CaseResult, hasAsked } from '../../../verify/run/case-result.ts'

/** What was done, and for how many milliseconds. */
export function line(name: string, text: string, ms: number): string {
  return `  ${name.padEnd(12)}  ${text.padEnd(52)} ${(ms / 1_000).toFixed(1)} s`
}

const FIRST_GUESS_MS = 3_000

/**
 * Which part was asked, and how long the rest may take as far as the beginning shows. The number of cases is known at the end: answers are
 * judged as they come.
 *
 * @param ms since the first case.
 */
export function runningText(done: number, total: number, ms: number): string {
  const left = ms < FIRST_GUESS_MS ? '' : `, about ${Math.ceil(((ms / done) * (total - done)) / 1_000)} s left`
  return `  ${'asking'.padEnd(12)}  ${Math.floor((done / total) * 100)} %${left}`
}

/** How many cases of each family passed, as the report counts them. */
export function familyLines(results: readonly CaseResult[]): readonly string[] {
  return [...Map.groupBy(results.filter(hasAsked), (result) => result.case.claim.split('/')[0] ?? '')].map(([family, own]) => {
    const passed = own.filter(({ wrong }) => wrong === null)
    const ms = own.reduce((sum, one) => sum + one.ms, 0)
    return line(family, `${passed.length} of ${own.length} cases`, ms)
  })
}

/** The SHA-256 of the files of a design, as they are now. */
export function designDigest(files: readonly string[]): string {
  return digestOfContents(files.map((file) => readFileSync(file)))
}

/** The same of what was read of them. */
export function digestOfContents(contents: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const content of contents) hash.update(content).update('\0')
  return hash.digest('hex')
}
