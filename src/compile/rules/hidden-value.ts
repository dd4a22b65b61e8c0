/**
 * Read rules of single fields: a value is missing on the rows where the rule of its field refuses. The rule comes from the view of the
 * caller. It is applied with these functions wherever a request can use a value: in filters, sorts and computed fields to terms, in output
 * and search to SQL. docs/decisions/0012 has the reasons.
 */

import { ident, type Sql, sql } from '../../base/sql/sql.ts'
import type { Predicate, Term } from '../../model/expression.ts'
import type { Model } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import { rowScope, whenTrue } from './predicate-sql.ts'

/** The value, or a missing value on rows where the rule is false or unknown. */
export function hiddenUnless(rule: Predicate, value: Term): Term {
  return isAlways(rule) ? value : { kind: 'if', type: value.type, test: rule, yes: value, no: { kind: 'null', type: value.type } }
}

/** The rule of a field of the row under `alias` as SQL; null for a rule that always holds. */
export function shownSql(model: Model, rule: Predicate, alias: string): Sql | null {
  return isAlways(rule) ? null : whenTrue(rule, rowScope(model, ident(alias)))
}

/** The value on the rows where `shown` (of `shownSql`) holds; elsewhere `hidden`, or NULL without it. */
export function hiddenUnlessSql(shown: Sql | null, value: Sql, hidden?: Sql): Sql {
  if (shown === null) return value
  return hidden === undefined ? sql`case when ${shown} then ${value} end` : sql`case when ${shown} then ${value} else ${hidden} end`
}
