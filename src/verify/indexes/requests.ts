/**
 * The requests about an entity that a proof examines: each filter, sort, include and search alone, and the use of each declared index.
 */

import { sampleValue } from '../../compile/values/sample.ts'
import { type Entity, entityNamed, type Field, type IndexPart, type Model, storedScalar } from '../../model/model.ts'
import { SCALARS } from '../../model/scalar.ts'
import { ascending } from './candidates.ts'

/** A query string for an entity. */
export interface SampleQuery {
  /** The name for people: `list filter[author] sort=-createdAt`. */
  readonly label: string
  /** `row`: about one row by its id. */
  readonly about: 'row' | 'rows'
  /** Without the `?`. */
  readonly query: string
}

/** Every query, including queries without an index and queries that no caller may make. Labels are unique. */
export function sampleQueries(model: Model, entity: Entity): readonly SampleQuery[] {
  const lists = [
    [],
    [parameter('count', 'true')],
    ...entity.fields.filter((field) => field.name !== 'id').flatMap((field) => aloneQueries(field)),
    ...entity.fields.flatMap((field) => throughReference(model, field)),
    ...indexQueries(entity),
    ...(entity.search === null ? [] : [[parameter('search', 'sample')]]),
    ...entity.fields.filter((field) => field.type.kind === 'ref').map((field) => [parameter('include', field.name)]),
    ...entity.relations.map(({ name }) => [parameter('include', name)]),
  ]
  const rows = [[], ...entity.relations.map(({ name }) => [parameter('include', name)])]
  const queries = [
    ...rows.map((parameters): SampleQuery => ({ about: 'row', ...spelled('get', parameters) })),
    ...lists.map((parameters): SampleQuery => ({ about: 'rows', ...spelled('list', parameters) })),
  ]
  return [...new Map(queries.map((query) => [query.label, query])).values()]
}

interface Parameter {
  readonly name: string
  readonly value: string
  /** Whether the value is only a sample; labels leave samples out. */
  readonly sample: boolean
}

function parameter(name: string, value: string): Parameter {
  return { name, value, sample: name.startsWith('filter') || name === 'search' }
}

function spelled(verb: string, parameters: readonly Parameter[]): Pick<SampleQuery, 'label' | 'query'> {
  return {
    label: [verb, ...parameters.map(({ name, value, sample }) => (sample ? name : `${name}=${value}`))].join(' '),
    query: parameters.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join('&'),
  }
}

/** Queries on one field: equal to a value, sorted by it, from a value on. A reverse order would give the same result, so it is left out. */
function aloneQueries(field: Field): readonly (readonly Parameter[])[] {
  if (field.type.kind === 'password') return []
  const equal = equalTo(field.name, field)
  if (field.type.kind === 'list' || !SCALARS[storedScalar(field.type)].ordered) return equal.map((one) => [one])
  const from = equal.map(({ value }) => parameter(`filter[${field.name}][gte]`, value))
  const begin =
    SCALARS[storedScalar(field.type)].column === 'text' ? equal.map((one) => parameter(`${one.name}[startsWith]`, 'sample')) : []
  const sort = parameter('sort', field.name)
  return [...equal.map((one) => [one]), ...begin.map((one) => [one]), ...from.map((one) => [one, sort]), [sort]]
}

/** Queries on a field of the referenced row. */
function throughReference(model: Model, field: Field): readonly (readonly Parameter[])[] {
  if (field.type.kind !== 'ref') return []
  const target = entityNamed(model, field.type.entity)
  return target.fields.flatMap((far) => equalTo(`${field.name}.${far.name}`, far).map((one) => [one]))
}

/** The queries that each index serves: its first fields equal to a value, sorted by the other fields. */
function indexQueries(entity: Entity): readonly (readonly Parameter[])[] {
  const declared = [...entity.indexes.map((index) => index.parts), ...entity.uniques.map(({ fields }) => fields.map(ascending))]
  return declared.flatMap((parts) => parts.map((_, pinned) => pinnedQuery(entity, parts, pinned + 1)))
}

function pinnedQuery(entity: Entity, parts: readonly IndexPart[], pinned: number): readonly Parameter[] {
  const filters = parts.slice(0, pinned).flatMap(({ field }) => {
    const found = entity.fields.find((f) => f.name === field)
    return found === undefined ? [] : equalTo(field, found)
  })
  const sort = parts.slice(pinned).map((part) => `${part.descending ? '-' : ''}${part.field}`)
  return sort.length === 0 ? filters : [...filters, parameter('sort', sort.join())]
}

function equalTo(name: string, field: Field): readonly Parameter[] {
  const { type } = field
  if (type.kind === 'password' || !SCALARS[storedScalar(type)].comparable) return []
  if (type.kind === 'list') return [parameter(`filter[${name}][contains]`, String(sampleValue(type.of) ?? 'sample'))]
  const value =
    type.kind === 'computed'
      ? sampleValue({ kind: 'scalar', scalar: type.scalar, min: null, max: null, pattern: null, precision: null })
      : sampleValue(type)
  return value === undefined ? [] : [parameter(`filter[${name}]`, String(value))]
}
