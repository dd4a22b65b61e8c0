/** Mutants of actions and transitions: who may call them, and from which states. */

import type { Action } from '../../../model/action.ts'
import { ALWAYS, NEVER, type Predicate } from '../../../model/expression.ts'
import type { Model } from '../../../model/model.ts'
import { isAlways, isNever } from '../../../model/predicate.ts'
import type { Transition } from '../../../model/workflow.ts'
import { labelOf } from '../../families/action-cases.ts'
import type { MutantKind } from '../kinds.ts'
import type { Mutant } from '../mutant.ts'
import { type ChoicesOf, ruleChanges } from './rule-changes.ts'
import { choicesIn } from './rule-mutants.ts'

/** All mutants of the actions that have cases. @param claims the claims of the cases. */
export function actionMutants(model: Model, claims: ReadonlySet<string>): readonly Mutant[] {
  const choices = choicesIn(model)
  // Code may do what cannot be put back, so it is not opened to callers who must be refused.
  const asked = model.actions.filter((action) => action.run === null && claims.has(claimOf(action)))
  return asked.flatMap((action) => [...allowed(action, choices), ...transitions(model, action)])
}

function claimOf(action: Action): string {
  return `actions/${labelOf(action)}`
}

interface Changed {
  readonly kind: MutantKind
  readonly detail: string
  readonly what: string
  readonly change: (action: Action) => Partial<Action>
  /** The changed `allow`; null where something else is changed. */
  readonly allow: Predicate | null
}

function mutantOf(action: Action, { kind, detail, what, change, allow }: Changed): Mutant {
  const label = labelOf(action)
  return {
    name: `mutants/${kind}/${label}${detail === '' ? '' : `/${detail}`}`,
    kind,
    what: `${label}: ${what}`,
    entity: action.entity ?? '',
    claims: [claimOf(action)],
    doors: null,
    plant: {
      kind: 'model',
      change: (model) => ({
        ...model,
        actions: model.actions.map((one) => (one.entity === action.entity && one.name === action.name ? { ...one, ...change(one) } : one)),
      }),
    },
    rule: allow === null ? null : { claim: claimOf(action), before: action.allow, after: allow },
  }
}

function allowed(action: Action, choices: ChoicesOf): readonly Mutant[] {
  const { allow } = action
  const withRule = (kind: MutantKind, detail: string, what: string, rule: Predicate): Mutant =>
    mutantOf(action, { kind, detail, what, change: () => ({ allow: rule }), allow: rule })
  return [
    ...ruleChanges(allow, choices).map(({ kind, at, what, rule }) => withRule(kind, at, what, rule)),
    ...(isAlways(allow) ? [] : [withRule('action-opened', '', 'everybody may call it', ALWAYS)]),
    ...(isNever(allow) ? [] : [withRule('action-closed', '', 'nobody may call it', NEVER)]),
  ]
}

function transitions(model: Model, action: Action): readonly Mutant[] {
  const { transition, entity } = action
  if (transition === null) return []
  const type = model.entities.find(({ name }) => name === entity)?.fields.find(({ name }) => name === transition.field)?.type
  const states = type?.kind === 'choice' ? type.values : []
  const moved = (kind: MutantKind, detail: string, what: string, next: Partial<Transition>): Mutant =>
    mutantOf(action, { kind, detail, what, change: () => ({ transition: { ...transition, ...next } }), allow: null })
  return [
    ...states
      .filter((state) => !transition.from.includes(state))
      .map((state) => moved('transition-widened', state, `it is also possible from ${state}`, { from: [...transition.from, state] })),
    ...transition.from
      .filter(() => transition.from.length > 1)
      .map((state) =>
        moved('transition-narrowed', state, `it is not possible from ${state}`, { from: transition.from.filter((one) => one !== state) }),
      ),
  ]
}
