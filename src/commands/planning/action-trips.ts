/** How an action runs in PostgreSQL, and which other writes wait for it. */

import { setVisitor } from '../../compile/actions/locks/expressions.ts'
import { oneStatement } from '../../compile/actions/one-statement/one-statement.ts'
import { compileAction } from '../../compile/actions/program.ts'
import { inlineCalls } from '../../compile/actions/rewrite/inline-calls.ts'
import { rowWithRules } from '../../compile/actions/sign-in.ts'
import type { Output } from '../../compile/statements/plan.ts'
import type { Action } from '../../model/action.ts'
import { visitStep } from '../../model/action-tree.ts'
import type { RowSet } from '../../model/expression.ts'
import type { Model } from '../../model/model.ts'
import { openingOf } from '../../services/identity/sessions/session-statements.ts'

/** The round trips of an action and its statements: `1: 7 statements`. For an action of code, they depend on the code. */
export function tripsOf(model: Model, action: Action): string {
  if (action.run !== null) return 'those of its code'
  const outputOf = ({ row }: { readonly row: { readonly entity: string } }): Output => rowWithRules(model, row.entity)
  if (action.isolation === 'serializable') return 'several: begin, its statements, commit'
  const program = compileAction(model, action, { outputOf, openSession: openingOf(model) })
  const one = program.signIn !== null ? null : oneStatement(model, program, outputOf)
  if (one !== null) return one.statement.merge === undefined ? '1: one statement' : '1: one statement, shared with other calls'
  const { length } = program.statements
  if (program.hooked.length > 0) return `several: ${length} statements, and those of its hooks and their rows`
  return length === 1 ? '1: one statement' : `1: ${length} statements`
}

/**
 * The writes that wait for an action that runs: new rows of the relations that it uses. Changes of the rows that it locks wait, too; the
 * list of locks has these rows.
 */
export function waitsOf(model: Model, action: Action): readonly string[] {
  if (action.reads) return []
  const found = new Set<string>()
  const add = (set: RowSet): void => {
    if (set.via !== null) found.add(`new ${set.entity} (${set.via})`)
  }
  for (const step of inlineCalls(action, model).steps) visitStep(step, { ...setVisitor(add), rows: add })
  return [...found]
}
