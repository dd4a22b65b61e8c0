/** The statement that computes what a reaction needs of its event: whether it takes the event, for whom it runs, and with what. */

import { empty, ident, join, literal, type Sql, slot, sql, typeName } from '../../base/sql/sql.ts'
import type { Row, Statement } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import { inputBinding } from '../../model/action.ts'
import { actionNamed, eventStepOf } from '../../model/action-tree.ts'
import { type Entity, entityNamed, type Field, type Model } from '../../model/model.ts'
import { isSecretField } from '../../model/privacy/sealed.ts'
import type { ModelEvent, Reaction } from '../../model/reaction.ts'
import { ROW_BEFORE, resultMember } from '../../model/reaction.ts'
import { idTerm } from '../actions/frame.ts'
import { typedSql, typeOf } from '../actions/parts/typed-sql.ts'
import { rowScope, type SqlScope, whenTrue } from '../rules/predicate-sql.ts'
import { bound, idColumn, idType, type NamedSet, sqlType, termSql } from '../rules/term-sql.ts'
import { jsonColumn } from '../statements/json/json-sql.ts'
import { columnType } from '../values/column-type.ts'

const ROW = ident('@row')
const BEFORE = ident('@before')

/** What a statement of `reactionStatement` has computed. */
export interface ReactionValues {
  /** Whether the reaction takes the event. */
  readonly takes: boolean
  /** The id of the account for which it runs; null for system, and for a missing account. */
  readonly account: string | null
  /** The id of the row of the called action; null without one. */
  readonly on: string | null
  /** The inputs of the called action as JSON. An input whose value is missing has null. */
  readonly input: string
  /** The row as JSON, by field, for code, webhooks and messages, and the row before for code; null for other reactions. */
  readonly row: string | null
  readonly before: string | null
  /** What was sent to the action that is the event, and the results of its steps, as JSON by name; null for other events and reactions. */
  readonly sent: string | null
  readonly results: string | null
}

/**
 * The rows of an event as the expressions of its reactions see them: a `from` clause, and the scope of the names. The statement gets the
 * columns of the rows in the slots `after` and `before`, and the inputs and results of an action in `input`, as JSON. A row that is the
 * result of a step is as it was at the event; rows of a list, of inputs and of other tables are as they are now.
 */
export function eventFrame(
  model: Model,
  event: Pick<ModelEvent, 'entity' | 'happening'>,
): { readonly from: Sql; readonly scope: SqlScope } {
  const table = ident(entityNamed(model, event.entity).table)
  const row = sql`jsonb_populate_record(null::${table}, ${slot('after', 'jsonb')}) ${ROW}`
  const hasBefore = event.happening === 'updated'
  const before = sql`, jsonb_populate_record(null::${table}, ${slot('before', 'jsonb')}) ${BEFORE}`
  const inputs = inputsOf(model, event)
  const results = resultsOf(model, event)
  const rows = new Map([['row', ROW], ...(hasBefore ? [[ROW_BEFORE, BEFORE] as const] : []), ...inputs.rows, ...results.rows])
  const scope: SqlScope = {
    ...rowScope(model, ROW),
    rows,
    sets: results.sets,
    items: results.items,
    maybe: new Set([...inputs.rows.keys(), ...results.rows.keys()]),
    input: (name) => inputs.values.get(name) ?? null,
  }
  return { from: sql`${row}${hasBefore ? before : empty}${results.joined}${inputs.joined}`, scope }
}

const INPUT = slot('input', 'jsonb')

/** The inputs of an event that is an action: values from its JSON, and the rows of references as they are now. */
function inputsOf(model: Model, { entity, happening }: Pick<ModelEvent, 'entity' | 'happening'>) {
  const values = new Map<string, Sql>()
  const rows = new Map<string, Sql>()
  let joined = empty
  for (const { name, type } of actionNamed(model.actions, { entity, name: happening })?.inputs ?? []) {
    const text = sql`${INPUT} ->> ${literal(name)}`
    const column = typeName(columnType(type.type))
    if (type.kind === 'value') {
      const list = sql`nullif(${INPUT} -> ${literal(name)}, 'null')`
      values.set(name, type.type.kind === 'list' ? arrayIn(list, columnType(type.type)) : sql`(${text})::${column}`)
      continue
    }
    const target = entityNamed(model, type.entity)
    const alias = ident(`@${inputBinding(name)}`)
    rows.set(inputBinding(name), alias)
    joined = sql`${joined} left join ${ident(target.table)} ${alias} on ${alias}.${idColumn(target)} = (${text})::${typeName(idType(target))}`
  }
  return { values, rows, joined }
}

/** The results of the steps of an event that is an action. All are missing in an event from before a reaction named them. */
function resultsOf(model: Model, { entity, happening }: Pick<ModelEvent, 'entity' | 'happening'>) {
  const rows = new Map<string, Sql>()
  const sets = new Map<string, NamedSet>()
  const items = new Map<string, Sql>()
  let joined = empty
  const action = actionNamed(model.actions, { entity, name: happening })
  for (const { name, of } of (action === undefined ? undefined : eventStepOf(action))?.results ?? []) {
    const member = sql`nullif(${INPUT} -> ${literal(resultMember(name))}, 'null')`
    switch (of.kind) {
      case 'row': {
        const alias = ident(`@${name}`)
        rows.set(name, alias)
        joined = sql`${joined}, jsonb_populate_record(null::${ident(entityNamed(model, of.row.entity).table)}, ${member}) ${alias}`
        break
      }
      case 'rows': {
        const type = `${idType(entityNamed(model, of.rows.entity))}[]`
        sets.set(name, { ids: arrayIn(sql`nullif(${member} -> 'ids', 'null')`, type), total: sql`(${member} ->> 'total')::bigint` })
        break
      }
      case 'items':
        items.set(name, arrayIn(member, sqlType(of.items.type)))
        break
      default:
        unreachable(of)
    }
  }
  return { rows, sets, items, joined }
}

/** The array in a JSON array, in its order; null for null. */
function arrayIn(json: Sql, type: string): Sql {
  const texts = sql`(select array_agg(i.item order by i.place) from jsonb_array_elements_text(${json}) with ordinality as i (item, place))`
  return sql`(case when ${json} is not null then coalesce(${texts}, '{}') end)::${typeName(type)}`
}

/** The statement of a reaction. `readValues` reads its row. */
export function reactionStatement(model: Model, event: ModelEvent, reaction: Reaction): Statement {
  const { from, scope } = eventFrame(model, event)
  const id = (row: Parameters<typeof idTerm>[1]): Sql => sql`(${termSql(idTerm(model, row), scope)})::text`
  const none = sql`null::text`
  const entity = entityNamed(model, event.entity)
  const isCode = reaction.kind === 'run'
  const sent =
    reaction.kind === 'webhook' || reaction.kind === 'publish' ? entity.fields.filter(({ name }) => reaction.fields.includes(name)) : null
  const columns = [
    reaction.when === null ? sql`true` : sql`(${whenTrue(reaction.when, scope)}) is true`,
    'as' in reaction && reaction.as.kind === 'account' ? id(reaction.as.row) : none,
    reaction.kind === 'call' && reaction.on !== null ? id(reaction.on) : none,
    reaction.kind === 'call' ? inputJson(reaction.inputs, scope) : none,
    isCode ? rowJson(storedFields(entity), ROW) : sent === null ? none : rowJson(sent, ROW),
    isCode && event.happening === 'updated' ? rowJson(storedFields(entity), BEFORE) : none,
    ...(isCode ? actionJson(model, event, scope) : [none, none]),
  ]
  return { name: `reaction ${reaction.name}`, sql: sql`select ${join(columns, ', ', sql``)} from ${from}`, merge: 'lateral' }
}

/** Reads the row of a statement of `reactionStatement`. */
export function readValues([row]: readonly Row[]): ReactionValues {
  const [takes, account = null, on = null, input, own = null, before = null, sent = null, results = null] = row ?? []
  return { takes: takes === 't', account, on, input: input ?? '{}', row: own, before, sent, results }
}

function inputJson(inputs: readonly { readonly name: string; readonly value: Parameters<typeof typedSql>[0] }[], scope: SqlScope): Sql {
  if (inputs.length === 0) return sql`null::text`
  const values = inputs.map(({ name, value }) => sql`${jsonColumn({ type: typeOf(value.type) }, typedSql(value, scope))} as ${ident(name)}`)
  return sql`(select row_to_json(i)::text from (select ${join(values, ', ', sql``)}) i)`
}

/** What was sent to the action that is the event, and the results of its steps, as JSON for code; nulls for other events. */
function actionJson(model: Model, { entity, happening }: ModelEvent, scope: SqlScope): readonly [Sql, Sql] {
  const action = actionNamed(model.actions, { entity, name: happening })
  const step = action === undefined ? undefined : eventStepOf(action)
  if (action === undefined || step === undefined) return [sql`null::text`, sql`null::text`]
  const kept = action.inputs.filter(({ type }) => type.type.kind !== 'password')
  const inputs = kept.map(({ name, type }): readonly [string, Sql] => [
    name,
    type.kind === 'reference'
      ? rowOrNull(entityNamed(model, type.entity), bound(scope.rows, inputBinding(name)))
      : jsonColumn({ type: type.type }, scope.input?.(name) ?? sql`null`),
  ])
  const results = step.results.map(({ name, of }): readonly [string, Sql] => {
    switch (of.kind) {
      case 'row':
        return [name, rowOrNull(entityNamed(model, of.row.entity), bound(scope.rows, name))]
      case 'rows':
        return [name, rowsJson(entityNamed(model, of.rows.entity), scope.sets?.get(name)?.ids ?? sql`null::uuid[]`)]
      case 'items':
        return [name, jsonColumn({ type: typeOf(of.items.type) }, bound(scope.items, name))]
      default:
        return unreachable(of)
    }
  })
  return [objectJson(inputs), objectJson(results)]
}

function objectJson(members: readonly (readonly [string, Sql])[]): Sql {
  if (members.length === 0) return sql`'{}'`
  const values = members.map(([name, value]) => sql`${value} as ${ident(name)}`)
  return sql`(select row_to_json(r)::text from (select ${join(values, ', ', sql``)}) r)`
}

/** A row as JSON; null if it is missing. */
function rowOrNull(entity: Entity, alias: Sql): Sql {
  return sql`case when ${alias}.${idColumn(entity)} is not null then ${rowJson(storedFields(entity), alias)}::json end`
}

/** The rows with these ids, as they are now, in the order of the ids; null without a list. */
function rowsJson(entity: Entity, ids: Sql): Sql {
  const alias = ident('@each')
  const rows = sql`select json_agg(${rowJson(storedFields(entity), alias)}::json order by i.place) from unnest(${ids}) with ordinality as i (id, place)
    join ${ident(entity.table)} ${alias} on ${alias}.${idColumn(entity)} = i.id`
  return sql`case when ${ids} is not null then coalesce((${rows}), '[]') end`
}

/** The stored fields without passwords and tokens. */
function storedFields({ fields }: Entity): readonly Field[] {
  return fields.filter((field) => !isSecretField(field))
}

/** Fields of a row as JSON, by name. */
function rowJson(fields: readonly Field[], alias: Sql): Sql {
  const values = fields.map((field) => sql`${jsonColumn(field, sql`${alias}.${ident(field.column)}`)} as ${ident(field.name)}`)
  return sql`(select row_to_json(r)::text from (select ${join(values, ', ', sql``)}) r)`
}
