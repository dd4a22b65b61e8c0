/**
 * Drops in turn each condition and each lock of the actions of some designs, and each part of the guards of their other writes, and runs
 * their tests. Every mutant must make a test fail. `node --conditions=source test/actions/mutants/run-mutants.ts [pattern]` runs the
 * mutants whose names match the pattern.
 */

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { locksBehind } from '../../../src/compile/actions/locks/behind-elements.ts'
import { locksOf } from '../../../src/compile/actions/locks/locks.ts'
import { readDesign } from '../../../src/design/read/read.ts'
import { resolveDesign } from '../../../src/design/resolve/resolve.ts'
import type { Model } from '../../../src/model/model.ts'
import { CARTS } from '../../checks/carts.ts'
import { COURSES } from '../../checks/courses.ts'
import { modelFrom } from '../../support/backend.ts'
import { type LocksOf, mutantsOf } from './mutants.ts'

const FOLDER = join(import.meta.dirname, '..')

interface MutatedDesign {
  readonly name: string
  readonly model: () => Promise<Model>
  /** The tests, from the folder of the tests of actions. */
  readonly tests: readonly string[]
  /** The mutants that the tests are for; all if absent. */
  readonly of?: RegExp
}

const WAITING = ['mutants/guards.test.ts', 'mutants/waiting.test.ts']
const WAITING_OF = {
  bank: WAITING,
  shop: WAITING,
  school: WAITING,
  helpdesk: ['mutants/waiting-helpdesk.test.ts'],
  saas: ['mutants/waiting-saas.test.ts'],
} as const
const DESIGNS: readonly MutatedDesign[] = [
  ...Object.entries(WAITING_OF).map(([name, waiting]) => ({ name, model: () => modelOf(name), tests: [...waiting, `${name}.test.ts`] })),
  // Only here does nothing else lock what `allow` and a `where` read.
  { name: 'courses', model: async () => modelFrom(COURSES), tests: ['../checks/exact-conditions.test.ts'] },
  // The locks of the items of a cart, and of the products behind them.
  { name: 'carts', model: async () => modelFrom(CARTS), tests: ['../checks/behind-elements.test.ts'], of: /: lock \d+ .*"elements"/ },
]

async function modelOf(name: string): Promise<Model> {
  const read = await readDesign(join(FOLDER, 'designs', `${name}.yaml`))
  const model = read.ok ? resolveDesign(read.design, read.source).model : null
  if (model === null) throw new Error(`${name} has no model`)
  return model
}

/** Mutants that change nothing that a caller or another transaction could notice, each with the reason. */
const EQUIVALENT: readonly { readonly label: string; readonly reason: string }[] = [
  // The addition is made to the stock that the update finds when it has waited.
  { label: 'shop: Order.cancel: lock 1', reason: 'the lock only keeps two cancellations from a deadlock, which would be tried again' },
  { label: 'school: create Course: keeps of the guard', reason: 'a new course has no enrolments, so it cannot break its check' },
  { label: 'school: create Course: judges of the guard', reason: 'a new course has no enrolments, so it cannot break its check' },
  { label: 'school: Course.resize: lock 0', reason: 'the check of the places locks the course again before the step that changes it' },
]
const TIME_LIMIT_MS = 120_000

/** Whether a test fails with the mutant; null for the design with all its conditions and locks. */
function isNoticed({ name, tests }: MutatedDesign, index: number | null): boolean {
  const env = { ...process.env, DESIGN: name, ...(index === null ? {} : { MUTANT: String(index) }) }
  const hook = join(import.meta.dirname, 'hook.ts')
  return tests.some((file) => {
    const args = ['--conditions=source', '--import', hook, '--test', join(FOLDER, file)]
    return spawnSync(process.execPath, args, { env, stdio: 'ignore', timeout: TIME_LIMIT_MS }).status !== 0
  })
}

const [pattern = ''] = process.argv.slice(2)
const counts = { noticed: 0, equivalent: 0, survive: 0 }
for (const design of DESIGNS) {
  const locks: LocksOf = (model, action) => [...locksOf(model, action), ...locksBehind(model, action)]
  const mutants = mutantsOf(await design.model(), locks).map(({ name }, index) => ({ label: `${design.name}: ${name}`, index }))
  const chosen = mutants.filter(({ label }) => new RegExp(pattern).test(label) && design.of?.test(label) !== false)
  if (chosen.length > 0 && isNoticed(design, null)) throw new Error(`a test of ${design.name} fails without a mutant`)
  for (const { label, index } of chosen) {
    const reason = EQUIVALENT.find((one) => label === one.label || label.startsWith(`${one.label} `))?.reason
    const outcome = reason !== undefined ? 'equivalent' : isNoticed(design, index) ? 'noticed' : 'survive'
    counts[outcome]++
    console.log(`${label}: ${outcome === 'survive' ? 'SURVIVES' : outcome}${reason === undefined ? '' : `: ${reason}`}`)
  }
}
console.log(`${counts.noticed} mutants are noticed, ${counts.equivalent} are equivalent, ${counts.survive} survive`)
process.exitCode = counts.survive === 0 ? 0 : 1
