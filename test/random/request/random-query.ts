/**
 * Random queries of lists that differ only in values: each query is sent several times, like the queries of clients that read page after
 * page. Some values and spellings are unusual.
 */

import { type Field, fieldNamed, type Model } from '../../../src/model/model.ts'
import type { AbstractRequest, AskedFilter as Filter } from '../../../src/verify/expected/abstract-request.ts'
import type { Random } from '../../support/random.ts'
import { type Asker, sampleOf } from '../design/random-value.ts'

/** A parameter: its name as sent, and its next value as sent. Null for a parameter without `=`. */
export interface Parameter {
  readonly name: string
  readonly next: () => string | null
}

/** Encoded values that are not values of every field, or are values in an unusual spelling. */
export const ODD_VALUES = [
  ...[
    '',
    'true',
    'false',
    '%74rue',
    '%66alse',
    'TRUE',
    'null',
    'NULL',
    '?',
    '%3F',
    '0',
    '-0',
    '1e3',
    '1.0',
    '007',
    '9007199254740993',
    'NaN',
  ],
  ...['a+b', 'a%20b', '+', '%2B', '%00', 'a%00b', '%', '%zz', '%E0%A4', '%F0%9F%98%80', '\u00e9', '%22', "'", '%5C', '{}', '%7Ba,b%7D'],
  ...[',', 'apple,berry', 'apple,,berry', 'true,false', '[]', '=', 'a=b', '%26', '%25', '__proto__', 'constructor', 'ref0_0_', 'auth.id'],
  ...['2020-02-30', '2020-01-01', '2020-01-01T00:00:00%2B02:00', 'infinity', 'P1D', '12:00', 'now()', 'today()', 'x'.repeat(1_000)],
  ...['x'.repeat(1_001), '%41'.repeat(400), `${'1,'.repeat(499)}1`, `${'1,'.repeat(500)}1`],
]

/** A list request as parameters, of which each can have many values. */
export function randomParameters(asker: Asker, request: Extract<AbstractRequest, { kind: 'list' }>): readonly Parameter[] {
  const { random } = asker
  const { filters, sort, size, search, count, selected } = request
  const fixed = (name: string, value: string): Parameter => ({ name, next: () => value })
  const parameters = [
    ...filters.map((filter) => parameterOf(asker, request.entity, filter)),
    ...(sort.length === 0 ? [] : [fixed('sort', sort.map((key) => `${key.descending ? '-' : ''}${key.name}`).join(','))]),
    ...(random.chance(0.5) ? [fixed('page[size]', String(size))] : []),
    ...(search === null ? [] : [{ name: 'search', next: () => oftenOdd(random, () => random.pick(['apple', 'berry+cedar', 'x%20y'])) }]),
    ...(count ? [fixed('count', 'true')] : []),
    ...(selected.include.size === 0 ? [] : [fixed('include', [...selected.include.keys()].join(','))]),
    ...(selected.fields === null ? [] : [fixed('fields', selected.fields.join(','))]),
  ]
  if (random.chance(0.03)) parameters.push(random.pick(parameters.length === 0 ? [fixed('sort', 'id')] : parameters))
  if (random.chance(0.02)) parameters.push(fixed(random.pick(['', 'nothing', 'filters', 'page', '%zz', 'filter[', 'filter[]']), 'x'))
  return parameters
}

function parameterOf(asker: Asker, entity: string, filter: Filter): Parameter {
  const { random, reference } = asker
  if (filter.kind === 'expression') return { name: 'filter', next: () => encodeURIComponent(filter.source) }
  const { path, op } = filter
  const field = fieldAt(reference.model, entity, path)
  const name = op === 'eq' && random.chance(0.7) ? `filter[${path.join('.')}]` : `filter[${path.join('.')}][${op}]`
  // A filter with many ids keeps an index in use, so its value stays usable.
  if (filter.value.length > 200) return { name, next: () => encodeURIComponent(filter.value) }
  const one = () => encodeURIComponent(textOf(sampleOf(asker, field)))
  const usual = () => {
    if (op === 'isNull') return random.pick(['true', 'false'])
    return op === 'in' || op === 'nin' ? Array.from({ length: random.below(4) }, one).join(random.pick([',', '%2C'])) : one()
  }
  return { name, next: () => (random.chance(0.01) ? null : oftenOdd(random, usual)) }
}

function oftenOdd(random: Random, usual: () => string): string {
  return random.chance(0.15) ? random.pick(ODD_VALUES) : usual()
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? String(value[0] ?? 'apple') : String(value)
}

function fieldAt(model: Model, entity: string, path: readonly string[]): Field {
  let at = entity
  for (const name of path.slice(0, -1)) {
    const { type } = fieldNamed({ ...modelEntity(model, at) }, name)
    if (type.kind === 'ref') at = type.entity
  }
  return fieldNamed(modelEntity(model, at), path.at(-1) ?? '')
}

function modelEntity(model: Model, name: string) {
  const entity = model.entities.find((one) => one.name === name)
  if (entity === undefined) throw new Error(`no entity ${name}`)
  return entity
}

/** Spells the names of parameters, the same way for each request of a client. */
export function spelledBy(random: Random, parameters: readonly Parameter[]): readonly Parameter[] {
  const spell = random.pick<(name: string) => string>([
    (name) => name,
    (name) => name,
    (name) => name.replaceAll('[', '%5B').replaceAll(']', '%5D'),
    (name) => name.replaceAll('[', '%5b').replaceAll(']', '%5d'),
    (name) => name.replaceAll('[', '%5B'),
    (name) => (random.chance(0.2) ? `%${name.charCodeAt(0).toString(16)}${name.slice(1)}` : name),
  ])
  return parameters.map(({ name, next }) => ({ name: name === '' ? '' : spell(name), next }))
}

/** The next query with these parameters. */
export function nextQuery(random: Random, parameters: readonly Parameter[]): string {
  const pieces = parameters.map(({ name, next }) => {
    const value = next()
    return value === null ? name : `${name}=${value}`
  })
  return pieces.join(random.chance(0.02) ? '&&' : '&')
}
