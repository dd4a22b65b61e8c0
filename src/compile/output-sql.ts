/** The JSON of a row and of a page of rows, built by PostgreSQL. */

import { empty, ident, join, literal, number, type Sql, sql } from '../base/sql.ts'
import { unreachable } from '../base/unreachable.ts'
import type { Predicate } from '../model/expression.ts'
import { type Entity, fieldNamed, type Model } from '../model/model.ts'
import { jsonColumn } from './json-sql.ts'
import { afterSql, base64url, cursorSql, orderBy, orderTerms, PLACE, searchSql } from './page-sql.ts'
import { pinReferences } from './pinned.ts'
import type { Connection, ConnectionMember, EdgeMember, Extra, Include, Output, OutputField, PageInfoMember } from './plan.ts'
import { rowScope, whenTrue } from './predicate-sql.ts'
import { termSql } from './term-sql.ts'
import { isAlways } from './view.ts'
import { pageWhere } from './where-sql.ts'

/**
 * The JSON object of the row under `alias`, as a scalar expression. Aliases of nested rows come from the way to them, so equal outputs have equal text.
 * Hidden fields are null; the rows that an include may not see are absent.
 */
export function outputSql(model: Model, output: Output, alias: string): Sql {
  const fields = output.fields.map((f) => [f.as ?? f.field.name, fieldSql(model, f, alias)] as const)
  const includes = output.includes.map((include) => [include.name, includeSql(model, include, alias)] as const)
  const extras = (output.extras ?? []).map((extra) => [extra.key, extraSql(model, { extra, entity: output.entity }, alias)] as const)
  const members = [...fields, ...includes, ...extras]
  return objectSql(output.keys === undefined ? members : inOrder(members, output.keys))
}

/** The condition that a row of the entity under `alias` is there, not soft-deleted, and that the rule holds for it. */
export function rowsWhere(model: Model, entity: Entity, rule: { readonly alias: string; readonly holds: Predicate }): Sql {
  const { alias, holds } = rule
  const deletedAt = entity.fields.find((f) => f.system === 'deletedAt')
  const live = deletedAt === undefined ? [] : [sql`${ident(alias, deletedAt.column)} is null`]
  const allowed = isAlways(holds) ? [] : [sql`(${whenTrue(holds, rowScope(model, ident(alias)))})`]
  return join([...live, ...allowed], ' and ', sql`true`)
}

/**
 * The JSON of a page in the shape that was asked for, as a scalar expression. `linked` holds for the rows that belong here (empty for all). Reads one row
 * more than the page to know whether there is a next one; rows are counted only where the count was asked for.
 */
export function connectionSql(model: Model, connection: Connection, place: { readonly alias: string; readonly linked: Sql }): Sql {
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
  const members = connection.members.map((m) => [m.key, memberSql(m, { model, connection, alias, rows, keys })] as const)
  if (connection.members.every((m) => m.kind === 'total-count' || m.kind === 'constant')) return objectSql(members)
  const after = connection.after === null ? empty : sql` and (${afterSql(order, keys, { nulls: connection.after, slots })})`
  const row = ident(alias)
  const rowsColumn = connection.members.some(wantsEnd) ? sql`, count(*) over () as ${ROWS}` : empty
  const page = sql`select ${row}.* ${rows}${after} order by ${orderBy(order, keys)} limit ${number(connection.size + 1)}`
  return objectSql(members, sql` from (select ${row}.*, row_number() over () as ${PLACE}${rowsColumn} from (${page}) ${row}) ${row}`)
}

/** An object of the given members, in their order. */
function objectSql(members: readonly (readonly [string, Sql])[], from: Sql = empty): Sql {
  const columns = members.map(([key, value]) => sql`${value} as ${ident(key)}`)
  return sql`(select row_to_json(j) from (select ${join(columns, ', ', sql`null as "id"`)}${from}) j)`
}

function inOrder(members: readonly (readonly [string, Sql])[], keys: readonly string[]): readonly (readonly [string, Sql])[] {
  const byKey = new Map(members)
  return keys.map((key) => {
    const value = byKey.get(key)
    if (value === undefined) throw new Error(`nothing is answered under ${key}`)
    return [key, value] as const
  })
}

function fieldSql(model: Model, { field, visible, spelled }: OutputField, alias: string): Sql {
  const column = ident(alias, field.column)
  const value = spelled === undefined ? jsonColumn(field, column) : spelledSql(column, field.type.kind === 'list', spelled)
  return isAlways(visible) ? value : sql`case when ${whenTrue(visible, rowScope(model, ident(alias)))} then ${value} end`
}

function spelledSql(column: Sql, isList: boolean, names: ReadonlyMap<string, string>): Sql {
  const one = (value: Sql): Sql => {
    const cases = [...names].map(([stored, name]) => sql` when ${literal(stored)} then ${literal(name)}`)
    return sql`case ${value}${cases.reduce((all, when) => sql`${all}${when}`, empty)} end`
  }
  if (!isList) return one(column)
  const items = sql`select coalesce(array_agg(${one(sql`item.value`)} order by item.place), '{}') from unnest(${column}) with ordinality as item(value, place)`
  return sql`case when ${column} is not null then (${items}) end`
}

function extraSql(model: Model, { extra, entity }: { readonly extra: Extra; readonly entity: Entity }, alias: string): Sql {
  if (extra.kind === 'constant') return typeof extra.value === 'boolean' ? (extra.value ? sql`true` : sql`false`) : literal(extra.value)
  if (extra.kind === 'row') return outputSql(model, extra.output, alias)
  const id = sql`${literal(`${extra.type}:`)} || ${ident(alias, fieldNamed(entity, 'id').column)}::text`
  return isAlways(extra.visible)
    ? base64url(sql`${id}`)
    : sql`case when ${whenTrue(extra.visible, rowScope(model, ident(alias)))} then ${base64url(id)} end`
}

function includeSql(model: Model, include: Include, outer: string): Sql {
  const alias = aliasOf(outer, (include.kind === 'to-many' ? undefined : include.alias) ?? include.name)
  if (include.kind === 'connection') {
    const linked = sql`${ident(alias, include.via.column)} = ${ident(outer, idColumn({ entity: targetOf(model, include) }))} and `
    return connectionSql(model, include.connection, { alias, linked })
  }
  const { output } = include
  const table = ident(output.entity.table)
  const visible = rowsWhere(model, output.entity, { alias, holds: include.visible })
  if (include.kind === 'to-one') {
    const followed = isAlways(include.refVisible) ? sql`` : sql` and (${whenTrue(include.refVisible, rowScope(model, ident(outer)))})`
    const key = include.pinned === undefined ? ident(outer, include.field.column) : termSql(include.pinned, rowScope(model, ident(outer)))
    return sql`(select ${outputSql(model, output, alias)} from ${table} ${ident(alias)} where ${ident(alias, idColumn(output))} = ${key} and ${visible}${followed})`
  }
  const rows = sql`select ${outputSql(model, output, alias)} as o from ${table} ${ident(alias)} where ${ident(alias, include.via.column)} = ${ident(outer, idColumn({ entity: targetOf(model, include) }))} and ${visible} order by ${ident(alias, idColumn(output))} limit ${number(include.limit)}`
  return sql`(select coalesce(json_agg(m.o), '[]') from (${rows}) m)`
}

/** A name for the rows of an include that no row around it has: PostgreSQL cuts names off after 63 bytes, so a long one becomes a number. */
function aliasOf(outer: string, name: string): string {
  const alias = `${outer}_${name}`
  if (alias.length <= 60 && !/^#\d/.test(outer)) return alias
  return `#${Number(/^#(\d+)$/.exec(outer)?.[1] ?? 0) + 1}`
}

/** Column of a page's rows that tells how many were read, the one too many included. */
const ROWS = ident('#rows')

function wantsEnd(member: ConnectionMember): boolean {
  return member.kind === 'page-info' && member.members.some((m) => m.kind === 'endCursor')
}

interface MemberScope {
  readonly model: Model
  readonly connection: Connection
  readonly alias: string
  /** `from … where …` of all rows of the connection, whatever the page. */
  readonly rows: Sql
  /** The sort keys. */
  readonly keys: readonly Sql[]
}

function memberSql(member: ConnectionMember, scope: MemberScope): Sql {
  const { connection } = scope
  const place = placeOf(scope)
  const inPage = sql`filter (where ${place} <= ${number(connection.size)})`
  switch (member.kind) {
    case 'nodes':
      return sql`coalesce(json_agg(${pageRowSql(scope, member.output)} order by ${place}) ${inPage}, '[]')`
    case 'edges': {
      const edge = objectSql(member.members.map((m) => [m.key, edgeMemberSql(m, scope)] as const))
      return sql`coalesce(json_agg(${edge} order by ${place}) ${inPage}, '[]')`
    }
    case 'page-info':
      return objectOf(member.members.map((m) => [m.key, pageInfoSql(m, scope)] as const))
    case 'total-count':
      return sql`(select count(*) ${scope.rows})`
    case 'constant':
      return literal(member.value)
    default:
      return unreachable(member)
  }
}

function placeOf({ alias }: MemberScope): Sql {
  return sql`${ident(alias)}.${PLACE}`
}

function pageRowSql({ model, connection, alias }: MemberScope, output: Output): Sql {
  return outputSql(model, pinReferences(output, connection.filter), alias)
}

function edgeMemberSql(member: EdgeMember, scope: MemberScope): Sql {
  if (member.kind === 'constant') return literal(member.value)
  return member.kind === 'cursor' ? cursorSql(scope.connection.order, scope.keys) : pageRowSql(scope, member.output)
}

function pageInfoSql(member: PageInfoMember, scope: MemberScope): Sql {
  const { connection, keys } = scope
  const place = placeOf(scope)
  const cursor = cursorSql(connection.order, keys)
  const size = number(connection.size)
  switch (member.kind) {
    case 'hasNextPage':
      return sql`count(*) > ${size}`
    case 'hasPreviousPage':
      return connection.after === null ? sql`false` : sql`true`
    case 'startCursor':
      return sql`max(${cursor}) filter (where ${place} = 1)`
    case 'endCursor':
      return sql`max(${cursor}) filter (where ${place} = least(${size}, ${ident(scope.alias)}.${ROWS}))`
    case 'constant':
      return literal(member.value)
  }
}

/** Like `objectSql`, where the members are aggregates of the rows around. */
function objectOf(members: readonly (readonly [string, Sql])[]): Sql {
  const pairs = members.flatMap(([key, value]) => [literal(key), value])
  return sql`json_build_object(${join(pairs, ', ', empty)})`
}

function idColumn({ entity }: Pick<Output, 'entity'>): string {
  return fieldNamed(entity, 'id').column
}

function targetOf(model: Model, { name, via }: Pick<Extract<Include, { kind: 'to-many' | 'connection' }>, 'name' | 'via'>): Entity {
  const { type } = via
  if (type.kind !== 'ref') throw new Error(`${name} does not go through a reference`)
  const entity = model.entities.find((e) => e.name === type.entity)
  if (entity === undefined) throw new Error(`no entity ${type.entity}`)
  return entity
}
