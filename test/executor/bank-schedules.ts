/** Random calls of the bank's callers, to be made at the same moment. */

import fc from 'fast-check'
import { CALLERS, type Call, type CallerName, CODES, GROUPS, NAMES, SLOW } from './bank.ts'

const caller = fc.constantFrom<CallerName>(...CALLERS, 'ann', 'bob', 'root')
const name = fc.constantFrom(...NAMES)
const ifVersion = fc.option(fc.integer({ min: 1, max: 3 }), { nil: null, freq: 3 })
const balance = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 100 }) },
  { weight: 1, arbitrary: fc.constantFrom(-1, 101, SLOW) },
)
const code = fc.constantFrom(...CODES)
const change = fc.oneof(
  { weight: 4, arbitrary: fc.record({ add: fc.constantFrom(-30, -1, 1, 1, 50) }) },
  { weight: 2, arbitrary: fc.record({ balance }) },
  { weight: 2, arbitrary: fc.record({ code }) },
  { weight: 1, arbitrary: fc.record({ open: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ frozen: fc.boolean(), add: fc.constantFrom(1, -1) }) },
)
const unnamed = fc.record({ code, balance, name: fc.constant('') })
const changes = fc.record({ kind: fc.constant('change' as const), caller, name, change, ifVersion })
const adds = fc.record({
  kind: fc.constant('change' as const),
  caller: fc.constantFrom<CallerName>('ann', 'bob'),
  name,
  change: fc.record({ add: fc.constantFrom(-30, 1, 50) }),
  ifVersion,
})
const codes = fc.record({
  kind: fc.constant('change' as const),
  caller: fc.constant<CallerName>('root'),
  name,
  change: fc.record({ code }),
  ifVersion,
})
const creates = fc.record({ kind: fc.constant('create' as const), caller, rows: fc.array(unnamed, { minLength: 1, maxLength: 1 }) })
const manyCreates = fc.record({ kind: fc.constant('create' as const), caller, rows: fc.array(unnamed, { minLength: 2, maxLength: 3 }) })
const deletes = fc.record({ kind: fc.constant('delete' as const), caller, name, ifVersion })
const gets = fc.record({ kind: fc.constant('get' as const), caller, name })
const lists = fc.record({ kind: fc.constant('list' as const), caller })
const lines = fc.record({ kind: fc.constant('line' as const), caller, name: fc.constant(''), account: name })
// All calls use the same order, so that no two of them deadlock.
const transfers = fc.record({
  kind: fc.constant('transfer' as const),
  caller,
  from: fc.constantFrom('a0', 'a1'),
  to: fc.constantFrom('a2', 'a3'),
  amount: fc.constantFrom(5, 30),
})
/** The calls that take long in schedules with slow calls. */
const slowChanges = fc.record({
  kind: fc.constant('change' as const),
  caller: fc.constantFrom<CallerName>('root', 'ann'),
  name,
  change: fc.constantFrom({ balance: SLOW }, { add: 50 }, { add: 30 }),
  ifVersion: fc.constant(null),
})
const slowCreates = fc.record({
  kind: fc.constant('create' as const),
  caller: fc.constantFrom<CallerName>('root', 'ann'),
  rows: fc.array(fc.record({ code, balance: fc.constantFrom(SLOW, 1, 101), name: fc.constant('') }), { minLength: 1, maxLength: 2 }),
})
/** A rule that counts rows is exact only for sequential calls, for example over one connection. */
const slots = fc.record({ kind: fc.constant('slot' as const), caller, name: fc.constant(''), group: fc.constantFrom(...GROUPS) })

export interface Setting {
  readonly connections: number
  /** Whether some calls exceed the timeout of a statement. There are then fewer calls, because the test waits for them. */
  readonly slow: boolean
}

/** Calls of all kinds, or many calls of few kinds, which then merge. */
export function schedules({ connections, slow }: Setting): fc.Arbitrary<readonly Call[]> {
  const sized = { minLength: slow ? 6 : 3, maxLength: slow ? 10 : 20, size: 'max' } as const
  const kinds = [
    changes,
    changes,
    changes,
    creates,
    manyCreates,
    deletes,
    gets,
    lists,
    lines,
    transfers,
    ...(connections === 1 ? [slots] : []),
    ...(slow ? [slowChanges, slowChanges, slowCreates] : []),
  ] as const
  const few = [
    [adds],
    [codes],
    [creates],
    [deletes, gets],
    [lines, deletes],
    [adds, gets, lists],
    [gets, transfers],
    ...(connections === 1 ? [[slots]] : []),
    ...(slow
      ? [
          [adds, slowChanges],
          [creates, slowCreates],
          [transfers, slowChanges, gets],
        ]
      : []),
  ]
  return fc.oneof(fc.array(fc.oneof(...kinds), sized), ...few.map((some) => fc.array(fc.oneof(...some), sized)))
}

/** Each new row has a unique name, by which the test finds it. */
export function named(calls: readonly Call[]): readonly Call[] {
  return calls.map((call, i): Call => {
    if (call.kind === 'create') return { ...call, rows: call.rows.map((row, j) => ({ ...row, name: `n${i}.${j}` })) }
    return call.kind === 'line' || call.kind === 'slot' ? { ...call, name: `n${i}` } : call
  })
}
