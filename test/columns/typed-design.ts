/** Random designs with fields of every type, and columns that hold every kind of value of their type. */

import { columnType } from '../../src/compile/values/column-type.ts'
import type { Entity, Field, Model } from '../../src/model/model.ts'
import { storedScalar } from '../../src/model/model.ts'
import type { ScalarKind } from '../../src/model/scalar.ts'
import type { TestBackend } from '../support/backend.ts'
import type { Random } from '../support/random.ts'

const TEXTS = [
  '',
  'plain',
  '"',
  '\\',
  'a "quoted" \\ text',
  '\u0001\u001f',
  '\t\n\r\b\f',
  '\u007f\u0080',
  'Grüße',
  '日本語',
  '😀 𝒳',
  '\u2028\u2029',
]
const MORE_TEXTS = [...TEXTS, '\\u0041 \\n', '</script>', '\ufeff', 'x'.repeat(300), `${'é'.repeat(200)}"`, 'null', '{}', '\uffff\ud7ff']

/** Values of columns in PostgreSQL's text form. */
const VALUES: Readonly<Record<ScalarKind, readonly string[]>> = {
  text: MORE_TEXTS,
  email: ['a@example.org', 'ü@exämple.org', '"odd\\"@example.org'],
  url: ['https://example.org/', 'https://example.org/?a="\\', 'https://日本.example/😀'],
  uuid: ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '0191f3c0-7a2b-7c3d-8e4f-0123456789ab'],
  integer: ['0', '1', '-1', '42', '2147483647', '-2147483649', '9007199254740991', '9007199254740993', '-9007199254740993'].concat([
    '9223372036854775807',
    '-9223372036854775808',
    '4294967296',
  ]),
  decimal: ['0', '0.00', '-0.50', '1.5', '12345678.90', 'NaN'],
  number: ['0', '-0', '0.1', '1e21', '1e-7', '1e300', '-1.5', '123456789012345680', '1e15'],
  boolean: ['true', 'false'],
  timestamp: [
    ...['infinity', '-infinity', '0044-03-15 12:00:00.123+00 BC', '4713-01-01 00:00:00+00 BC', '0001-01-01 00:00:00+00'],
    ...['1969-12-31 23:59:59.999+00', '1999-12-31 23:59:59.001+00', '1900-02-28 23:59:59.5+00', '1800-03-01 00:00:00.25+00'],
    ...['2000-02-29 12:30:00+00', '2024-12-31 00:00:00.001+00', '10000-01-01 00:00:00+00', '294276-12-31 23:59:59.999+00'],
  ],
  date: ['infinity', '-infinity', '0044-03-15 BC', '2024-02-29', '0001-01-01', '5874897-12-31'],
  time: ['00:00', '23:59:59.999', '24:00:00', '12:30:00.5'],
  duration: ['0', '1 day', '-1.5 seconds', '-1 day 2 hours', '1 mon', '100000 days 0.001 seconds', '00:00:00.25'],
  encrypted: TEXTS,
  encryptedEqual: TEXTS,
  json: ['null', '{}', '[]', '"\\u0001 \\" \\\\ ü"', '{"b": [1.50, 1e3, null], "a": {"ü": "😀"}}', '12345678901234567890.5', 'true'],
}

const CHOICES = ['red', 'dark "red"', "it's", 'grün']

const TYPES: readonly Record<string, unknown>[] = [
  { type: 'text' },
  { type: 'email' },
  { type: 'url' },
  { type: 'uuid' },
  { type: 'integer' },
  { type: 'decimal', precision: 10, scale: 2 },
  { type: 'number' },
  { type: 'boolean' },
  { type: 'timestamp' },
  { type: 'date' },
  { type: 'time' },
  { type: 'duration' },
  { type: 'json' },
  { type: 'choice', values: CHOICES },
]

/** Types that have no list or no order, and so no index. */
const UNLISTED: ReadonlySet<unknown> = new Set(['json'])
const UNSORTED: ReadonlySet<unknown> = new Set(['json', 'list'])
const READ_RULES = ['auth.id != null', 'owner.id == auth.id', 'public', 'owner != null && owner.public', '!public && auth.id != null']

/** A design with things of many types, the people who own them, and their places. */
export function typedDesign(random: Random): unknown {
  const optional = () => (random.chance(0.5) ? { optional: true } : {})
  const read = () => (random.chance(0.3) ? { read: random.pick(READ_RULES) } : {})
  const types = [...TYPES, ...TYPES.filter(({ type }) => !UNLISTED.has(type)).map((of) => ({ type: 'list', of }))]
  const chosen = types
    .map((type, i) => ({ name: `f${i}`, type, field: { ...type, ...optional(), ...read() } }))
    .filter(() => random.chance(0.6))
  const sorted = chosen.filter(({ type }) => !UNSORTED.has(type.type)).map(({ name }) => name)
  const order = (name: string) => (random.chance(0.5) ? name : `-${name}`)
  return {
    name: 'typed',
    entities: {
      Person: {
        identity: { login: 'login', password: 'secret' },
        fields: {
          login: { type: 'text', unique: true, ...(random.chance(0.5) ? { read: 'id == auth.id' } : {}) },
          secret: { type: 'password' },
          public: { type: 'boolean', default: false },
          nick: { type: 'text', optional: true },
          place: { type: 'ref', entity: 'Place', inverse: 'people', optional: true, onDelete: 'setNull' },
        },
        access: { read: random.pick(['true', 'public', 'id == auth.id || public']) },
        ...(random.chance(0.3) ? { softDelete: true } : {}),
      },
      Place: {
        fields: {
          ...(random.chance(0.5) ? { id: { type: random.pick(['text', 'integer']) } } : {}),
          label: { type: 'text', optional: true },
          region: { type: 'ref', entity: 'Place', inverse: 'parts', optional: true, onDelete: 'setNull' },
        },
        access: { read: 'true' },
      },
      Thing: {
        fields: {
          ...(random.chance(0.3) ? { id: { type: 'integer' } } : {}),
          public: { type: 'boolean', default: true },
          ...Object.fromEntries(chosen.map(({ name, field }) => [name, field])),
          owner: { type: 'ref', entity: 'Person', inverse: 'things', optional: true, onDelete: 'setNull', ...read() },
          place: { type: 'ref', entity: 'Place', inverse: 'things', optional: true, onDelete: 'setNull' },
        },
        access: { read: random.pick(['true', 'public', 'public || owner.id == auth.id']) },
        indexes: [
          ['owner'],
          ['place', '-createdAt'],
          ...sorted.map((name) => [name]),
          ...sorted.slice(1).map((n) => [order(n), order(sorted[0] ?? n)]),
        ],
      },
    },
  }
}

/** Fills the tables. Constraints of values are dropped before, as another version of the design may not have them. */
export async function plantTyped({ model, sql }: Pick<TestBackend, 'model' | 'sql'>, random: Random, rows: number): Promise<void> {
  for (const { conname, table } of await sql(
    `select conname, conrelid::regclass::text as table from pg_constraint where contype in ('c') and connamespace = 'public'::regnamespace`,
  ))
    await sql(`alter table ${String(table)} drop constraint "${String(conname)}"`)
  const ids = new Map<string, string[]>()
  for (const name of ['Place', 'Person', 'Thing']) {
    const entity = entityOf(model, name)
    const loose = entity.fields
      .filter((f) => !f.optional && f.name !== 'id' && f.system === null && f.type.kind !== 'computed')
      .map((f) => f.column)
    for (const column of loose) await sql(`alter table "${entity.table}" alter column "${column}" drop not null`)
    for (let n = 0; n < rows; n++) await plantRow({ entity, sql, random, ids, n })
  }
}

interface Planting extends Pick<TestBackend, 'sql'> {
  readonly entity: Entity
  readonly random: Random
  readonly ids: Map<string, string[]>
  readonly n: number
}

async function plantRow({ entity, sql, random, ids, n }: Planting): Promise<void> {
  const cells = entity.fields.flatMap((field) => {
    const value = cellOf(field, { random, ids, n })
    return value === undefined ? [] : [{ field, value }]
  })
  const columns = cells.map(({ field }) => `"${field.column}"`).join(', ')
  const slots = cells.map(({ field }, i) => `$${i + 1}::${columnType(field.type)}`).join(', ')
  const values = cells.map(({ value }) => value)
  const [row] = await sql(`insert into "${entity.table}" (${columns}) values (${slots}) returning id::text`, values)
  ids.set(entity.name, [...(ids.get(entity.name) ?? []), String(row?.id)])
}

function cellOf(field: Field, { random, ids, n }: Pick<Planting, 'random' | 'ids' | 'n'>): string | null | undefined {
  const { type, system } = field
  if (type.kind === 'computed' || system === 'deletedAt') return undefined
  const scalar = storedScalar(type)
  if (field.name === 'id') return idOf(scalar, n)
  if (system === 'version') return String(1 + random.below(3))
  if (system !== null) return random.pick(VALUES.timestamp)
  if (field.name === 'login') return `person ${n}`
  if (random.chance(0.15)) return null
  if (type.kind === 'ref') return random.pick(ids.get(type.entity) ?? ['']) || null
  if (type.kind === 'list') return listOf(random, valuesOf(type.of.kind === 'choice' ? 'choice' : scalar))
  return random.pick(valuesOf(type.kind === 'choice' ? 'choice' : scalar))
}

function valuesOf(kind: ScalarKind | 'choice'): readonly string[] {
  return kind === 'choice' ? [...CHOICES, 'a new "choice"'] : VALUES[kind]
}

function idOf(scalar: ScalarKind, n: number): string | undefined {
  if (scalar === 'integer') return undefined
  return scalar === 'uuid' ? `0191f3c0-7a2b-7c3d-8e4f-${n.toString(16).padStart(12, '0')}` : `id "${n}" ü`
}

/** An array literal: empty, with nulls, or of two dimensions. */
function listOf(random: Random, values: readonly string[]): string {
  const item = () => (random.chance(0.1) ? 'null' : `"${random.pick(values).replaceAll(/["\\]/g, '\\$&')}"`)
  const list = (n: number) => `{${Array.from({ length: n }, item).join(',')}}`
  return random.chance(0.05) ? `{${list(2)},${list(2)}}` : list(random.below(4))
}

function entityOf(model: Model, name: string): Entity {
  const entity = model.entities.find((one) => one.name === name)
  if (entity === undefined) throw new Error(`no entity ${name}`)
  return entity
}
