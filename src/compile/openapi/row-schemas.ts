/** Schemas and examples of an entity's rows and bodies in an OpenAPI document. */

import { restBase } from '../../model/address/served.ts'
import { type Field, isMaintained, type Relation, storedScalar } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import { type EntityView, type FieldView, viewOf } from '../rules/view.ts'
import { nextOf } from '../statements/plan.ts'
import type { Input } from '../values/inputs.ts'
import { nestingsOf } from '../values/nesting.ts'
import { sampleValue } from '../values/sample.ts'
import { answeredSchema, bodySchema, nullable } from '../values/schemas.ts'
import { componentRef, type JsonObject, prose } from './component-names.ts'
import { bodyOf, fieldsOf, idOf, isOpen, type Scope } from './scope.ts'

/** The schema components of an entity. The document later drops components that no operation uses. */
export function rowComponents(scope: Scope, entity: EntityView): JsonObject {
  const name = scope.componentOf(entity.entity, '')
  const schemas: Record<string, JsonObject> = { [name]: rowSchema(scope, entity) }
  schemas[scope.componentOf(entity.entity, 'List')] = listSchema(name)
  schemas[scope.componentOf(entity.entity, 'Reference')] = {
    description: `A ${entity.entity.name} that you have written but may not read.`,
    type: 'object',
    properties: { id: answeredSchema(idOf(entity.entity).type) },
    required: ['id'],
  }
  if (isOpen(entity, 'create'))
    schemas[scope.componentOf(entity.entity, 'Create')] = creationSchema(scope, entity, bodyOf(entity, 'create'))
  for (const { name: relation, child, input } of nestingsOf(scope.view, entity).values())
    schemas[scope.componentOf(entity.entity, `children ${relation}`)] = creationSchema(scope, child, input)
  if (isOpen(entity, 'update')) {
    schemas[scope.componentOf(entity.entity, 'Patch')] = writeSchema(entity, bodyOf(entity, 'patch'))
    schemas[scope.componentOf(entity.entity, 'Put')] = writeSchema(entity, bodyOf(entity, 'put'))
  }
  return schemas
}

/**
 * The schema of a row in answers. It allows further properties, so that new fields of a design do not break clients. Properties without a
 * rule are always present. A property with a rule is null on rows where the rule hides it, and absent for callers who can never read it.
 */
function rowSchema(scope: Scope, entity: EntityView): JsonObject {
  const fields = fieldsOf(entity)
  const own = fields.map((view): [string, JsonObject] => [view.field.name, propertySchema(scope, entity, view)])
  const related = [...entity.relations.values()].flatMap((relation): (readonly [string, JsonObject])[] => [
    [relation.name, relationSchema(scope, relation)],
    [nextOf(relation.name), nextSchema(scope, relation)],
  ])
  const required = fields.filter((f) => isAlways(f.rule)).map((f) => f.field.name)
  return {
    ...(entity.entity.description === null ? {} : { description: prose(entity.entity.description) }),
    type: 'object',
    properties: Object.fromEntries([...own, ...related]),
    ...(required.length === 0 ? {} : { required }),
  }
}

function relationSchema(scope: Scope, relation: Relation): JsonObject {
  const items = componentRef('schemas', scope.componentOf(viewOf(scope.view, relation.entity).entity, ''))
  const { pageSizeMax } = scope.limits
  const { name, entity, via } = relation
  const description = `The first ${pageSizeMax} rows of ${entity} whose ${via} is this one; only with \`include=${name}\`.`
  return { type: 'array', items, maxItems: pageSizeMax, readOnly: true, description }
}

function nextSchema(scope: Scope, { name, entity, via }: Relation): JsonObject {
  const { path } = viewOf(scope.view, entity).entity
  const address = `${restBase(scope.model)}/${path}?filter[${via}]=<id>&page[after]=<cursor>`
  const description = `Cursor where \`${name}\` goes on: \`GET ${address}\`. Absent when \`${name}\` is complete.`
  return { type: 'string', readOnly: true, description }
}

function propertySchema(scope: Scope, entity: EntityView, { field, rule }: FieldView): JsonObject {
  const value = valueSchema(scope, entity, field)
  const mayBeNull = field.optional || field.type.kind === 'computed' || !isAlways(rule) || leadsToHidden(scope, entity, field)
  const isReadOnly = isMaintained(field)
  const notes = [field.description === null ? SYSTEM_NOTES[field.system ?? ''] : prose(field.description)]
  if (field.default?.kind === 'set') notes.push(SET_NOTES[field.default.on])
  if (field.default?.kind === 'sequence') notes.push('Numbered by the server.')
  if (!isAlways(rule)) notes.push('Null where you may not see it.')
  const description = notes.filter((note) => note !== undefined).join(' ')
  return {
    ...(mayBeNull ? nullable(value) : value),
    ...(isReadOnly ? { readOnly: true } : {}),
    ...(description === '' ? {} : { description }),
  }
}

const SYSTEM_NOTES: Readonly<Record<string, string>> = {
  createdAt: 'When the row was created.',
  updatedAt: 'When the row was last changed.',
  version: 'Increases by one with every change.',
}

const SET_NOTES = {
  create: 'Set by the server when the row is created.',
  write: 'Set by the server at every write.',
} as const satisfies Record<string, string>

/** The schema of a value. A reference is an id, or the referenced row if the request includes it. */
function valueSchema(scope: Scope, entity: EntityView, field: Field): JsonObject {
  const value = answeredSchema(field.type)
  if (field.type.kind !== 'ref' || !entity.references.has(field.name)) return value
  return { oneOf: [value, componentRef('schemas', scope.componentOf(viewOf(scope.view, field.type.entity).entity, ''))] }
}

/** Whether an included row can be null because the caller may not read it, or because it was deleted softly. */
function leadsToHidden(scope: Scope, entity: EntityView, field: Field): boolean {
  if (field.type.kind !== 'ref' || !entity.references.has(field.name)) return false
  const target = viewOf(scope.view, field.type.entity)
  return !isAlways(target.read) || target.entity.softDelete
}

function listSchema(row: string): JsonObject {
  return {
    type: 'object',
    properties: { data: { type: 'array', items: componentRef('schemas', row) }, page: componentRef('schemas', 'PageInfo') },
    required: ['data', 'page'],
  }
}

/** The schema of `page` in the answer of a list. */
export const PAGE_SCHEMA = {
  description: 'Where this page ends.',
  type: 'object',
  properties: {
    next: { type: ['string', 'null'], description: 'Cursor for `page[after]`; null on the last page.' },
    count: { type: 'integer', minimum: 0, description: 'How many rows there are in all; only with `count=true`.' },
  },
  required: ['next'],
} as const satisfies JsonObject

/** The body of a creation, which may contain nested rows. */
function creationSchema(scope: Scope, entity: EntityView, input: Input): JsonObject {
  const { nestedRows, nestedDepth } = scope.limits
  const schema = writeSchema(entity, input)
  const lists = [...nestingsOf(scope.view, entity).values()].map(({ name, child, via }): [string, JsonObject] => {
    const items = componentRef('schemas', scope.componentOf(entity.entity, `children ${name}`))
    const bounds = `at most ${nestedRows} rows in all, ${nestedDepth} levels deep`
    const about = `Every ${child.entity.name} to create along with this row, as its ${via.name}; ${bounds}.`
    return [name, { type: 'array', items, maxItems: nestedRows, writeOnly: true, description: about }]
  })
  return { ...schema, properties: { ...(schema.properties as JsonObject), ...Object.fromEntries(lists) } }
}

function writeSchema(entity: EntityView, input: Input): JsonObject {
  const schema = bodySchema(input)
  const properties = Object.entries(schema.properties as Record<string, JsonObject>).map(([name, property]): [string, JsonObject] => {
    const rule = entity.writable.get(name)?.rule
    const notes = [typeof property.description === 'string' ? prose(property.description) : '']
    if (rule !== undefined && !isAlways(rule)) notes.push('Not every caller may set it.')
    const description = notes.filter((note) => note !== '').join(' ')
    return [name, description === '' ? property : { ...property, description }]
  })
  return { ...schema, properties: Object.fromEntries(properties) }
}

/** An example of a row in an answer; undefined when some field has no sample. */
export function rowExample(entity: EntityView): JsonObject | undefined {
  const values = fieldsOf(entity).map(({ field }): [string, unknown] => [field.name, answeredSample(field)])
  return values.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(values)
}

function answeredSample(field: Field): unknown {
  if (field.system === 'version') return 1
  if (field.system === 'deletedAt') return null
  const scalar = storedScalar(field.type)
  const plain = { kind: 'scalar', scalar, min: null, max: null, pattern: null, precision: null } as const
  const value = field.default?.kind === 'value' ? field.default.value : sampleValue(field.type.kind === 'computed' ? plain : field.type)
  return scalar === 'decimal' ? asText(value) : value
}

function asText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asText)
  return value === undefined || value === null ? value : String(value)
}

/**
 * A body that the operation accepts, or undefined when some field has no sample. A change contains one field; other bodies contain only the
 * required fields.
 */
export function bodyExample(input: Input): JsonObject | undefined {
  const [first] = [...input.fields.values()].filter((field) => field.type.kind !== 'password')
  const names = input.operation === 'patch' ? (first === undefined ? [] : [first.name]) : input.required
  const values = names.map((name): [string, unknown] => {
    const field = input.fields.get(name)
    return [name, field === undefined ? undefined : sampleValue(field.type)]
  })
  return values.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(values)
}
