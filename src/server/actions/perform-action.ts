/** Runs an action and makes the answer of REST. */

import { failure } from '../../base/failure.ts'
import { memoPair } from '../../base/memo.ts'
import type { Row } from '../../base/sql/statement.ts'
import { type ActionProgram, compileAction } from '../../compile/actions/program.ts'
import { specialise } from '../../compile/rules/specialise.ts'
import { viewOf } from '../../compile/rules/view.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import type { Action } from '../../model/action.ts'
import { type Caller, claimOf } from '../../model/caller.ts'
import { entityNamed, type Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import { EVERYTHING } from '../plan/intent.ts'
import { planOutput } from '../plan/plan-output.ts'
import { callerValues, idValue, type Variant } from '../plan/planning.ts'
import type { Stack } from '../run/stack.ts'
import type { Perform } from '../write/idempotent.ts'
import { actionFailure } from './action-failure.ts'
import { hashInputs } from './hash-inputs.ts'
import { readInput } from './read-input.ts'

/** A request to run an action. */
export interface AskedAction {
  readonly caller: Caller
  readonly action: Action
  /** The id of the row of a row action; null for an action of the design. */
  readonly id: string | null
  readonly body: unknown
  /** The versions that If-Match allows; null for any. */
  readonly versions: readonly number[] | null
}

/** The programs of the actions for one kind of caller. */
const programsOf = memoPair((_model: Model, _variant: Variant): Map<Action, ActionProgram> => new Map())

function programOf({ model, context }: Stack, caller: Caller, action: Action): ActionProgram {
  const variant = context.viewFor(caller)
  const programs = programsOf(model, variant)
  const known = programs.get(action)
  if (known !== undefined) return known
  const program = compileAction(model, action, (entity) => planOutput(variant.view, viewOf(variant.view, entity), EVERYTHING))
  programs.set(action, program)
  return program
}

/** Checks the request of an action and hashes its passwords, without the database. @throws Failure when the request is refused. */
export async function prepareAction(stack: Stack, { caller, action, id, body, versions }: AskedAction): Promise<Perform> {
  // An action that is closed to all callers is answered like an address that does not exist.
  if (isNever(action.allow)) throw failure('route_not_found', { hint: '' })
  // No anonymous caller can pass `allow`.
  if (claimOf(caller, 'id') === null && isNever(specialise(action.allow, caller))) throw failure('not_signed_in', {})
  const program = programOf(stack, caller, action)
  const row = action.entity === null || id === null ? {} : { id: idValue(entityNamed(stack.model, action.entity), id) }
  const values = {
    ...program.constants,
    ...callerValues(stack.model, caller),
    ...(await hashInputs(stack, action, readInput(action, body))),
    ...row,
    versions: versions === null ? null : arrayLiteral(versions),
  }
  return async (runner) => {
    const results = await runner.runInOrder(program.statements, values).catch((error: unknown) => {
      throw actionFailure(stack, program, { caller, error })
    })
    const json = program.answers ? (results.at(-1)?.[0]?.[0] ?? 'null') : null
    return {
      answer: { status: json === null ? 204 : 200, headers: {}, body: json },
      after: () => followAccounts(stack, program, { caller, results }),
    }
  }
}

/** Ends the sessions of accounts that the action deleted or gave a new password, and reads changed accounts again. */
async function followAccounts(
  { identity }: Stack,
  { accounts }: ActionProgram,
  { caller, results }: { readonly caller: Caller; readonly results: readonly (readonly Row[])[] },
): Promise<void> {
  if (identity === null) return
  for (const { statement, change } of accounts) {
    for (const [id] of results[statement] ?? []) {
      if (id === null || id === undefined) continue
      if (change === 'deleted') await identity.revokeUser(id, 'account-closed')
      if (change === 'password') await identity.revokeUser(id, 'password-changed', caller.session ?? undefined)
      identity.forgetUser(id)
    }
  }
}
