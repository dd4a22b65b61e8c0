/** Runs an action as one statement, where it can be one. */

import type { Values } from '../../base/sql/statement.ts'
import type { OneStatement } from '../../compile/actions/one-statement/single-statement.ts'
import type { ActionProgram } from '../../compile/actions/program.ts'
import type { Caller } from '../../model/caller.ts'
import { explainError } from '../../postgres/sqlstate.ts'
import type { TextAnswer } from '../http/answer.ts'
import type { Stack } from '../run/stack.ts'
import { actionFailure, requireFailure } from './action-failure.ts'

/** A call of an action that can be one statement. */
export interface OneCall {
  readonly one: OneStatement
  readonly values: Values
  readonly caller: Caller
}

/**
 * Runs the one statement of an action. Null when it has written nothing and the other statements of the action must decide: it found no
 * row, or the database refused a value. Not for a transaction that runs already, because an error would end it.
 *
 * @throws Failure of a `require`, and `overloaded`, `client_gone`, `statement_timeout` and the like.
 */
export async function runOneStatement(stack: Stack, program: ActionProgram, { one, values, caller }: OneCall): Promise<TextAnswer | null> {
  const made = Object.fromEntries(one.made.map((slot) => [slot, stack.context.newId()]))
  const rows = await stack.executor.run(one.statement, { ...values, ...one.constants, ...made }).catch((error: unknown) => {
    if (isRefusedValue(error)) return []
    throw actionFailure(stack, program, { caller, error })
  })
  const [row] = rows
  if (row === undefined) return null
  const [, refusal, body] = row
  const stop = refusal === null || refusal === undefined ? undefined : one.refusals[Number(refusal)]
  if (stop !== undefined) throw requireFailure(stack, program, { caller, stop })
  return textAnswer(program.answers, body)
}

/** Whether the database refused a value or a constraint. The statement then changed nothing. */
function isRefusedValue(error: unknown): boolean {
  const { sqlState } = explainError(error)
  return sqlState?.startsWith('22') === true || sqlState?.startsWith('23') === true
}

/** The answer of an action with the given JSON; 204 for an action that answers nothing. */
export function textAnswer(answers: boolean, body: string | null | undefined): TextAnswer {
  return answers ? { status: 200, headers: {}, body: body ?? 'null' } : { status: 204, headers: {}, body: null }
}
