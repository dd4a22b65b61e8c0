/** Reads the entities of an OpenAPI document into a sketch. */

import { type DataSketch, newEntity, newSketch, type SketchEntity } from '../sketch/sketch.ts'
import type { SourceText } from '../text/source-file.ts'
import { type ApiDocument, type ApiPlace, memberPlace, memberPlaces, readDocument } from './document.ts'
import { type ApiOperation, apiOperations } from './operations.ts'
import { propertiesOf, type SchemaProperty, schemaName, subjectOf } from './schemas.ts'
import { schemaType } from './types.ts'

/** A document that was read: its entities, and its operations. */
export interface ReadApi {
  readonly document: ApiDocument
  readonly sketch: DataSketch
  readonly operations: readonly ApiOperation[]
}

const ERRORS = /(?:error|problem|exception|failure)/i

/** Reads a document. @throws ImportError for one that cannot be read at all. */
export function readApi(source: SourceText): ReadApi {
  const document = readDocument(source)
  const operations = apiOperations(document)
  const sketch = newSketch()
  const schemas = memberPlaces(memberPlace(document.root, 'components', 'schemas'))
  const referred = referredSchemas(document)
  const answered = new Set(operations.flatMap(({ answer }) => (answer?.subject == null ? [] : [answer.subject])))
  const subjects = new Map<string, (readonly [name: string, schema: ApiPlace])[]>()
  for (const [name, schema] of schemas) {
    const subject = subjectOf(name)
    subjects.set(subject, [...(subjects.get(subject) ?? []), [name, schema]])
  }
  for (const [subject, variants] of subjects) {
    const properties = variants.flatMap(([, schema]) => propertiesOf(document, schema))
    const isEntity =
      !ERRORS.test(subject) && properties.length > 0 && (properties.some(({ name }) => isId(name, subject)) || answered.has(subject))
    if (isEntity) addEntity(subject, variants, { document, sketch })
    else for (const [name, schema] of variants) if (!isPart(name, schema) && !referred.has(name)) leave(name, schema, { document, sketch })
  }
  for (const entity of sketch.entities) findReferences(entity, sketch)
  for (const { names, answer } of operations) {
    const name = names.at(-1)
    const entity = sketch.entities.find((each) => each.name === answer?.subject)
    const field = entity?.fields.find((each) => each.name === name)
    if (field !== undefined && entity?.key?.columns[0] !== field.name && answer?.list === false && names.length === 1) field.unique = true
  }
  for (const [name, scheme] of memberPlaces(memberPlace(document.root, 'components', 'securitySchemes')))
    sketch.left.push({ kind: 'security', name, at: document.at(scheme.path), why: 'write an identity and access rules' })
  return { document, sketch, operations }
}

interface Reading {
  readonly document: ApiDocument
  readonly sketch: DataSketch
}

function isId(name: string, subject: string): boolean {
  const lower = name.toLowerCase().replaceAll(/[_-]/g, '')
  return lower === 'id' || lower === 'uuid' || lower === `${subject.toLowerCase()}id`
}

/** The names of the schemas that something refers to. What is no entity of its own is a part of others, and stays in the contract. */
function referredSchemas({ root }: ApiDocument): ReadonlySet<string> {
  return new Set([...JSON.stringify(root.value).matchAll(/"#\/components\/schemas\/([^"/]+)"/g)].map(([, name = '']) => name))
}

/** Schemas of errors, and of single values and lists, are parts of others. */
function isPart(name: string, { value }: ApiPlace): boolean {
  return ERRORS.test(name) || Array.isArray(value.enum) || ['string', 'integer', 'number', 'boolean', 'array'].includes(String(value.type))
}

function leave(name: string, schema: ApiPlace, { document, sketch }: Reading): void {
  sketch.left.push({
    kind: 'schema',
    name,
    at: document.at(schema.path),
    why: 'it has no id, and nothing refers to it',
  })
}

/** An entity has the properties of all schemas about it: those that answers have, and those that only requests have. */
function addEntity(subject: string, variants: readonly (readonly [name: string, schema: ApiPlace])[], { document, sketch }: Reading): void {
  const [main] = variants.toSorted(([a], [b]) => Number(b === subject) - Number(a === subject) || a.length - b.length)
  if (main === undefined) return
  const entity = newEntity(subject, document.at(main[1].path))
  const description = main[1].value.description
  if (typeof description === 'string' && description.trim() !== '') entity.description = description.trim().slice(0, 2_000)
  sketch.entities.push(entity)
  for (const [name, schema] of [main, ...variants.filter((each) => each !== main)]) {
    if (schema !== main[1]) sketch.parts.push({ kind: 'schema', name, at: document.at(schema.path), entity: subject, column: null })
    for (const property of propertiesOf(document, schema)) addProperty(entity, property, { document, sketch, isMain: schema === main[1] })
  }
}

function addProperty(
  entity: SketchEntity,
  { name, schema, required }: SchemaProperty,
  { document, sketch, isMain }: Reading & { readonly isMain: boolean },
): void {
  if (entity.fields.some((field) => field.name === name) || entity.references.some((reference) => reference.name === name)) return
  const at = document.at(schema.path)
  const target = schemaName(unwrapped(schema))
  const targetPlace = target === null ? null : memberPlace(document.root, 'components', 'schemas', target)
  if (target !== null && targetPlace !== null && propertiesOf(document, targetPlace).length > 0 && !Array.isArray(targetPlace.value.enum)) {
    const optional = !required || unwrapped(schema) !== schema
    entity.references.push({
      ...{ columns: [], target: subjectOf(target), targetColumns: null, onDelete: null, name, inverse: null, optional, unique: false, at },
    })
    return
  }
  const made = schemaType(document, schema)
  if (made.kind === 'none') return void sketch.left.push({ kind: 'field', name: `${entity.name}.${name}`, at, why: made.why })
  const items = document.resolve(schema)
  const of = items?.value.type === 'array' ? schemaName(memberPlace(items, 'items') ?? items) : null
  if (of !== null && sketch.entities.length > 0 && made.type.type === 'json') {
    sketch.left.push({ kind: 'field', name: `${entity.name}.${name}`, at, why: `the rows of ${of} refer to this one; write a ref there` })
    return
  }
  const description = document.resolve(schema)?.value.description
  entity.fields.push({
    ...{ name, at, type: made.type, optional: made.nullable || !required || !isMain, unique: false },
    ...(typeof description === 'string' && description.trim() !== '' ? { description: description.trim().slice(0, 500) } : {}),
    ...(made.note === undefined ? {} : { note: made.note }),
  })
  if (isId(name, entity.name) && entity.key === null) entity.key = { columns: [name], at }
}

/** The schema behind `allOf` with one reference, or `oneOf` with a reference and null. */
function unwrapped(place: ApiPlace): ApiPlace {
  const { value, path } = place
  for (const key of ['allOf', 'oneOf', 'anyOf']) {
    const parts = value[key]
    if (!Array.isArray(parts)) continue
    const references = parts.filter((part) => typeof part === 'object' && part !== null && '$ref' in part)
    if (references.length === 1 && parts.every((part) => references.includes(part) || part?.type === 'null'))
      return { value: references[0], path }
  }
  return place
}

/** References to schemas that are no entities become json; `userId` refers to the entity User. */
function findReferences(entity: SketchEntity, sketch: DataSketch): void {
  for (const reference of [...entity.references]) {
    if (sketch.entities.some(({ name }) => name === reference.target)) continue
    entity.references.splice(entity.references.indexOf(reference), 1)
    entity.fields.push({
      name: reference.name ?? '',
      at: reference.at,
      type: { type: 'json' },
      optional: reference.optional,
      unique: false,
      note: 'an object is json',
    })
  }
  for (const { name, at, optional } of entity.fields) {
    const [, stem] = /^(.+?)(?:_id|Id|ID)$/.exec(name) ?? []
    const target =
      stem === undefined ? undefined : sketch.entities.find((each) => each.name.toLowerCase() === stem.replaceAll('_', '').toLowerCase())
    if (target === undefined || entity.key?.columns.includes(name) === true) continue
    if (entity.references.some((each) => each.name?.toLowerCase() === stem?.toLowerCase())) continue
    entity.references.push({
      columns: [name],
      target: target.name,
      targetColumns: null,
      onDelete: null,
      name: null,
      inverse: null,
      optional,
      unique: false,
      at,
    })
  }
}
