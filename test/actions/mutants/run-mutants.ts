/**
 * Drops each condition and each lock of the bank, the shop and the school in turn, and runs their tests. Every mutant must make a test
 * fail. `node --conditions=source test/actions/mutants/run-mutants.ts [pattern]` runs the mutants whose names match the pattern.
 */

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { locksOf } from '../../../src/compile/actions/locks.ts'
import { readDesign } from '../../../src/design/read/read.ts'
import { resolveDesign } from '../../../src/design/resolve/resolve.ts'
import { mutantsOf } from './mutants.ts'

const FOLDER = join(import.meta.dirname, '..')
const DESIGNS = ['bank', 'shop', 'school'] as const
/** Mutants that change nothing that a caller or another transaction could notice, each with the reason. */
const EQUIVALENT: readonly { readonly label: string; readonly reason: string }[] = [
  // The addition is made to the stock that the update finds when it has waited.
  { label: 'shop: Order.cancel: lock 1', reason: 'the lock only keeps two cancellations from a deadlock, which would be tried again' },
  { label: 'school: Course.resize: lock 0', reason: 'the check of the places locks the course again before the step that changes it' },
]
const TIME_LIMIT_MS = 120_000

/** Whether a test fails with the mutant; null for the design with all its conditions and locks. */
function isNoticed(design: string, index: number | null): boolean {
  const env = { ...process.env, DESIGN: design, ...(index === null ? {} : { MUTANT: String(index) }) }
  const hook = join(import.meta.dirname, 'hook.ts')
  const files = ['mutants/guards.test.ts', 'mutants/waiting.test.ts', `${design}.test.ts`].map((file) => join(FOLDER, file))
  return files.some((file) => {
    const args = ['--conditions=source', '--import', hook, '--test', file]
    return spawnSync(process.execPath, args, { env, stdio: 'ignore', timeout: TIME_LIMIT_MS }).status !== 0
  })
}

const [pattern = ''] = process.argv.slice(2)
let survivors = 0
for (const design of DESIGNS) {
  const read = await readDesign(join(FOLDER, 'designs', `${design}.yaml`))
  const model = read.ok ? resolveDesign(read.design, read.source).model : null
  if (model === null) throw new Error(`${design} has no model`)
  if (isNoticed(design, null)) throw new Error(`a test of the ${design} fails without a mutant`)
  for (const [index, { name }] of mutantsOf(model, locksOf).entries()) {
    const label = `${design}: ${name}`
    if (!new RegExp(pattern).test(label)) continue
    const reason = EQUIVALENT.find((one) => label.startsWith(`${one.label} `))?.reason
    const outcome = reason === undefined ? (isNoticed(design, index) ? 'noticed' : 'SURVIVES') : `equivalent: ${reason}`
    if (outcome === 'SURVIVES') survivors++
    console.log(`${label}: ${outcome}`)
  }
}
console.log(`${survivors} mutants survive`)
process.exitCode = survivors === 0 ? 0 : 1
