/** The rows of a world in real tables. */

import { render } from '../../src/base/sql/render.ts'
import { empty, ident, join, type Sql, slot, sql, typeName } from '../../src/base/sql/sql.ts'
import type { Values } from '../../src/base/sql/statement.ts'
import { rowScope, whenTrue } from '../../src/compile/rules/predicate-sql.ts'
import { sqlType } from '../../src/compile/rules/term-sql.ts'
import { arrayLiteral } from '../../src/compile/values/encode.ts'
import type { Caller } from '../../src/model/caller.ts'
import { listType, type Predicate, scalarType } from '../../src/model/expression.ts'
import { type Entity, type Field, type Model, storedScalar } from '../../src/model/model.ts'
import type { Connection } from '../../src/postgres/connect.ts'
import type { PlainRow, World } from '../../src/verify/oracle/oracle-rows.ts'
import type { PlainValue } from '../../src/verify/oracle/oracle-values.ts'

/** PostgreSQL's type of a field's column. */
export function columnTypeOf(field: Field): string {
  const scalar = storedScalar(field.type)
  return sqlType(field.type.kind === 'list' ? listType(scalar) : scalarType(scalar))
}

/** A collation that does not order by code point and has upper and lower case beyond ASCII. No result may depend on it. */
const SORTED = sql` collate "und-x-icu"`

/** A value in the form of a parameter. */
export function boundValue(value: PlainValue | undefined): unknown {
  if (value === undefined) return null
  return typeof value === 'object' && value !== null ? arrayLiteral(value.map((item) => (typeof item === 'object' ? null : item))) : value
}

/** Creates and fills the tables of a world in the schema `name`, and puts the schema on the search path. */
export async function fillWorld(client: Connection, world: World, name: string): Promise<void> {
  await client.query(render(sql`create schema ${ident(name)}`).text)
  // Compiling statements of a megabyte to machine code takes a hundred times as long as running them over a few rows.
  await client.query(`set search_path to "${name}"; set jit to off`)
  for (const entity of world.model.entities) {
    await client.query(
      render(
        sql`create table ${ident(entity.table)} (${list(entity, (field) => sql`${ident(field.column)} ${typeName(columnTypeOf(field))}${columnTypeOf(field) === 'text' ? SORTED : empty}`)})`,
      ).text,
    )
    const { text, slots } = render(
      sql`insert into ${ident(entity.table)} (${list(entity, (field) => ident(field.column))}) values (${list(entity, (field) => slot(field.name, columnTypeOf(field)))})`,
    )
    for (const row of world.rows.get(entity.name) ?? [])
      await client.query({ text, values: slots.map(({ key }) => boundValue((row as PlainRow)[key])) })
  }
}

function list(entity: Entity, piece: (field: Field) => Sql): Sql {
  return join(entity.fields.map(piece), ', ', empty)
}

/** Predicates about the rows of one entity, for one caller. */
export interface Asked {
  readonly entity: Entity
  readonly predicates: readonly Predicate[]
  readonly caller: Caller
  /** Values of parameters by the key of their slot. */
  readonly values?: Values
}

/** For each row (by id), the predicates that select it. */
export async function selectedBy(client: Connection, model: Model, asked: Asked): Promise<ReadonlyMap<string, readonly boolean[]>> {
  const { entity, predicates, caller, values = {} } = asked
  const scope = rowScope(model, ident('t'))
  const columns = predicates.map((predicate) => sql`(${whenTrue(predicate, scope)}) is true`)
  const { text, slots } = render(
    sql`select t."id"::text as id, array[${join(columns, ', ', empty)}]::boolean[] as held from ${ident(entity.table)} t`,
  )
  const bound = slots.map(({ key }) => (key.startsWith('auth.') ? (caller.claims.get(key.slice(5)) ?? null) : (values[key] ?? null)))
  const { rows } = await client.query<{ id: string; held: boolean[] }>({ text, values: bound })
  return new Map(rows.map((row) => [row.id, row.held]))
}
