/** Random designs of a few entities, with nulls in all optional fields of rows and all optional claims of callers. */

import type { Shape } from '../../src/design/expression/shape.ts'
import type { Caller, ClaimValue } from '../../src/model/caller.ts'
import type { FieldType } from '../../src/model/field-type.ts'
import type { ScalarKind } from '../../src/model/scalar.ts'
import type { PlainRow, World } from '../../src/verify/oracle/oracle-rows.ts'
import type { PlainValue } from '../../src/verify/oracle/oracle-values.ts'
import type { Random } from '../support/random.ts'
import { type EntitySpec, type ModelSpec, modelOf, shapeOfSpec } from './model-of.ts'

export interface RandomWorld {
  readonly spec: ModelSpec
  readonly shape: Shape
  readonly world: World
  readonly callers: readonly Caller[]
}

export const ROLES = ['user', 'moderator', 'admin'] as const

const KINDS: readonly ScalarKind[] = [
  'text',
  'email',
  'uuid',
  'integer',
  'decimal',
  'number',
  'boolean',
  'timestamp',
  'date',
  'time',
  'duration',
  'json',
]
const LISTS: readonly ScalarKind[] = ['text', 'integer', 'uuid', 'number', 'boolean', 'date']

/** Few values of each kind, so that some are equal; they include edge cases. */
export const VALUES: { readonly [K in ScalarKind]: readonly Exclude<PlainValue, null>[] } = {
  text: ['', 'a', 'A', 'ab', 'b', ' b ', 'é', 'É', 'a%b', 'a_b', '\\', "it's", '😀', '\ufb01', 'z\u00a0', 'user', 'admin', '10'],
  email: ['a@example.com', 'B@example.com', 'a@b.c'],
  url: ['https://example.com'],
  uuid: [uuid(900), uuid(901), uuid(0), uuid(1)],
  integer: [-7, -1, 0, 1, 2, 3, 10, 1000, 9007199254740991],
  decimal: ['0', '0.10', '0.1', '1.5', '-2.25', '100', '3.3333', '10.00', '0.0007'],
  number: [0, -1.5, 0.1, 0.5, 1, 2, 3, 1e-70, 1e70, 1e300, 123456.789],
  boolean: [true, false],
  timestamp: [
    '2024-01-01T00:00:00.000Z',
    '2024-02-29T23:59:59.999Z',
    '2099-12-31T12:30:45.500Z',
    '1999-06-15T06:07:08.090Z',
    '0001-01-01T00:00:00.000Z',
  ],
  date: ['2024-01-01', '2024-02-29', '1999-12-31'],
  time: ['00:00:00', '09:30:00', '23:59:59.999'],
  duration: ['PT0S', 'PT1H', 'PT90S', 'PT-30M', 'P1D', 'P2000Y'],
  json: ['{}', '[1]'],
  encrypted: ['a'],
  encryptedEqual: ['a'],
}

/** The id of a row by number. */
export function uuid(n: number): string {
  return `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`
}

/** `ruled`: fields have their own read rules. `monotone`: no rule tests whether a claim of the caller is missing. */
export type Kind = 'open' | 'ruled' | 'monotone'

/** A world of two to four entities. `E0` signs in. */
export function randomWorld(random: Random, rowsEach: number, kind: Kind = 'open'): RandomWorld {
  const names = Array.from({ length: 2 + random.below(3) }, (_, i) => `E${i}`)
  const plain = names.map((name, i) => [name, withRules(random, randomEntity(random, { names, index: i, kind }), kind)] as const)
  const entities = Object.fromEntries(
    plain.map(([name, entity]) => [name, random.chance(0.3) ? readThrough(random, [name, entity], plain) : entity]),
  )
  const spec: ModelSpec = {
    identity: 'E0',
    claims: { id: 'id', role: 'role', level: 'level', name: 'name', tag: 'tag' },
    rules: RULES,
    entities,
  }
  const model = modelOf(spec)
  const ids = new Map(names.map((name, i) => [name, Array.from({ length: rowsEach }, (_, n) => uuid(i * 100 + n))]))
  const rows = new Map(
    model.entities.map((entity) => [
      entity.name,
      (ids.get(entity.name) ?? []).map((id): PlainRow => {
        const values = entity.fields.map((field): readonly [string, PlainValue] => {
          if (field.name === 'id') return ['id', id]
          if (field.optional && random.chance(0.35)) return [field.name, null]
          return [field.name, randomValue(random, field.type, ids)]
        })
        return Object.fromEntries(values)
      }),
    ]),
  )
  const world: World = { model, rules: new Map(Object.entries(RULES)), rows }
  return { spec, shape: shapeOfSpec(spec), world, callers: randomCallers(random, rowsEach) }
}

/** Named rules for any entity; they depend only on the caller. */
export const RULES = {
  staff: 'auth.role in ["admin", "moderator"]',
  known: 'auth.id != null && !(auth.role == "user" && auth.level < 2)',
  senior: 'staff || auth.level >= 3',
}

interface Making {
  readonly names: readonly string[]
  readonly index: number
  readonly kind: Kind
}

function randomEntity(random: Random, { names, index, kind }: Making): EntitySpec {
  const fields: Record<string, string> = {}
  if (index === 0)
    Object.assign(fields, { role: `choice${maybe(random)} ${ROLES.join(' ')}`, level: 'integer?', name: 'text?', tag: 'uuid?' })
  for (const kind of KINDS) if (random.chance(0.8)) fields[`${kind}${index}`] = `${kind}${maybe(random)}`
  for (const kind of LISTS) if (random.chance(0.3)) fields[`${kind}s${index}`] = `list${maybe(random)} ${kind}`
  fields.published = `boolean${maybe(random)}`
  names.forEach((target, i) => {
    if (random.chance(0.5)) fields[`to${i}`] = `ref${maybe(random)} ${target} ${random.chance(0.7) ? `of${index}` : ''}`.trim()
  })
  const later = Object.keys(fields).find((field) => fields[field]?.startsWith('ref') && Number(field.slice(2)) > index)
  const read = random.pick([
    'true',
    'published',
    'published || staff',
    kind === 'monotone' ? 'id == auth.id' : 'auth.id != null && !published',
    ...(later === undefined ? [] : [`can("read", ${later})`, `!can("read", ${later}) || staff`]),
  ])
  return { fields, read, softDelete: random.chance(0.3) }
}

/** Field rules depend on the caller, the row, or both. */
function withRules(random: Random, entity: EntitySpec, kind: Kind): EntitySpec {
  if (kind !== 'ruled') return entity
  const rule = (): string => random.pick(['staff', 'published', 'id == auth.id', 'auth.id != null', 'false', 'published || auth.level > 1'])
  return {
    ...entity,
    fieldRead: Object.fromEntries(Object.keys(entity.fields).flatMap((field) => (random.chance(0.5) ? [[field, rule()]] : []))),
  }
}

type Named = readonly [string, EntitySpec]

/** A read rule on the rows of a relation, if the entity has a relation. */
function readThrough(random: Random, [name, entity]: Named, all: readonly Named[]): EntitySpec {
  const relations = all.flatMap(([, other]) => Object.values(other.fields).flatMap((words) => inverseOf(words, name)))
  if (relations.length === 0) return entity
  return { ...entity, read: `${random.pick(relations)}.${random.pick(['exists', 'all'])}(m, m.published != published || m.id == auth.id)` }
}

function inverseOf(words: string, target: string): readonly string[] {
  const [kind, entity, inverse] = words.replace('?', '').split(' ')
  return kind === 'ref' && entity === target && inverse !== undefined ? [inverse] : []
}

function maybe(random: Random): string {
  return random.chance(0.6) ? '?' : ''
}

function randomValue(random: Random, type: FieldType, ids: ReadonlyMap<string, readonly string[]>): PlainValue {
  switch (type.kind) {
    case 'ref':
      return random.pick(ids.get(type.entity) ?? [])
    case 'choice':
      return random.pick(type.values)
    case 'list': {
      const { of } = type
      const pool = of.kind === 'choice' ? of.values : VALUES[of.scalar]
      return Array.from({ length: random.below(4) }, () => random.pick(pool))
    }
    case 'scalar':
      return random.pick(VALUES[type.scalar])
    default:
      throw new Error(`no values for ${type.kind}`)
  }
}

function randomCallers(random: Random, rowsEach: number): readonly Caller[] {
  const claim = (values: readonly ClaimValue[]): ClaimValue => (random.chance(0.25) ? null : random.pick(values))
  const signedIn = (): Caller => ({
    session: 'session',
    claims: new Map<string, ClaimValue>([
      ['id', uuid(random.below(rowsEach))],
      ['role', claim(ROLES)],
      ['level', claim([0, 1, 2, 3, 10])],
      ['name', claim(['a', 'A', 'ab', '😀', ''])],
      ['tag', claim([uuid(900), uuid(1)])],
    ]),
  })
  return [{ session: null, claims: new Map() }, signedIn(), signedIn()]
}
