/** All mutants of a model. The same model and cases give the same mutants in the same order. */

import type { Model } from '../../../model/model.ts'
import type { CasePlan } from '../../cases/cases-of.ts'
import type { Mutant } from '../mutant.ts'
import { databaseMutants } from '../plants/database-mutants.ts'
import { eventMutants } from '../plants/event-mutants.ts'
import { exchangeMutants } from '../plants/exchange-mutants.ts'
import { fieldMutants } from '../plants/field-mutants.ts'
import { listMutants } from '../plants/list-mutants.ts'
import { signInMutants } from '../plants/sign-in-mutants.ts'
import { actionMutants } from '../rules/action-mutants.ts'
import { ruleMutants, unguardedGraphql } from '../rules/rule-mutants.ts'
import { stepMutants } from '../rules/step-mutants.ts'

/** Plans the mutants. @param plan the cases: a rule can be lost at each door that has one. */
export function mutantsOf(model: Model, plan: Pick<CasePlan, 'cases' | 'probes'>): readonly Mutant[] {
  const claims = new Set(plan.probes.map(({ claim }) => claim))
  const all = [
    ...ruleMutants(model, plan),
    ...unguardedGraphql(model, plan),
    ...actionMutants(model, claims),
    ...stepMutants(model, claims),
    ...fieldMutants(model),
    ...databaseMutants(model),
    ...eventMutants(model),
    ...signInMutants(model),
    ...exchangeMutants(model),
    ...listMutants(model),
  ]
  const seen = new Map<string, number>()
  return all.map((mutant) => {
    const nth = (seen.get(mutant.name) ?? 0) + 1
    seen.set(mutant.name, nth)
    return nth === 1 ? mutant : { ...mutant, name: `${mutant.name}#${nth}` }
  })
}
