/** Random well-typed conditions, like those of authors. */

import type { EntityShape, Shape } from '../../src/design/expression/shape.ts'
import type { ScalarKind } from '../../src/model/scalar.ts'
import type { Random } from '../support/random.ts'
import { ROLES, RULES, VALUES } from './random-world.ts'

/** The names that a part of an expression may use. */
export interface Place {
  readonly shape: Shape
  readonly random: Random
  readonly entity: string
  readonly rows: readonly { readonly name: string; readonly entity: string }[]
  readonly items: readonly { readonly name: string; readonly scalar: ScalarKind }[]
  /** The number of relations that may still be followed. */
  readonly steps: number
  /** The forbidden parts: tests of null, or everything that a filter of a request may not use. */
  readonly only?: 'no-null-test' | 'request'
}

type Kind = ScalarKind

const COMPARED: readonly Kind[] = [
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
]
const NUMBERS: readonly Kind[] = ['integer', 'decimal', 'number']

/** A condition on a row of the entity, with at most `depth` levels of connectives. */
export function randomCondition(place: Place, depth: number): string {
  const { random } = place
  if (depth > 0 && random.chance(0.55)) {
    const inner = (): string => randomCondition(place, depth - 1)
    switch (random.below(7)) {
      case 0:
      case 1:
        return `(${inner()} && ${inner()})`
      case 2:
      case 3:
        return `(${inner()} || ${inner()})`
      case 4:
        return `!(${inner()})`
      case 5:
        return `(${inner()} ? ${inner()} : ${inner()})`
      default:
        return quantified(place, depth)
    }
  }
  return leaf(place, depth)
}

function leaf(place: Place, depth: number): string {
  const { random } = place
  switch (random.below(12)) {
    case 0:
      return truth(place)
    case 1:
      return place.only === 'no-null-test'
        ? truth(place)
        : `${path(place, random.pick(COMPARED)) ?? 'auth.id'} ${random.pick(['==', '!='])} null`
    case 2:
      return membership(place, depth)
    case 3:
      return textTest(place, depth)
    case 4:
      return reference(place)
    case 5:
      return place.only === 'request'
        ? 'auth.role == "admin"'
        : random.pick([
            ...Object.keys(RULES).filter((rule) => place.only === undefined || rule !== 'known'),
            'auth.role == "admin"',
            'auth.level > 1',
          ])
    case 6:
      return can(place)
    case 7:
      return quantified(place, depth)
    default:
      return comparison(place, depth)
  }
}

function comparison(place: Place, depth: number): string {
  const { random } = place
  const kind = random.pick(COMPARED)
  const other = NUMBERS.includes(kind) && random.chance(0.4) ? random.pick(NUMBERS) : kind === 'uuid' && random.chance(0.1) ? 'text' : kind
  const op = random.pick(['==', '!=', '<', '<=', '>', '>='])
  const left = random.chance(0.4) ? term(place, kind, depth) : (path(place, kind) ?? term(place, kind, depth))
  return `${left} ${op} ${term(place, other, depth)}`
}

function truth(place: Place): string {
  return path(place, 'boolean') ?? place.random.pick(['true', 'false'])
}

function membership(place: Place, depth: number): string {
  const { random } = place
  const kind = random.pick(['text', 'integer', 'uuid', 'number', 'date', 'boolean'] as const)
  const list = random.chance(0.5) ? listTerm(place, kind, depth) : null
  const of = path(place, kind) ?? constant(place, kind)
  if (list !== null) return `${random.chance(0.5) ? constant(place, kind) : of} in ${list}`
  const items = Array.from({ length: random.below(4) }, () => (random.chance(0.8) ? constant(place, kind) : term(place, kind, depth - 1)))
  return `${of} in [${items.join(', ')}]`
}

function textTest(place: Place, depth: number): string {
  const { random } = place
  const of = path(place, 'text') ?? 'auth.name'
  if (random.chance(0.2))
    return `${of}.matches(${JSON.stringify(random.pick(['^a', 'b$', '^[a-z]+$', '^\\w*$', 'a.b', '^.$', '\\s', '^(?:a|b){1,2}$']))})`
  return `${of}.${random.pick(['startsWith', 'endsWith', 'contains'])}(${random.chance(0.7) ? constant(place, 'text') : term(place, 'text', depth - 1)})`
}

function reference(place: Place): string {
  const { random } = place
  const found = references(place)
  if (found.length === 0) return truth(place)
  const name = random.pick(found).path
  if (place.only !== 'no-null-test' && random.chance(0.3)) return `${name} ${random.pick(['==', '!='])} null`
  const to = random.pick(['auth.id', 'auth.tag', constant(place, 'uuid'), random.pick(found).path])
  return `${name}${random.pick(['', '.id'])} ${random.pick(['==', '!='])} ${to}`
}

function can(place: Place): string {
  if (place.only === 'request') return truth(place)
  const found = references(place)
  return found.length === 0 ? truth(place) : `can("read", ${place.random.pick(found).path})`
}

function quantified(place: Place, depth: number): string {
  const { random } = place
  const word = random.pick(['exists', 'all'])
  const bound = random.pick(['m', 'n'])
  const list = place.steps > 0 && random.chance(0.25) ? listPath(place, random.pick(['text', 'integer', 'uuid'])) : null
  if (list !== null) {
    const scalar = list.split('.').at(-1)?.startsWith('text') ? 'text' : list.split('.').at(-1)?.startsWith('integer') ? 'integer' : 'uuid'
    const inside: Place = {
      ...place,
      items: [...place.items.filter((i) => i.name !== bound), { name: bound, scalar }],
      rows: place.rows.filter((r) => r.name !== bound),
      steps: place.steps - 1,
    }
    return `${list}.${word}(${bound}, ${bound} ${random.pick(['==', '!=', '<'])} ${term(inside, scalar, 0)})`
  }
  const found = relations(place)
  if (found.length === 0 || place.steps <= 0) return comparison(place, depth)
  const over = random.pick(found)
  const inside: Place = {
    ...place,
    rows: [...place.rows.filter((r) => r.name !== bound), { name: bound, entity: over.entity }],
    items: place.items.filter((i) => i.name !== bound),
    steps: place.steps - 1,
  }
  return `${over.path}.${word}(${bound}, ${randomCondition(inside, depth - 1)})`
}

/** A value of a kind. */
function term(place: Place, kind: Kind, depth: number): string {
  const { random } = place
  if (depth > 0 && random.chance(0.5)) {
    const made = calculated(place, kind, depth - 1)
    if (made !== null) return made
  }
  const item = place.items.find((i) => i.scalar === kind)
  if (item !== undefined && random.chance(0.4)) return item.name
  return random.chance(0.5) ? constant(place, kind) : (claim(place, kind) ?? path(place, kind) ?? constant(place, kind))
}

function claim({ random }: Place, kind: Kind): string | null {
  if (!random.chance(0.4)) return null
  return { uuid: random.pick(['auth.id', 'auth.tag']), integer: 'auth.level', text: 'auth.name' }[kind as string] ?? null
}

function calculated(place: Place, kind: Kind, depth: number): string | null {
  const { random } = place
  const inner = (of: Kind): string => term(place, of, depth)
  if (random.chance(0.15)) return `(${randomCondition(place, 0)} ? ${inner(kind)} : ${inner(kind)})`
  switch (kind) {
    case 'text':
      return random.pick([
        () => `(${inner('text')} + ${inner('text')})`,
        () => `(${inner('text')}).lowerAscii()`,
        () => ofItems(place, 'text', { depth, words: ['min', 'max'] }) ?? inner('text'),
        () => `(${inner('text')}).upperAscii()`,
        () => `(${inner('text')}).trim()`,
        () => `string(${inner('integer')})`,
        () => `string(${inner('uuid')})`,
        () => `string(${inner('boolean')})`,
      ])()
    case 'integer':
      return random.pick([
        () => `size(${inner('text')})`,
        () => `size(${listTerm(place, 'text', depth) ?? inner('text')})`,
        () => ofItems(place, 'integer', { depth, words: ['sum', 'min', 'max'] }) ?? inner('integer'),
        () => counted(place) ?? inner('integer'),
        () => `(${inner('integer')} ${random.pick(['+', '-', '*', '/', '%'])} ${inner('integer')})`,
        () => `-${path(place, 'integer') ?? 'auth.level'}`,
        () => `int(${inner('decimal')})`,
        () =>
          `(${inner('timestamp')}).${random.pick(['getFullYear', 'getMonth', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear', 'getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'])}()`,
        () =>
          `(${path(place, 'duration') ?? 'duration("90s")'}).${random.pick(['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'])}()`,
      ])()
    case 'decimal':
      return `(${path(place, 'decimal') ?? '1.5'} ${random.pick(['+', '-', '*', '/'])} ${path(place, random.pick(['decimal', 'integer'])) ?? '2'})`
    case 'number':
      return random.pick([
        () => `(${path(place, 'number') ?? '1.5'} ${random.pick(['+', '-', '*', '/'])} ${inner(random.pick(['number', 'integer']))})`,
        () => `double(${inner('integer')})`,
        () => ofItems(place, 'number', { depth, words: ['sum', 'min', 'max'] }) ?? inner('number'),
      ])()
    case 'timestamp':
      return random.pick([
        () => 'now()',
        () => `(${path(place, 'timestamp') ?? 'now()'} ${random.pick(['+', '-'])} ${constant(place, 'duration')})`,
      ])()
    case 'date':
      return 'today()'
    case 'duration':
      return random.pick([
        () => `(${path(place, 'timestamp') ?? 'now()'} - ${constant(place, 'timestamp')})`,
        () => `(${constant(place, 'duration')} ${random.pick(['+', '-'])} ${constant(place, 'duration')})`,
      ])()
    default:
      return null
  }
}

function counted(place: Place): string | null {
  const found = place.steps > 0 ? relations(place) : []
  return found.length === 0 ? null : `size(${place.random.pick(found).path})`
}

function constant({ random }: Place, kind: Kind): string {
  const value = random.pick(VALUES[kind])
  switch (kind) {
    case 'timestamp':
      return `timestamp(${JSON.stringify(value)})`
    case 'duration':
      return `duration("${random.pick(['0s', '1h', '90s', '30m', '24h', '-1h30m', '1500ms'])}")`
    case 'integer':
      return String(value)
    case 'decimal':
      return random.pick(['0.1', '1.5', '-2.25', '100', '3', '10.0'])
    case 'number':
      return random.pick(['0.0', '-1.5', '0.1', '0.5', '2.0', '3'])
    default:
      return JSON.stringify(value)
  }
}

interface Found {
  readonly path: string
  readonly entity: string
  readonly hops: number
}

/** The rows that an expression can name: the row itself (no name), bound rows, and rows at the end of one or two references. */
function reachable(place: Place): readonly Found[] {
  const start: Found[] = [
    { path: '', entity: place.entity, hops: 0 },
    ...place.rows.map((row) => ({ path: row.name, entity: row.entity, hops: 0 })),
  ]
  const one = start.flatMap((from) => follow(place, from))
  return [...start, ...one, ...one.flatMap((from) => follow(place, from))].filter((found) => found.hops <= place.steps)
}

function follow({ shape }: Place, from: Found): readonly Found[] {
  const fields = [...(entityOf(shape, from.entity).fields ?? [])]
  return fields.flatMap(([name, field]) =>
    field.kind === 'ref' ? [{ path: dotted(from, name), entity: field.entity, hops: from.hops + 1 }] : [],
  )
}

function references(place: Place): readonly Found[] {
  return reachable(place).filter((found) => found.hops > 0)
}

function relations(place: Place): readonly Found[] {
  return reachable(place).flatMap((from) =>
    from.hops >= place.steps
      ? []
      : [...entityOf(place.shape, from.entity).relations].map(([name, to]) => ({
          path: dotted(from, name),
          entity: to.entity,
          hops: from.hops + 1,
        })),
  )
}

function path(place: Place, kind: Kind): string | null {
  return pathTo(place, kind, false)
}

function listPath(place: Place, kind: Kind): string | null {
  return pathTo(place, kind, true)
}

/** A list: that of a field, some of its items, or values made of them. */
function listTerm(place: Place, kind: Kind, depth: number): string | null {
  const { random } = place
  const list = listPath(place, kind)
  if (list === null || place.only === 'request' || place.steps <= 0 || random.chance(0.4)) return list
  const inside = withItem(place, kind)
  if (random.chance(0.3)) return `${list}.map(z, ${term(inside, kind, Math.min(depth, 1))})`
  return `${list}.filter(z, z ${random.pick(['==', '!=', '<', '>='])} ${term(inside, kind, 0)})`
}

/** One value made of the items of a list of this kind. */
function ofItems(place: Place, kind: Kind, { depth, words }: { readonly depth: number; readonly words: readonly string[] }): string | null {
  const { random } = place
  const list = place.only === 'request' || place.steps <= 0 ? null : listTerm(place, kind, depth)
  if (list === null) return null
  const word = random.pick(words)
  if (random.chance(0.5)) return random.pick([`${word}(${list})`, `${list}.${word}()`])
  return `${list}.${word}(z, ${term(withItem(place, kind), kind, 0)})`
}

/** The place inside of a function about each item, which is named `z`. */
function withItem(place: Place, scalar: Kind): Place {
  const items = [...place.items.filter(({ name }) => name !== 'z'), { name: 'z', scalar }]
  return { ...place, items, steps: place.steps - 1 }
}

function pathTo(place: Place, kind: Kind, list: boolean): string | null {
  const rows = reachable(place)
  for (let tries = 0; tries < 6; tries++) {
    const from = place.random.pick(rows)
    const fields = [...entityOf(place.shape, from.entity).fields].filter(
      ([, field]) => field.kind === 'value' && field.type.scalar === kind && field.type.list === list && field.choices === null,
    )
    if (fields.length > 0) return dotted(from, place.random.pick(fields)[0])
  }
  return !list && kind === 'text' && place.random.chance(0.3) ? `"${place.random.pick(ROLES)}"` : null
}

function entityOf(shape: Shape, name: string): EntityShape {
  const entity = shape.entities.get(name)
  if (entity === undefined) throw new Error(`no entity ${name}`)
  return entity
}

function dotted(from: Found, name: string): string {
  return from.path === '' ? name : `${from.path}.${name}`
}
