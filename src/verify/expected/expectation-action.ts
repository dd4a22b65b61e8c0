/** What the reference expects before the first step of an action: who may call it, and in which states a row can be moved. */

import type { Action } from '../../model/action.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import { changedRow } from './expectation-write.ts'
import type { ExpectedChange } from './expected.ts'
import type { ReferenceBackend } from './reference.ts'

/** A call of an action with an input that has the right form. */
export interface AskedAction {
  readonly user: string | null
  readonly action: Action
  /** The author's text of `allow`. */
  readonly allow: string
  /** The row of an action of an entity; null for an action of the design. */
  readonly row: PlainRow | null
}

/** The answer to a call: a refusal before the first step, a transition whose effect is known, or whatever the steps lead to. */
export type ExpectedCall =
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly why: string }
  | { readonly kind: 'moved'; readonly change: ExpectedChange; readonly why: string }
  | { readonly kind: 'begins'; readonly why: string }

/** Judges a call in the order of the reference of actions: the caller, the row, `allow`, the state. */
export function expectCall(reference: ReferenceBackend, { user, action, allow, row }: AskedAction): ExpectedCall {
  const sight = reference.sightOf(user)
  const { caller, full } = sight
  if (user === null && !sight.kind.mayRun(allow)) return refused(401, 'not_signed_in', 'nobody who is not signed in may call it')
  const isAllowed = full.decide({ source: allow, entity: action.entity, row, caller, input: {}, now: new Date() }) === true
  const isReadable = action.entity === null || row === null || sight.sees(action.entity, row)
  if (!isReadable && !(action.as === 'system' && isAllowed)) return refused(404, 'not_found', 'the caller may not read the row')
  if (!isAllowed) return refused(user === null ? 401 : 403, user === null ? 'not_signed_in' : 'forbidden', '`allow` does not hold')
  const { transition } = action
  if (transition === null || row === null || action.entity === null) return { kind: 'begins', why: '`allow` holds' }
  const state = String(row[transition.field])
  if (!transition.from.includes(state)) return refused(409, 'illegal_transition', `a row that is ${state} cannot be moved`)
  if (transition.guard !== null || action.steps.length > 0 || action.run !== null)
    return { kind: 'begins', why: '`allow` holds in this state' }
  const entity = reference.model.entities.find(({ name }) => name === action.entity)
  if (entity === undefined || entity.hooks.length > 0 || entity.relationChecks.length > 0)
    return { kind: 'begins', why: '`allow` holds in this state' }
  const at = { reference, user, sight, entity }
  const moved = changedRow(at, row, { [transition.field]: transition.to })
  return { kind: 'moved', change: { kind: 'updated', entity: entity.name, row: moved }, why: `the row becomes ${transition.to}` }
}

function refused(status: number, code: string, why: string): ExpectedCall {
  return { kind: 'refused', status, code, why }
}
