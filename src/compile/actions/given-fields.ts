/** The rules of the fields that a step sets. An input that was not sent sets nothing, so no rule applies to its field. */

import { ident, type Sql, sql } from '../../base/sql/sql.ts'
import type { Assignment } from '../../model/action.ts'
import type { Predicate } from '../../model/expression.ts'
import { type Entity, fieldNamed } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import { isSent } from './frame.ts'

/** The condition of a rule, or nothing for a rule that always holds. */
export function whenNotAlways(rule: Predicate, condition: (rule: Predicate) => Sql): readonly Sql[] {
  return isAlways(rule) ? [] : [condition(rule)]
}

/** The conditions of the write rules of the fields that a step sets. */
export function writeConditions(set: readonly Assignment[], entity: Entity, condition: (rule: Predicate) => Sql): readonly Sql[] {
  return set.flatMap(({ field, ifSent, judgedIf = ifSent }) =>
    whenNotAlways(fieldNamed(entity, field).write, (rule) =>
      judgedIf === null ? condition(rule) : sql`((${isSent(judgedIf)}) is not true or (${condition(rule)}))`,
    ),
  )
}

/** The `input` of the rules of a written row: what the step gives. `row` is the alias of the row after the step. */
export function inputOfRules(set: readonly Assignment[], entity: Entity, row: Sql): (name: string) => Sql | null {
  return (name) => {
    const given = set.find(({ field }) => field === name)
    if (given === undefined) return null
    const value = sql`${row}.${ident(fieldNamed(entity, name).column)}`
    return given.ifSent === null ? value : sql`(case when ${isSent(given.ifSent)} then ${value} end)`
  }
}
