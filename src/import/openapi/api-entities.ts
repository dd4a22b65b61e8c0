/** Makes entities of the schemas of a document: OpenAPI and AsyncAPI have the same ones. */

import { type DataSketch, newEntity, type SketchEntity } from '../sketch/sketch.ts'
import { type ApiDocument, type ApiPlace, memberPlace } from './document.ts'
import { propertiesOf, type SchemaProperty, schemaName, schemaSubject } from './schemas.ts'
import { schemaType } from './types.ts'

/** What is read, and what was found in it so far. */
export interface Reading {
  readonly document: ApiDocument
  readonly sketch: DataSketch
}

/** Whether a property is the id of what a schema describes. */
export function isId(name: string, subject: string): boolean {
  const lower = name.toLowerCase().replaceAll(/[_-]/g, '')
  return lower === 'id' || lower === 'uuid' || lower === `${subject.toLowerCase()}id`
}

/** An entity has the properties of all schemas about it: those that answers have, and those that only requests have. */
export function addEntity(
  subject: string,
  variants: readonly (readonly [name: string, schema: ApiPlace])[],
  { document, sketch }: Reading,
): void {
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
      ...{
        columns: [],
        target: schemaSubject(target),
        targetColumns: null,
        onDelete: null,
        name,
        inverse: null,
        optional,
        unique: false,
        at,
      },
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
export function findReferences(entity: SketchEntity, sketch: DataSketch): void {
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
    // `customer` beside `customerId` is the row that the id names
    const same = entity.references.findIndex((each) => each.name?.toLowerCase() === stem?.replaceAll('_', '').toLowerCase())
    const held = entity.references[same]
    if (held !== undefined) {
      if (held.columns.length === 0 && held.target === target.name) entity.references[same] = { ...held, columns: [name] }
      continue
    }
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
