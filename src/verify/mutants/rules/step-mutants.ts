/** Mutants of what actions do: steps that are left out, conditions that are not asked, and the rights of steps. */

import type { Action, ActionStep } from '../../../model/action.ts'
import { ALWAYS } from '../../../model/expression.ts'
import type { Model } from '../../../model/model.ts'
import { writtenLabel } from '../../fold/written-actions.ts'
import type { MutantKind } from '../kinds.ts'
import type { Mutant } from '../mutant.ts'

/** Steps whose effect the cases about effects compare. */
const COMPARED: ReadonlySet<string> = new Set(['create', 'ensure', 'update', 'delete', 'enqueue'])

/** All mutants of the steps of actions whose effects have cases. @param claims the claims of the cases */
export function stepMutants(model: Model, claims: ReadonlySet<string>): readonly Mutant[] {
  return model.actions.flatMap((action) => {
    const about = [...callersOf(model, action)].map((one) => `effects/${writtenLabel(one)}`).filter((claim) => claims.has(claim))
    return about.length === 0 ? [] : ofAction(action, about)
  })
}

/** An action, and those that call it, also through others. */
function callersOf({ actions }: Model, action: Action): ReadonlySet<Action> {
  const found = new Set([action])
  for (const one of found) {
    const calls = (step: ActionStep): boolean => step.verb === 'call' && step.action.entity === one.entity && step.action.name === one.name
    for (const other of actions) if (other.steps.some(calls)) found.add(other)
  }
  return found
}

function ofAction(action: Action, claims: readonly string[]): readonly Mutant[] {
  const label = writtenLabel(action)
  const mutant = (kind: MutantKind, detail: string, what: string, change: (one: Action) => Partial<Action>): Mutant => ({
    name: `mutants/${kind}/${label}${detail}`,
    kind,
    what: `${label}: ${what}`,
    entity: action.entity ?? '',
    claims,
    doors: null,
    plant: {
      kind: 'model',
      change: (model) => ({
        ...model,
        actions: model.actions.map((one) => (one.entity === action.entity && one.name === action.name ? { ...one, ...change(one) } : one)),
      }),
    },
    rule: null,
  })
  const withStep = (i: number, next: readonly ActionStep[]) => (one: Action) => ({ steps: one.steps.toSpliced(i, 1, ...next) })
  const ofSteps = action.steps.flatMap((step, i): readonly Mutant[] => {
    const at = `/${i + 1}`
    return [
      ...(COMPARED.has(step.verb) && step.as === null
        ? [mutant('step-skipped', at, `step ${i + 1} (${step.verb}) is left out`, withStep(i, []))]
        : []),
      ...(step.verb === 'require'
        ? [mutant('requirement-ignored', at, `step ${i + 1} requires nothing`, withStep(i, [{ ...step, condition: ALWAYS }]))]
        : []),
      ...(step.when === null
        ? []
        : [mutant('step-condition-ignored', at, `step ${i + 1} is done in any case`, withStep(i, [{ ...step, when: null }]))]),
    ]
  })
  const writes = action.steps.some(({ verb }) => COMPARED.has(verb) && verb !== 'enqueue')
  return [
    ...ofSteps,
    ...(action.as === 'system' && action.allowSource !== null && writes
      ? [mutant('rights-narrowed', '', 'its steps have the rights of the caller alone', () => ({ as: 'caller' }))]
      : []),
  ]
}
