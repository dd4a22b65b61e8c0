/** The JSON of a row and of a page of rows, built by PostgreSQL. */

import { empty, ident, join, literal, numberLiteral, type Sql, sharedAmongCalls, sql } from '../../base/sql/sql.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Predicate } from '../../model/expression.ts'
import { type Entity, fieldNamed, type Model, storedScalar } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import { isSealed } from '../../model/privacy/sealed.ts'
import { SCALARS } from '../../model/scalar.ts'
import { hiddenUnlessSql, shownSql } from '../rules/hidden-value.ts'
import { rowScope, whenTrue } from '../rules/predicate-sql.ts'
import { termSql } from '../rules/term-sql.ts'
import { pageWhere } from '../rules/where-sql.ts'
import { countedList, pageWeight, rowWeight } from './answer-meter.ts'
import { fieldJson, spelledSql } from './json/json-sql.ts'
import { inOrder, type Json, objectText } from './json/json-text.ts'
import { sealedJson } from './json/sealed-json.ts'
import { base64url, cursorSql, idOrder, orderBy, orderTerms, PLACE, pageRows, searchSql } from './page-sql.ts'
import { pinReferences } from './pinned-references.ts'
import {
  type ConnectionMember,
  type ConnectionPlan,
  type EdgeMember,
  type Extra,
  type Include,
  nextOf,
  type Output,
  type OutputField,
  type PageInfoMember,
} from './plan.ts'

/**
 * The JSON object of the row under `alias`, as a text that is never null. Aliases of nested rows follow from their path, so equal outputs
 * have equal text. Hidden fields are null. Included rows that the caller may not read are absent.
 */
export function outputSql(model: Model, output: Output, alias: string): Sql {
  const fields = output.fields.map((f) => [f.as ?? f.field.name, fieldMember(model, { output, of: f }, alias)] as const)
  const includes = output.includes.map((include) => [include.name, includeJson(model, include, alias)] as const)
  const extras = (output.extras ?? []).map((extra) => [extra.key, extraJson(model, { extra, entity: output.entity }, alias)] as const)
  const members: readonly Member[] = [...fields, ...includes, ...extras]
  return objectText(output.keys === undefined ? members : inOrder(members, output.keys))
}

/** The condition that the row under `alias` is not soft-deleted and that the rule holds for it. */
export function rowsWhere(model: Model, entity: Entity, rule: { readonly alias: string; readonly holds: Predicate }): Sql {
  const { alias, holds } = rule
  const deletedAt = entity.fields.find((f) => f.system === 'deletedAt')
  const live = deletedAt === undefined ? [] : [sql`${ident(alias, deletedAt.column)} is null`]
  const allowed = isAlways(holds) ? [] : [sql`(${whenTrue(holds, rowScope(model, ident(alias)))})`]
  return join([...live, ...allowed], ' and ', sql`true`)
}

/**
 * The JSON of a page in the requested shape, as a text that is never null. `linked` selects the rows of the connection; empty selects all.
 * If the request asks whether a next page exists, one more row is read. Rows are counted only on request.
 */
export function connectionSql(model: Model, connection: ConnectionPlan, place: { readonly alias: string; readonly linked: Sql }): Sql {
  const { alias } = place
  const { entity, order, slots } = connection
  const filter = join(
    [
      ...pageWhere(model, entity, { alias, holds: [connection.visible, connection.filter] }),
      ...searchSql(model, connection.search, { alias, slots }),
    ],
    ' and ',
    sql`true`,
  )
  const rows = sql`from ${ident(entity.table)} ${ident(alias)} where ${place.linked}${filter}`
  const keys = orderTerms(model, order, alias)
  const members = connection.members.map((m): Member => [m.key, memberJson(m, { model, connection, alias, rows, keys })])
  if (!connection.members.some(readsRows)) return objectText(members)
  const after = connection.after === null ? null : { nulls: connection.after, slots }
  const row = ident(alias)
  const page = (limit: number) => pageRows({ alias: row, all: rows, order, keys, after, limit })
  const counted = (from: Sql) => countedPage(connection, { text: objectText(members), from, isInner: place.linked !== empty })
  if (!connection.members.some((m) => m.kind === 'page-info')) return counted(sql`from (${page(connection.size)}) ${row}`)
  const rowsColumn = connection.members.some(wantsEnd) ? sql`, count(*) over () as ${ROWS}` : empty
  const numbered = sql`select ${row}.*, row_number() over () as ${PLACE}${rowsColumn} from (${page(connection.size + 1)}) ${row}`
  return counted(sql`from (${numbered}) ${row}`)
}

interface PageText {
  readonly text: Sql
  readonly from: Sql
  /** Whether the page belongs to a row. The document bounds the number of rows of other pages. */
  readonly isInner: boolean
}

function countedPage(connection: ConnectionPlan, { text, from, isInner }: PageText): Sql {
  if (!isInner) return sql`(select ${text} ${from})`
  return countedList({ text, rows: sql`least(count(*), ${numberLiteral(connection.size)})`, from }, pageWeight(connection))
}

type Member = readonly [string, Json]

type ToMany = Extract<Include, { kind: 'to-many' }>

function fieldMember(model: Model, { output, of }: { readonly output: Output; readonly of: OutputField }, alias: string): Json {
  const { field, visible, value: term, spelled } = of
  const column = term === undefined ? ident(alias, field.column) : termSql(term, rowScope(model, ident(alias)))
  const shown = shownSql(model, visible, alias)
  if (isSealed(field))
    return { kind: 'spelled', value: hiddenUnlessSql(shown, sealedJson(field, column, ident(alias, idColumnName(output)))) }
  if (spelled === undefined) return fieldJson(field, column, shown)
  const value = spelledSql(column, field.type.kind === 'list', spelled)
  return { kind: 'spelled', value: sql`to_json(${hiddenUnlessSql(shown, value)})` }
}

function extraJson(model: Model, { extra, entity }: { readonly extra: Extra; readonly entity: Entity }, alias: string): Json {
  if (extra.kind === 'constant') return { kind: 'known', value: extra.value }
  if (extra.kind === 'row') return { kind: 'spelled', value: outputSql(model, extra.output, alias) }
  return { kind: 'characters', value: globalIdSql(model, { extra, entity }, alias) }
}

/** The global id of the row under an alias; null where the caller may not read the id. */
export function globalIdSql(
  model: Model,
  { extra, entity }: { readonly extra: Extract<Extra, { kind: 'global-id' }>; readonly entity: Entity },
  alias: string,
): Sql {
  const id = base64url(sql`${literal(`${extra.type}:`)} || ${ident(alias, fieldNamed(entity, 'id').column)}::text`)
  return hiddenUnlessSql(shownSql(model, extra.visible, alias), id)
}

function includeJson(model: Model, include: Include, outer: string): Json {
  const alias = includeAlias(outer, (include.kind === 'to-many' ? undefined : include.alias) ?? include.name)
  if (include.kind === 'connection') {
    const rows = (key: Sql) =>
      connectionSql(model, include.connection, { alias, linked: sql`${ident(alias, include.via.column)} = ${key} and ` })
    return { kind: 'spelled', value: ofRow(targetOf(model, include), outer, rows) }
  }
  const { output } = include
  const table = ident(output.entity.table)
  const visible = rowsWhere(model, output.entity, { alias, holds: include.visible })
  if (include.kind === 'to-one') {
    const followed = isAlways(include.refVisible) ? sql`` : sql` and (${whenTrue(include.refVisible, rowScope(model, ident(outer)))})`
    const key = include.pinned === undefined ? ident(outer, include.field.column) : termSql(include.pinned, rowScope(model, ident(outer)))
    const isTarget = sql`${ident(alias, idColumnName(output))} = ${key}`
    return {
      kind: 'spelled',
      value: sql`(select ${outputSql(model, output, alias)} from ${table} ${ident(alias)} where ${isTarget} and ${visible}${followed})`,
    }
  }
  return { kind: 'list', value: ofRow(targetOf(model, include), outer, (key) => includedList(model, include, { alias, key, visible })) }
}

/** The rows of an included list: their alias, the key of the row that they belong to, and the condition that the caller may see them. */
interface IncludedRows {
  readonly alias: string
  readonly key: Sql
  readonly visible: Sql
}

/** The items of an included list with its closing bracket; if the list goes on, followed by the cursor of its last row. */
function includedList(model: Model, { name, via, output, limit }: ToMany, { alias, key, visible }: IncludedRows): Sql {
  const { entity } = output
  const all = sql`from ${ident(entity.table)} ${ident(alias)} where ${ident(alias, via.column)} = ${key} and ${visible}`
  const order = [idOrder(entity)]
  const keys = orderTerms(model, order, alias)
  const inOrder = sql`order by ${orderBy(order, keys)}`
  const rows = sql`select ${outputSql(model, output, alias)} as o ${all} ${inOrder} limit ${numberLiteral(limit)}`
  // This subquery runs only for a full list: it reads the last row and one more.
  const two = sql`select ${ident(alias)}.* ${all} ${inOrder} offset ${numberLiteral(limit - 1)} limit 2`
  const ends = sql`select ${cursorSql(order, keys)} as c, row_number() over () as place from (${two}) ${ident(alias)}`
  const next = sql`select max(e.c) filter (where e.place = 1) from (${ends}) e having count(*) = 2`
  const goesOn = sql`coalesce(${literal(`,${JSON.stringify(nextOf(name))}:"`)} || (${next}) || '"', '')`
  const text = sql`coalesce(string_agg(m.o, ','), '') || ']' || case when count(*) = ${numberLiteral(limit)} then ${goesOn} else '' end`
  return countedList({ text, rows: sql`count(*)`, from: sql`from (${rows}) m` }, rowWeight(output))
}

/** Marks an expression that depends only on the id of a row, so that merged calls share it. */
function ofRow(entity: Entity, alias: string, of: (key: Sql) => Sql): Sql {
  const id = fieldNamed(entity, 'id')
  const key = ident(alias, id.column)
  const type = SCALARS[storedScalar(id.type)].column
  return type === 'uuid' || type === 'bigint' ? sharedAmongCalls(key, type, of) : of(key)
}

/** An alias for the rows of an include; outer rows have other aliases. Names have at most 63 bytes, so a long alias becomes a number. */
export function includeAlias(outer: string, name: string): string {
  const alias = `${outer}_${name}`
  if (alias.length <= 60 && !/^#\d/.test(outer)) return alias
  return `#${Number(/^#(\d+)$/.exec(outer)?.[1] ?? 0) + 1}`
}

/** Column with the number of rows that were read for a page, including the extra row. */
const ROWS = ident('#rows')

/** Whether a member reads the rows of the page. */
function readsRows(member: ConnectionMember): boolean {
  switch (member.kind) {
    case 'nodes':
    case 'edges':
      return true
    case 'page-info':
      return member.members.some((m) => m.kind !== 'hasPreviousPage' && m.kind !== 'constant')
    case 'total-count':
    case 'constant':
      return false
    default:
      return unreachable(member)
  }
}

function wantsEnd(member: ConnectionMember): boolean {
  return member.kind === 'page-info' && member.members.some((m) => m.kind === 'endCursor')
}

interface MemberScope {
  readonly model: Model
  readonly connection: ConnectionPlan
  readonly alias: string
  /** `from … where …` of all rows of the connection, on all pages. */
  readonly rows: Sql
  /** The sort keys. */
  readonly keys: readonly Sql[]
}

function memberJson(member: ConnectionMember, scope: MemberScope): Json {
  switch (member.kind) {
    case 'nodes':
      return itemsOf(scope, pageRowSql(scope, member.output))
    case 'edges':
      return itemsOf(scope, objectText(member.members.map((m): Member => [m.key, edgeMemberJson(m, scope)])))
    case 'page-info':
      return { kind: 'spelled', value: objectText(member.members.map((m): Member => [m.key, pageInfoJson(m, scope)])) }
    case 'total-count':
      return { kind: 'spelled', value: sql`(select count(*) ${scope.rows})` }
    case 'constant':
      return { kind: 'known', value: member.value }
    default:
      return unreachable(member)
  }
}

/** A list with one item for each row of the page, in page order. */
function itemsOf(scope: MemberScope, item: Sql): Json {
  const { members, size, entity } = scope.connection
  const numbered = members.some((m) => m.kind === 'page-info')
  // SQL evaluates an aggregate in the query whose columns it names. `item` may name no column of this query, so the filter names one.
  const ofRow = numbered
    ? sql`${placeOf(scope)} <= ${numberLiteral(size)}`
    : sql`${ident(scope.alias, fieldNamed(entity, 'id').column)} is not null`
  return { kind: 'items', value: sql`string_agg(${item}, ',') filter (where ${ofRow})` }
}

function placeOf({ alias }: MemberScope): Sql {
  return sql`${ident(alias)}.${PLACE}`
}

function pageRowSql({ model, connection, alias }: MemberScope, output: Output): Sql {
  return outputSql(model, pinReferences(output, connection.filter), alias)
}

function edgeMemberJson(member: EdgeMember, scope: MemberScope): Json {
  switch (member.kind) {
    case 'constant':
      return { kind: 'known', value: member.value }
    case 'cursor':
      return { kind: 'characters', value: cursorSql(scope.connection.order, scope.keys) }
    case 'node':
      return { kind: 'spelled', value: pageRowSql(scope, member.output) }
    default:
      return unreachable(member)
  }
}

function pageInfoJson(member: PageInfoMember, scope: MemberScope): Json {
  const { connection, keys } = scope
  const place = placeOf(scope)
  const cursor = cursorSql(connection.order, keys)
  const size = numberLiteral(connection.size)
  switch (member.kind) {
    case 'hasNextPage':
      return { kind: 'spelled', value: sql`(count(*) > ${size})::text` }
    case 'hasPreviousPage':
      return { kind: 'known', value: connection.after !== null }
    case 'startCursor':
      return { kind: 'characters', value: sql`max(${cursor}) filter (where ${place} = least(1, ${size}))` }
    case 'endCursor':
      return { kind: 'characters', value: sql`max(${cursor}) filter (where ${place} = least(${size}, ${ident(scope.alias)}.${ROWS}))` }
    case 'constant':
      return { kind: 'known', value: member.value }
    default:
      return unreachable(member)
  }
}

/** The name of the id's column. */
export function idColumnName({ entity }: Pick<Output, 'entity'>): string {
  return fieldNamed(entity, 'id').column
}

function targetOf(model: Model, { name, via }: Pick<Extract<Include, { kind: 'to-many' | 'connection' }>, 'name' | 'via'>): Entity {
  const { type } = via
  if (type.kind !== 'ref') throw new Error(`${name} does not go through a reference`)
  const entity = model.entities.find((e) => e.name === type.entity)
  if (entity === undefined) throw new Error(`no entity ${type.entity}`)
  return entity
}
