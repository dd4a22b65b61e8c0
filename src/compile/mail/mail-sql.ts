/** The statement that reads what a mail shows: its address, its language, and all of its values. */

import { empty, ident, join, numberLiteral, type Sql, sql } from '../../base/sql/sql.ts'
import type { Statement } from '../../base/sql/statement.ts'
import { type RowPath, rootRow } from '../../model/expression.ts'
import { MAX_MAIL_ROWS, type Mail, type MailTable, type MailValue } from '../../model/mail.ts'
import { entityNamed, fieldNamed, type Model } from '../../model/model.ts'
import { typedSql, typeOf } from '../actions/parts/typed-sql.ts'
import { eventFrame } from '../reactions/reaction-values.ts'
import type { SqlScope } from '../rules/predicate-sql.ts'
import { bindRow, fieldSql, idColumn, live, namedSet, referenceSql, rowKey, termSql } from '../rules/term-sql.ts'
import { fieldJson } from '../statements/json/json-sql.ts'
import { type Json, valueText } from '../statements/json/json-text.ts'

/**
 * The statement of a mail, with the slots of `eventFrame`. It gives one row of four texts: the address, the language (null for none), the
 * values as a JSON array, and the tables as a JSON array of pairs: the array of rows, and how many more rows there are. It gives no row if
 * the row of the event is no longer there, unless the event is that it was deleted. No access rule applies.
 */
export function mailStatement(model: Model, mail: Mail): Statement {
  const entity = entityNamed(model, mail.entity)
  const { from, scope } = eventFrame(model, mail)
  const of = { model, scope }
  const tables = mail.blocks.flatMap((block) => (block.kind === 'table' ? [tableSql(block.table, of)] : []))
  const language = mail.language === null ? sql`null` : termSql(mail.language, scope)
  const texts = [termSql(mail.to, scope), language, arrayOf(mail.values.map((value) => valueSql(value, of))), arrayOf(tables)]
  const columns = join(
    texts.map((text) => sql`(${text})::text`),
    ', ',
    empty,
  )
  const isRow = sql`t.${idColumn(entity)} = ${referenceSql(rootRow(mail.entity), scope)}${live(entity, sql`t`)}`
  const isThere = sql` where exists (select from ${ident(entity.table)} t where ${isRow})`
  return { name: `mail ${mail.template}`, sql: sql`select ${columns} from ${from}${mail.happening === 'deleted' ? empty : isThere}` }
}

interface Reading {
  readonly model: Model
  readonly scope: SqlScope
}

/** The JSON of a value. Of a token it is the text that the row keeps: the server makes the secret from it. */
function valueSql(value: MailValue, { model, scope }: Reading): Sql {
  if (value.kind === 'term') return valueText(fieldJson({ type: typeOf(value.type) }, typedSql(value.term, scope), null))
  const stored = storedToken(value.row, value.field, { model, scope })
  return valueText({ kind: 'spelled', value: sql`to_json(${stored})` } satisfies Json)
}

/** The text that a row keeps. An event does not have the tokens of its row, so they are read from the table. */
function storedToken(row: RowPath, field: string, { model, scope }: Reading): Sql {
  if (row.hops.length > 0) return fieldSql(row, field, scope)
  const entity = entityNamed(model, row.entity)
  const found = sql`from ${ident(entity.table)} t where t.${idColumn(entity)} = ${referenceSql(row, scope)}${live(entity, sql`t`)}`
  return sql`(select t.${ident(fieldNamed(entity, field).column)} ${found})`
}

/** The rows of a table, as arrays of values in the order of the ids or of the list, and the number of rows that are left out. */
function tableSql({ as, over, values }: MailTable, { model, scope }: Reading): Sql {
  const entity = entityNamed(model, over.entity)
  const [alias, place] = [ident(`@${as}`), sql`${ident(`@${as}`)}."#place"`]
  const id = sql`t.${idColumn(entity)}`
  const isRelated = (via: string): Sql => sql`t.${ident(fieldNamed(entity, via).column)} = ${rowKey(over.of, scope)}`
  const [isRow, order] = over.via === null ? isListed(namedSet(over.of.binding, scope).ids, id) : [isRelated(over.via), id]
  const numbered = sql`select t.*, row_number() over (order by ${order}) as "#place", count(*) over () as "#all" from ${ident(entity.table)} t`
  const rows = sql`${numbered} where ${isRow}${live(entity, sql`t`)} order by ${order} limit ${numberLiteral(MAX_MAIL_ROWS)}`
  const inner = bindRow({ ...scope, depth: scope.depth + 1 }, as, alias)
  const shown = arrayOf(values.map((value) => valueSql(value, { model, scope: inner })))
  const beyond = sql`coalesce(max(${alias}."#all"), 0) - count(*)`
  return sql`(select '[[' || coalesce(string_agg(${shown}, ',' order by ${place}), '') || '],' || ${beyond} || ']' from (${rows}) ${alias})`
}

/** The condition for the rows of a list, and their order. */
function isListed(ids: Sql, id: Sql): readonly [Sql, Sql] {
  return [sql`${id} = any(${ids})`, sql`array_position(${ids}, ${id})`]
}

/** A JSON array of texts that are JSON. */
function arrayOf(items: readonly Sql[]): Sql {
  const parts = items.flatMap((item, i) => (i === 0 ? [item] : [sql`','`, item]))
  return sql`('[' || ${join(parts, ' || ', sql`''`)} || ']')`
}
