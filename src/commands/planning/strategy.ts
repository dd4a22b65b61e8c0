/** The testing strategy of a design: the cases that `plinth verify` asks, by family. */

import type { Model } from '../../model/model.ts'
import type { CasePlan } from '../../verify/cases/cases-of.ts'
import type { WrittenDesign } from '../../verify/expected/written-design.ts'
import { allCasesOf } from '../../verify/families/all-cases.ts'
import { count } from '../terminal/layout.ts'

/** The strategy. */
export interface Strategy {
  /** The kinds of caller: `anonymous`, and every role. */
  readonly callers: readonly string[]
  readonly kinds: readonly StrategyKind[]
  readonly total: number
}

/** A family of cases. */
export interface StrategyKind {
  readonly kind: string
  readonly cases: number
  /** What the cases show, for people. */
  readonly from: string
}

/** Counts the cases that `plinth verify` would ask, with the same function; families without cases are left out. Deterministic. */
export function strategyOf(design: WrittenDesign, model: Model): Strategy {
  // No case is asked here, so no password is needed.
  const plan = allCasesOf(design, model, '')
  const all = [...plan.cases, ...plan.probes, ...plan.messages]
  const kinds = [...Map.groupBy(all, ({ claim }) => claim.split('/')[0] ?? '')].map(
    ([kind, of]): StrategyKind => ({ kind, cases: of.length, from: shownBy(plan, kind) }),
  )
  return { callers: callerNames(model), kinds, total: all.length }
}

/** Returns the kinds of caller that a rule can distinguish by role. */
export function callerNames(model: Model): readonly string[] {
  const { identity } = model
  if (identity === null) return ['anonymous']
  const entity = model.entities.find((e) => e.name === identity.entity)
  const role = entity?.fields.find((f) => f.name === identity.role)?.type
  return ['anonymous', ...(role?.kind === 'choice' ? role.values : ['signed in'])]
}

/** What the cases of a family show. */
function shownBy({ plans, values, families }: CasePlan, family: string): string {
  const sum = <T>(of: readonly T[], value: (one: T) => number): number => of.reduce((total, one) => total + value(one), 0)
  switch (family) {
    case 'access':
      return `${count(
        sum(plans, ({ reached }) => reached.length),
        'value',
      )} of the conditions of ${count(plans.length, 'rule')}, each through every door`
    case 'values': {
      const asked = values.filter((one) => one.asked.length > 0)
      return `${count(
        sum(asked, (one) => one.asked.length),
        'value',
      )} of ${count(asked.length, 'field')}`
    }
    case 'answers':
      return 'every operation, asked so that it refuses in each way; besides, every answer of all cases is compared with the documents'
    default: {
      const own = families.filter(({ id }) => id.startsWith(`${family}/`))
      return `${sum(own, ({ asked }) => asked.length)} ${own[0]?.what ?? ''}`
    }
  }
}
