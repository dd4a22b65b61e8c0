/** The transition of a called action, as steps. */

import { FAILURES } from '../../base/failure.ts'
import type { Action, ActionStep, CallStep } from '../../model/action.ts'
import { type Predicate, type RowPath, scalarType, type Term } from '../../model/expression.ts'

/** The steps that move the state of the row: the checks of the state and of the guard, and the update. Empty for other actions. */
export function transitionSteps({ transition, name, entity }: Action, call: CallStep, guard: Predicate | null): readonly ActionStep[] {
  const { on, at, when } = call
  if (transition === null || on === null || entity === null) return []
  const base = { at, as: null, when, each: null, moves: true } as const
  const { status, detail } = FAILURES.illegal_transition
  const isFrom: Predicate = { kind: 'any', of: transition.from.map((state) => isState(on, transition.field, state)) }
  const message = detail({ entity, state: '', transition: name })
  const steps: readonly ActionStep[] = [
    { ...base, verb: 'require', condition: isFrom, source: transition.field, else: { code: 'illegal_transition', status, message } },
    {
      ...base,
      verb: 'update',
      target: { kind: 'row', row: on },
      entity,
      where: { kind: 'const', value: true },
      set: [{ field: transition.field, value: { kind: 'literal', type: scalarType('text'), value: transition.to }, ifSent: null }],
    },
  ]
  if (guard === null) return steps
  const guarded: ActionStep = { ...base, verb: 'require', condition: guard, source: transition.guardSource ?? '', else: null }
  return [...steps.slice(0, 1), guarded, ...steps.slice(1)]
}

function isState(row: RowPath, field: string, state: string): Predicate {
  const type = scalarType('text')
  const value: Term = { kind: 'field', type, row, field }
  return { kind: 'compare', op: '=', left: value, right: { kind: 'literal', type, value: state } }
}
