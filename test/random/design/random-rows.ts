/** Random rows of a random design, and the rows of a database, both in the form of the API. */

import type pg from 'pg'
import { type Entity, type Field, isToken, type Model } from '../../../src/model/model.ts'
import type { AllRows as Rows } from '../../../src/verify/expected/reference.ts'
import type { PlainRow } from '../../../src/verify/oracle/oracle-rows.ts'
import type { PlainValue } from '../../../src/verify/oracle/oracle-values.ts'
import type { Random } from '../../support/random.ts'
import { hashOf, PASSWORDS } from '../reference/actions/passwords.ts'
import { DATES, DECIMALS, NUMBERS, TIMES, WORDS } from './authored.ts'

/** The id of the `n`th row of the `entity`th entity. */
export function rowId(entity: number, n: number): string {
  return `0000000${entity}-0000-7000-8000-${String(n).padStart(12, '0')}`
}

/** Rows with nulls in random optional fields. */
export function randomRows(random: Random, model: Model, each: number): Rows {
  const ids = new Map(model.entities.map((entity, i) => [entity.name, Array.from({ length: i === 0 ? 6 : each }, (_, n) => rowId(i, n))]))
  return new Map(
    model.entities.map((entity) => [
      entity.name,
      (ids.get(entity.name) ?? []).map(
        (id, n): PlainRow => Object.fromEntries(entity.fields.map((field) => [field.name, plantedValue(random, field, { id, n, ids })])),
      ),
    ]),
  )
}

/** The number of accounts that make requests: the first ones. */
const CALLERS = 4

const CALLER_IDS: ReadonlySet<string> = new Set(Array.from({ length: CALLERS }, (_, n) => rowId(0, n)))

const PASSWORD_HASHES: readonly string[] = PASSWORDS.map(hashOf)

interface Making {
  readonly id: string
  readonly n: number
  readonly ids: ReadonlyMap<string, readonly string[]>
}

function plantedValue(random: Random, field: Field, { id, n, ids }: Making): PlainValue {
  const { type } = field
  switch (field.system) {
    case 'id':
      return id
    case 'createdAt':
    case 'updatedAt':
      return new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString()
    case 'version':
      return 1 + random.below(3)
    case 'deletedAt':
      // The first accounts are those of the callers.
      return random.chance(0.2) && !CALLER_IDS.has(id) ? '2026-02-01T00:00:00.000Z' : null
    case null:
  }
  if (type.kind === 'password') return PASSWORD_HASHES[n] ?? 'x'
  if (type.kind === 'computed' || type.kind === 'file') return null
  if (field.default?.kind === 'sequence') return n + 1
  if (isToken(field)) return Array.from({ length: 32 }, () => '0123456789abcdef'[random.below(16)]).join('')
  if (field.name === 'email') return `user${n}@example.com`
  // Unique together with another field: only the first rows have one, and each another one.
  if (field.name === 'slot') return WORDS[n] ?? null
  if (field.name === 'code') return random.chance(0.5) ? null : `code ${n}`
  if (field.optional && random.chance(0.35)) return null
  switch (type.kind) {
    case 'choice':
      return random.pick(type.values)
    case 'list':
      return Array.from({ length: random.below(3) }, () => random.pick(['apple', 'berry', 'cedar']))
    case 'ref':
      // Rows refer only to earlier rows, so that they form trees.
      if (type.acyclic) return n === 0 ? null : random.pick((ids.get(type.entity) ?? []).slice(0, n))
      return random.pick(ids.get(type.entity) ?? [])
    case 'scalar':
      return scalarOf(random, type.scalar)
  }
}

function scalarOf(random: Random, scalar: string): PlainValue {
  switch (scalar) {
    case 'integer':
      return random.pick(NUMBERS.filter((n) => n > 0))
    case 'boolean':
      return random.chance(0.5)
    case 'timestamp':
      return random.pick(TIMES)
    case 'date':
      return random.pick(DATES)
    case 'decimal':
      return random.pick(DECIMALS)
    default:
      return random.pick(WORDS)
  }
}

/** Empties every table. */
export async function clearRows(client: pg.Client, model: Model): Promise<void> {
  await client.query(`truncate ${model.entities.map((entity) => `"${entity.table}"`).join(', ')}`)
}

/** Inserts rows into empty tables. Optional references may point to later rows, so they are set after all rows exist. */
export async function plantRows(client: pg.Client, model: Model, rows: Rows): Promise<void> {
  const later = (field: Field) => field.type.kind === 'ref' && field.optional
  for (const entity of model.entities) {
    const { columns, from, values } = recordsOf(entity, rows, (field) => !later(field))
    await client.query(`insert into "${entity.table}" (${columns.join(', ')}) select ${columns.join(', ')} from ${from}`, [values])
  }
  for (const entity of model.entities) {
    const { columns, from, values } = recordsOf(entity, rows, later)
    const changes = columns.map((column) => `${column} = r.${column}`).join(', ')
    if (columns.length > 0) await client.query(`update "${entity.table}" t set ${changes} from ${from} r where t.id = r.id`, [values])
  }
}

function recordsOf(entity: Entity, rows: Rows, which: (field: Field) => boolean) {
  const stored = entity.fields.filter((f) => f.type.kind !== 'computed')
  const values = (rows.get(entity.name) ?? []).map((row) => Object.fromEntries(stored.map((f) => [f.column, row[f.name] ?? null])))
  const columns = stored.filter(which).map((f) => `"${f.column}"`)
  return { columns, from: `json_populate_recordset(null::"${entity.table}", $1::json)`, values: JSON.stringify(values) }
}

/** Every row of the database, by id. */
export async function readRows(client: pg.Client, model: Model): Promise<Rows> {
  const tables = model.entities.map((e, i) => `(select coalesce(json_agg(t order by t.id), '[]') from "${e.table}" t) as "${i}"`)
  const { rows } = await client.query({ name: 'read rows', text: `select ${tables.join(', ')}` })
  const [all] = rows
  return new Map(
    model.entities.map((entity, i) => [entity.name, (all[i] as readonly Record<string, unknown>[]).map((row) => plainRow(entity, row))]),
  )
}

function plainRow(entity: Entity, row: Readonly<Record<string, unknown>>): PlainRow {
  return Object.fromEntries(entity.fields.map((field) => [field.name, plainValue(field, row[field.column] ?? null)]))
}

function plainValue({ type }: Field, value: unknown): PlainValue {
  if (value === null || type.kind !== 'scalar') return value as PlainValue
  if (type.scalar === 'timestamp') return new Date(String(value)).toISOString()
  return type.scalar === 'decimal' ? Number(value).toFixed(type.precision?.scale ?? 0) : (value as PlainValue)
}
