/** The reference's evaluation of the filters and the search of a request. */

import { type Entity, entityNamed, type Field, fieldNamed, type Model } from '../../model/model.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { AskedFilter, AskedOp } from './abstract-request.ts'
import { fieldOrNull, type ReferenceBackend, type Sight } from './reference.ts'

const TEXT: Typed = { type: { kind: 'scalar', scalar: 'text', min: null, max: null, pattern: null, precision: null } }

/** The caller and the entity of a filter. */
export interface Asking {
  readonly sight: Sight
  readonly reference: ReferenceBackend
}

/** The entity of a relation or reference, if it exists for this caller. */
export function followable({ sight, reference }: Asking, entity: Entity, name: string): Entity | null {
  const { kind } = sight
  const type = fieldOrNull(entity, name)?.type
  if (type?.kind === 'ref') {
    return kind.readable(entity.name).has(name) && kind.mayHold(type.entity, 'read') ? entityNamed(reference.model, type.entity) : null
  }
  const relation = entity.relations.find((one) => one.name === name)
  if (relation === undefined || !kind.mayHold(relation.entity, 'read') || !kind.readable(relation.entity).has(relation.via)) return null
  return entityNamed(reference.model, relation.entity)
}

/** The names in filters that do not exist for the caller; an entry is null when all names exist. */
export function namesOf(at: Asking, entity: Entity, filter: AskedFilter): readonly (string | null)[] {
  const { kind } = at.sight
  if (filter.kind === 'expression') return filter.names.map(([owner, name]) => (isNamed(at, owner, name) ? null : `${owner}.${name}`))
  let from: Entity | null = entity
  for (const name of filter.path.slice(0, -1)) {
    from = from === null ? null : followable(at, from, name)
    if (from === null) return [name]
  }
  const last = filter.path.at(-1) ?? ''
  return [kind.readable(from.name).has(last) ? null : `${from.name}.${last}`]
}

function isNamed({ sight, reference }: Asking, owner: string, name: string): boolean {
  const entity = entityNamed(reference.model, owner)
  if (!sight.kind.mayHold(owner, 'read')) return false
  return (
    sight.kind.readable(owner).has(name) ||
    (entity.relations.some((r) => r.name === name) && followable({ sight, reference }, entity, name) !== null)
  )
}

/** Converts a filter in brackets to an expression. */
export function expressionOf(model: Model, entity: Entity, filter: AskedFilter): string {
  return filter.kind === 'expression'
    ? filter.source
    : conditionSource(fieldAtPath(model, entity, filter.path), filter.path.join('.'), filter)
}

/** A condition on the value at a path, as an expression. */
export function conditionSource(field: Typed, path: string, { op, value }: { readonly op: AskedOp; readonly value: string }): string {
  const constant = (text: string) => constantOf(field, text)
  switch (op) {
    case 'eq':
      return `${path} == ${constant(value)}`
    case 'ne':
      return `${path} != ${constant(value)}`
    case 'gt':
      return `${path} > ${constant(value)}`
    case 'gte':
      return `${path} >= ${constant(value)}`
    case 'lt':
      return `${path} < ${constant(value)}`
    case 'lte':
      return `${path} <= ${constant(value)}`
    case 'in':
      return `${path} in [${value.split(',').map(constant).join(', ')}]`
    case 'nin':
      return `!(${path} in [${value.split(',').map(constant).join(', ')}])`
    case 'isNull':
      return value === 'true' ? `${path} == null` : `${path} != null`
    case 'contains':
      return field.type.kind === 'list' ? `${JSON.stringify(value)} in ${path}` : `${path}.contains(${JSON.stringify(value)})`
    case 'startsWith':
    case 'endsWith':
      return `${path}.${op}(${JSON.stringify(value)})`
  }
}

type Typed = Pick<Field, 'type'>

/** The field at the end of a path; a computed field counts as a text, because it is only asked whether it is missing. */
function fieldAtPath(model: Model, entity: Entity, path: readonly string[]): Typed {
  const [name = '', ...rest] = path
  if (entity.derived.some((field) => field.name === name)) return TEXT
  const field = fieldNamed(entity, name)
  if (rest.length === 0) return field
  if (field.type.kind !== 'ref') throw new Error(`${name} leads nowhere`)
  return fieldAtPath(model, entityNamed(model, field.type.entity), rest)
}

function constantOf({ type }: Typed, text: string): string {
  const scalar = type.kind === 'scalar' || type.kind === 'computed' || type.kind === 'ref' ? type.scalar : 'text'
  if (scalar === 'timestamp') return `timestamp(${JSON.stringify(text)})`
  return ['integer', 'boolean', 'decimal', 'number'].includes(scalar) ? text : JSON.stringify(text)
}

/** Whether the visible texts contain every word of the search. */
export function matchesWords(row: PlainRow, fields: readonly string[], search: string): boolean {
  const words = new Set(
    fields.flatMap((name) =>
      String(row[name] ?? '')
        .toLowerCase()
        .split(/[^a-z]+/),
    ),
  )
  return search
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '')
    .every((word) => words.has(word))
}
