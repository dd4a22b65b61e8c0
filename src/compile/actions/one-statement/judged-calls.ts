/** Judges the calls of an action that runs as one statement, on the rows as they are under the locks. */

import { empty, ident, join, literal, type Sql, sql } from '../../../base/sql/sql.ts'
import { ACTION_ROW } from '../../../model/action.ts'
import type { Predicate } from '../../../model/expression.ts'
import { entityNamed } from '../../../model/model.ts'
import { isAlways } from '../../../model/predicate.ts'
import { rowScope, type SqlScope, whenTrue } from '../../rules/predicate-sql.ts'
import { bindRow, bound, idColumn } from '../../rules/term-sql.ts'
import { writeRulesOf } from '../../rules/write-rules.ts'
import { fitsSql } from '../../statements/row-bytes.ts'
import { freshness, ORD } from '../../statements/write/write-parts.ts'
import type { ActionScope } from '../frame.ts'
import { inputOfRules, whenNotAlways, writeConditions } from '../given-fields.ts'
import type { Stop } from '../parts/stops.ts'
import type { Constants } from '../values.ts'
import { type Held, isRow, type NamedRow, ROW } from './named-rows.ts'
import { columnOf, type RowOfStep, type RowsInStatement, rowsInStatement } from './written-rows.ts'

/** The column with the number of the `require` that refuses a call; null for a call that is done. */
export const REFUSED = ident('#refused')
const T = ident('#t')

/** What the query of the judged calls is made of. */
export interface CallsToJudge {
  readonly named: readonly NamedRow[]
  readonly held: readonly Held[]
  /** The scope of expressions without rows. */
  readonly scope: SqlScope
  readonly written: readonly RowOfStep[]
  readonly constants: Constants
}

/**
 * The query of the calls that may go on. Each has its rows, and the number of the `require` that refuses it or null. `refusals` has the
 * failures by this number.
 */
export function judgedCalls(
  shared: ActionScope,
  { named, held, scope, written, constants }: CallsToJudge,
): { readonly sql: Sql; readonly refusals: readonly Stop[] } {
  const { action } = shared
  const aliases = named.map((_, i) => sql`(${ident(`#row ${i}`)}.${ROW})`)
  const joins = named.map((one, i) => {
    const alias = ident(`#row ${i}`)
    const locked = one.lock === null ? undefined : held.find(({ entity }) => entity === one.entity)
    if (locked !== undefined)
      return sql` left join ${locked.name} ${alias} on ${alias}.${ORD} = call.ord and ${isRow(shared, one, { alias: sql`(${alias}.${ROW})`, scope })}`
    const found = sql`select ${T} as ${ROW} from ${ident(one.entity.table)} ${T} where ${isRow(shared, one, { alias: T, scope })} limit 1`
    return sql` left join lateral (${found}) ${alias} on true`
  })
  const inner = named.reduce((all, { name }, i) => bindRow(all, name, aliases[i] ?? empty), scope)
  const rows = rowsInStatement(written, inner, constants)
  const tests = testsOfRows(shared, rows)
  const conditions = [
    ...named.map(({ entity, isLeftOut }, i) => {
      const isThere = sql`${aliases[i] ?? empty}.${idColumn(entity)} is not null`
      return isLeftOut === null ? isThere : sql`(${isLeftOut} or ${isThere})`
    }),
    ...(isAlways(action.allow) ? [] : [sql`(${whenTrue(action.allow, inner)})`]),
    ...apart(named, written).map(([a, b]) => sql`(${idOf(inner, a)} = ${idOf(inner, b)}) is not true`),
    ...staleness(named, inner),
    ...transitionTests(shared, inner),
    ...tests,
  ]
  const requires = action.steps.flatMap((step) => (step.verb === 'require' ? [step] : []))
  const cases = requires.map(({ condition }, i) => sql` when (${whenTrue(condition, inner)}) is not true then ${literal(String(i))}`)
  const refused = cases.length === 0 ? sql`null::text` : sql`case${join(cases, '', empty)} end`
  const kept = named.map(({ name }, i) => sql`, ${aliases[i] ?? empty} as ${ident(`@${name}`)}`)
  const from = sql`from call${join(joins, '', empty)}${rows.joinedFor(join(tests, ' and ', empty))}`
  return {
    sql: sql`select call.*${join(kept, '', empty)}, ${refused} as ${REFUSED} ${from} where ${join(conditions, ' and ', sql`true`)}`,
    refusals: requires.map((step) =>
      step.else === null ? { kind: 'requirement', source: step.source } : { kind: 'declared', failure: step.else },
    ),
  }
}

function idOf(scope: SqlScope, { name, entity }: NamedRow): Sql {
  return sql`${bound(scope.rows, name)}.${idColumn(entity)}`
}

/** The pairs of names that must stand for different rows, because the action changes one of them. */
function apart(named: readonly NamedRow[], written: readonly RowOfStep[]): readonly (readonly [NamedRow, NamedRow])[] {
  const isChanged = ({ name }: NamedRow): boolean => written.some((row) => row.operation === 'update' && row.name === name)
  return named.flatMap((a, i) =>
    named.slice(i + 1).flatMap((b) => (a.entity === b.entity && (isChanged(a) || isChanged(b)) ? [[a, b] as const] : [])),
  )
}

/** The condition that `If-Match` allows the version of the action's row. */
function staleness(named: readonly NamedRow[], scope: SqlScope): readonly Sql[] {
  return named.filter(({ name }) => name === ACTION_ROW).map(({ name }) => freshness(bound(scope.rows, name)))
}

/** The conditions of a transition. */
function transitionTests({ action, model }: ActionScope, scope: SqlScope): readonly Sql[] {
  const { transition, entity } = action
  if (transition === null || entity === null) return []
  const states = join(
    transition.from.map((state) => literal(state)),
    ', ',
    sql`null`,
  )
  const isFrom = sql`${bound(scope.rows, ACTION_ROW)}.${columnOf(entityNamed(model, entity), transition.field)} in (${states})`
  return [isFrom, ...(transition.guard === null ? [] : [sql`(${whenTrue(transition.guard, scope)})`])]
}

/** The conditions on the written rows: their size, and for an action as its caller the rules. */
function testsOfRows({ model, action }: ActionScope, { rows }: RowsInStatement): readonly Sql[] {
  return rows.flatMap((row) => {
    const { entity, before, after, set } = row
    const fits = before === null ? fitsSql(entity, row.alias, null) : null
    const size = fits === null ? [] : [fits]
    // Only the `allow` of a transition decides about its state, not the rules of the entity.
    if (action.as === 'system' || row.moves) return size
    const rules = writeRulesOf(entity)
    const input = inputOfRules(set, entity, after)
    const judge = (alias: Sql, rule: Predicate): readonly Sql[] => {
      const condition = (one: Predicate): Sql => sql`(${whenTrue(one, { ...rowScope(model, alias), input })})`
      return [...whenNotAlways(rule, condition), ...writeConditions(set, entity, condition)]
    }
    if (before === null) return [...size, ...judge(after, rules.create)]
    return [...size, ...judge(before, rules.updateFrom), ...judge(after, rules.updateTo)]
  })
}
