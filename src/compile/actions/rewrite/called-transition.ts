/** The steps of a call of a transition: they check that the row may move, and move its state. */

import { FAILURES } from '../../../base/failures/failure-catalogue.ts'
import type { Action, ActionStep, CallStep } from '../../../model/action.ts'
import { type Predicate, type RowPath, scalarType, type Term } from '../../../model/expression.ts'

/**
 * The step that stops the call of a transition on a row that is not there: the caller may not read it, or an earlier step has deleted it.
 * `deleted` are the entities of which earlier steps delete rows. Empty for other actions.
 */
export function thereStep(
  called: Action,
  { on, at, when, each }: CallStep,
  { as, deleted }: { readonly as: Action['as']; readonly deleted: ReadonlySet<string> },
): readonly ActionStep[] {
  const { transition } = called
  if (transition === null || on === null) return []
  const step = (condition: Predicate): readonly ActionStep[] => [{ ...illegal(called), at, as: null, when, each, condition }]
  if (as === 'caller') return step({ kind: 'can', operation: 'read', row: on })
  if (on.hops.length > 0 || !deleted.has(on.entity)) return []
  // A deleted row keeps its last values under its names. Behind the reference `id`, the row is read from its table.
  const row: RowPath = { ...on, hops: [{ field: 'id', entity: on.entity }] }
  return step({ kind: 'not', of: { kind: 'missing', of: { kind: 'field', type: scalarType('text'), row, field: transition.field } } })
}

/** A `require` whose failure is that of an illegal transition. */
function illegal({ transition, entity, name }: Action) {
  const { status, detail } = FAILURES.illegal_transition
  const message = detail({ entity: entity ?? '', state: '', transition: name })
  return { verb: 'require', source: transition?.field ?? '', else: { code: 'illegal_transition', status, message } } as const
}

/** The steps that move the state of the row: the checks of the state and of the guard, and the update. Empty for other actions. */
export function transitionSteps(called: Action, call: CallStep, guard: Predicate | null): readonly ActionStep[] {
  const { transition, entity } = called
  const { on, at, when, each } = call
  if (transition === null || on === null || entity === null) return []
  const base = { at, as: null, when, each, moves: true } as const
  const isFrom: Predicate = { kind: 'any', of: transition.from.map((state) => isState(on, transition.field, state)) }
  const steps: readonly ActionStep[] = [
    { ...base, ...illegal(called), condition: isFrom },
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
