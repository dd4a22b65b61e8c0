/**
 * An action that only reads, as one statement without settings: it finds the rows of the input, asks `allow`, carries out the steps and
 * makes the answer. A call that is refused gets no row; the statements of `program.ts` then decide and say why.
 */

import { empty, ident, join, numberLiteral, type Sql, sql } from '../../../base/sql/sql.ts'
import { unreachable } from '../../../base/unreachable.ts'
import { ACTION_ROW, type ActionStep, type FindStep, inputBinding, type ListStep, type RequireStep } from '../../../model/action.ts'
import { actionLabel } from '../../../model/action-tree.ts'
import { type Entity, entityNamed } from '../../../model/model.ts'
import { isAlways } from '../../../model/predicate.ts'
import { type SqlScope, whenTrue } from '../../rules/predicate-sql.ts'
import { bindRow, idColumn, live } from '../../rules/term-sql.ts'
import { answerJson, type OutputOf } from '../answer-sql.ts'
import { MAX_ELEMENTS } from '../elements.ts'
import { type ActionScope, aliasOf, frameOf, inputSql, isSent, type NamedPlace, placeNamed } from '../frame.ts'
import type { Locked } from '../locks/locks.ts'
import { foundRow, type ReferenceInput, referencedRow, referencesOf } from '../look-up.ts'
import { firstRow, pageOfList, valuesOfList } from '../read-steps.ts'
import { namesTotal } from '../step-sql.ts'
import type { OneStatement } from './single-statement.ts'

/** The one statement of an action that reads; null for one that locks rows or has a step that may be skipped. */
export function oneRead(shared: ActionScope, locks: readonly Locked[], outputOf: OutputOf): OneStatement | null {
  const { action } = shared
  const steps = action.steps.filter(isPlain)
  if (!action.reads || action.run !== null || locks.length > 0 || steps.length < action.steps.length) return null
  const parts = new ReadParts(shared)
  if (action.entity !== null) addRow(parts, entityNamed(shared.model, action.entity))
  for (const input of referencesOf(action.inputs)) addReference(parts, input)
  if (!isAlways(action.allow)) parts.conditions.push(sql`(${whenTrue(action.allow, parts.scope())})`)
  for (const [i, step] of steps.entries()) addStep(parts, step, ident(`#step ${i}`))
  const body =
    action.answer.kind === 'none' ? sql`null::text` : answerJson({ shared: parts.shared(), scope: parts.scope(), outputOf }, action.answer)
  const from = sql`from (select 1) "#one"${join(parts.joins, '', empty)}`
  const where = parts.conditions.length === 0 ? empty : sql` where ${join(parts.conditions, ' and ', empty)}`
  const text = sql`select null::text as "#call", null::text as "#refused", ${body} as body ${from}${where}`
  return { statement: { name: `action ${actionLabel(action)}`, sql: text, merge: 'lateral' }, constants: {}, made: [], refusals: [] }
}

type PlainStep = FindStep | ListStep | RequireStep

function isPlain(step: ActionStep): step is PlainStep {
  if (step.when !== null || step.each !== null) return false
  return step.verb === 'find' || step.verb === 'list' || step.verb === 'require'
}

/** The parts of the statement while it is made: what it reads from, and on which conditions it gives an answer. */
class ReadParts {
  readonly joins: Sql[] = []
  readonly conditions: Sql[] = []
  readonly #given: ActionScope
  readonly #rows = new Map<string, Sql>()
  readonly #places = new Map<string, NamedPlace>()

  constructor(given: ActionScope) {
    this.#given = given
    for (const [name, place] of given.places) this.#places.set(name, place)
  }

  /** The places of the rows in this statement. */
  shared(): ActionScope {
    return { ...this.#given, places: this.#places }
  }

  /** The scope of expressions that may use all rows so far. */
  scope(): SqlScope {
    return frameOf(this.shared(), [], this.#rows).scope
  }

  /** Adds a row. Its alias is that of its name. */
  addRow(name: string, join: Sql): void {
    const alias = aliasOf(name)
    this.joins.push(join)
    this.#rows.set(name, alias)
    const place = placeNamed(this.#places, name)
    this.#places.set(name, { ...place, key: sql`${alias}.${idColumn(place.entity)}` })
  }

  /** Adds a list of values: `alias` has them. */
  addValues(name: string, alias: Sql): void {
    this.#places.set(name, { ...placeNamed(this.#places, name), key: sql`coalesce(${alias}.items, '{}')` })
  }

  /** Adds a list: `alias` has its ids and its total. */
  addList(name: string, alias: Sql): void {
    const place = placeNamed(this.#places, name)
    this.#places.set(name, { ...place, key: sql`coalesce(${alias}.ids, '{}')`, total: sql`${alias}.total` })
  }
}

/** The row of the action. A caller who may not read it is not told whether it exists. */
function addRow(parts: ReadParts, entity: Entity): void {
  const { action, places } = parts.shared()
  const alias = aliasOf(ACTION_ROW)
  parts.addRow(ACTION_ROW, sql` left join ${foundRow(parts.shared(), placeNamed(places, ACTION_ROW), 'before locks')}`)
  parts.conditions.push(sql`${alias}.${idColumn(entity)} is not null${live(entity, alias)}`)
  if (action.as === 'system') return
  const { read } = entity.access
  if (!isAlways(read)) parts.conditions.push(sql`(${whenTrue(read, bindRow(parts.scope(), 'row', alias))})`)
}

function addReference(parts: ReadParts, input: ReferenceInput): void {
  const { action } = parts.shared()
  const name = inputBinding(input.name)
  const found = referencedRow(parts.shared(), input, { scope: parts.scope(), moment: 'before locks' })
  parts.addRow(name, sql` left join lateral (${found}) ${aliasOf(name)} on true`)
  const { key } = placeNamed(parts.shared().places, name)
  const isThere = sql`${key} is not null`
  const value = inputSql(action, input.name) ?? sql`null`
  parts.conditions.push(input.optional ? sql`((${isSent(input.name)} and ${value} is not null) is not true or ${isThere})` : isThere)
}

/** Adds a step. `alias` names its result where the step does not. */
function addStep(parts: ReadParts, step: PlainStep, alias: Sql): void {
  const shared = parts.shared()
  const scope = parts.scope()
  switch (step.verb) {
    case 'find': {
      const row = step.as === null ? alias : aliasOf(step.as)
      const join = sql` left join lateral (${firstRow(shared, step, { scope, columns: sql`t.*` })}) ${row} on true`
      if (step.as === null) parts.joins.push(join)
      else parts.addRow(step.as, join)
      if (!step.optional) parts.conditions.push(sql`${row}.${idColumn(entityNamed(shared.model, step.entity))} is not null`)
      return
    }
    case 'list': {
      const most = sql`${alias}.many <= ${numberLiteral(MAX_ELEMENTS)}`
      if (step.distinct !== null) {
        parts.joins.push(sql` cross join lateral (${valuesOfList(shared, step, { scope, distinct: step.distinct })}) ${alias}`)
        if (step.as !== null) parts.addValues(step.as, alias)
        parts.conditions.push(most)
        return
      }
      const { rows, all } = pageOfList(shared, step, { scope, locking: empty })
      const total = namesTotal(shared.action, step.as) ? all : sql`null::bigint`
      parts.joins.push(sql` cross join lateral (select l.*, ${total} as total from (${rows}) l) ${alias}`)
      if (step.as !== null) parts.addList(step.as, alias)
      parts.conditions.push(most)
      return
    }
    case 'require':
      parts.conditions.push(sql`(${whenTrue(step.condition, scope)})`)
      return
    default:
      unreachable(step)
  }
}
