/**
 * Numbers of new rows. A counter row of Plinth's own holds the last number of each sequence and scope. A create takes as many numbers as it
 * writes rows, in the same statement, so creates can still be merged; the counter row is locked until the end of the transaction, and
 * creates in one scope wait for each other. Numbers of writes that fail later stay unused.
 */

import { ident, literal, type Sql, sql } from '../../base/sql/sql.ts'
import { COUNTERS_TABLE, SYSTEM_SCHEMA } from '../../model/database.ts'
import { type Entity, type Field, fieldNamed } from '../../model/model.ts'

/** The fields of an entity that number its rows. */
function sequencesOf(entity: Entity): readonly Field[] {
  return entity.fields.filter((field) => field.default?.kind === 'sequence')
}

/** How the rows of a create get the numbers of one sequence. */
export interface CountedRows {
  readonly field: Field
  /** The common table expression that takes the numbers, with a comma before it. */
  readonly cte: Sql
  /** Joins the counters to the new rows `n`. */
  readonly joined: Sql
  /** The number of a row of `n`. */
  readonly number: Sql
}

/**
 * Takes the numbers of all sequences of an entity, for the rows of `new` that are written: those for which `ok`, about the row `n`, is
 * true. The first create of a scope makes its counter, which continues after the highest number in the table. Later creates do the same if
 * plain SQL has inserted a higher number.
 *
 * Sequences of the whole table are counted first, and within a sequence counters are locked in the order of their scopes. So two statements
 * do not deadlock, and transactions that number rows of several scopes wait for each other at the sequence of the whole table, if there is
 * one.
 *
 * @param to.ord the column that tells which call a row of `new` belongs to.
 */
export function countedRows(entity: Entity, { ord, ok }: { readonly ord: Sql; readonly ok: Sql }): readonly CountedRows[] {
  const wholeFirst = sequencesOf(entity).toSorted((a, b) => Number(isScoped(a)) - Number(isScoped(b)))
  const nameOf = (i: number): Sql => ident(`#counted ${i}`)
  return wholeFirst.map((field, i) => {
    // PostgreSQL runs a part of a statement when another needs its rows. So the count of the sequence before it decides the order.
    const after = i === 0 ? sql`` : sql` and (select count(*) from ${nameOf(i - 1)}) >= 0`
    return countedOf(entity, field, { name: nameOf(i), ord, ok: sql`${ok}${after}` })
  })
}

function isScoped(field: Field): boolean {
  return field.default?.kind === 'sequence' && field.default.within !== null
}

function countedOf(
  entity: Entity,
  field: Field,
  { name, ord, ok }: { readonly name: Sql; readonly ord: Sql; readonly ok: Sql },
): CountedRows {
  const within = field.default?.kind === 'sequence' ? field.default.within : null
  const scope = within === null ? null : ident(fieldNamed(entity, within).column)
  const [table, column] = [ident(entity.table), ident(field.column)]
  const same = scope === null ? sql`` : sql` where t.${scope} = g.value`
  const highest = sql`coalesce((select max(t.${column}) from ${table} t${same}), 0)`
  const value = scope === null ? sql`null::text` : sql`n.${scope}`
  const groups = sql`select ${value} as value, count(*) as taken from new n where ${ok} group by 1`
  const text = scope === null ? sql`''` : sql`g.value::text`
  const wanted = sql`select ${literal(`${entity.table}.${field.column}`)}, ${text}, ${highest} + g.taken, g.taken from (${groups}) g order by 2`
  const next = sql`"last" = greatest(c."last", excluded."last" - excluded."taken") + excluded."taken", "taken" = excluded."taken"`
  const counters = ident(SYSTEM_SCHEMA, COUNTERS_TABLE)
  const upsert = sql`insert into ${counters} as c ("sequence", "scope", "last", "taken") ${wanted} on conflict ("sequence", "scope") do update set ${next}`
  const apart = scope === null ? sql`` : sql`partition by n.${scope} `
  const on = scope === null ? sql`true` : sql`${name}."scope" = n.${scope}::text`
  return {
    field,
    cte: sql`, ${name} as (${upsert} returning c."scope", c."last" - c."taken" as before)`,
    joined: sql` join ${name} on ${on}`,
    number: sql`${name}.before + row_number() over (${apart}order by n.${ord})`,
  }
}
