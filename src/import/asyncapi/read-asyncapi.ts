/** Reads an AsyncAPI document into a sketch: entities of its schemas, and the messages that are sent and received. */

import { addEntity, findReferences, isId, type Reading } from '../openapi/api-entities.ts'
import { type ApiDocument, type ApiPlace, memberPlace, memberPlaces, readDocument } from '../openapi/document.ts'
import { propertiesOf, schemaName, schemaSubject } from '../openapi/schemas.ts'
import { schemaType } from '../openapi/types.ts'
import { type DataSketch, newSketch, type SketchMessage } from '../sketch/sketch.ts'
import type { SourceText } from '../text/source-file.ts'
import { happeningOf } from './happening.ts'
import { type ApiMessage, messagesOf } from './operations.ts'

const ASYNCAPI = {
  key: 'asyncapi',
  version: /^(?:2\.\d|3\.0)\b/,
  title: 'AsyncAPI document of version 2 or 3.0',
  hint: 'convert it to AsyncAPI 3.0',
} as const

/** Reads a document. @throws ImportError for one that cannot be read at all. */
export function readAsyncApi(source: SourceText): DataSketch {
  const document = readDocument(source, ASYNCAPI)
  const sketch = newSketch()
  const reading = { document, sketch }
  const { messages, left } = messagesOf(document)
  for (const { name, place, why } of left) sketch.left.push({ kind: 'operation', name, at: document.at(place.path), why })
  for (const [subject, variants] of subjects(document, messages)) addEntity(subject, variants, reading)
  for (const entity of sketch.entities) findReferences(entity, sketch)
  for (const message of messages) sketch.messages.push(sketchOf(message, reading))
  const protocols = memberPlaces(memberPlace(document.root, 'servers')).map(([, { value }]) => String(value.protocol))
  sketch.brokers.push(...new Set(protocols.map((one) => one.toLowerCase())))
  return sketch
}

/** The schemas with an id, and what the messages are about that are sent. What is only received belongs to another system. */
function subjects(document: ApiDocument, messages: readonly ApiMessage[]): ReadonlyMap<string, (readonly [string, ApiPlace])[]> {
  const found = new Map<string, (readonly [string, ApiPlace])[]>()
  const add = (subject: string, name: string, schema: ApiPlace): void => {
    const variants = found.get(subject) ?? []
    if (!variants.some(([, one]) => one.path.join('/') === schema.path.join('/'))) found.set(subject, [...variants, [name, schema]])
  }
  const foreign = new Set(
    messages.filter(({ direction }) => direction === 'receives').flatMap(({ payload }) => schemaNameOf(document, payload)),
  )
  const sent = messages.filter(({ direction }) => direction === 'sends')
  const own = new Set(sent.flatMap(({ payload }) => schemaNameOf(document, payload)))
  for (const [name, schema] of memberPlaces(memberPlace(document.root, 'components', 'schemas'))) {
    const { subject } = happeningOf(name)
    const isForeign = foreign.has(name) && !own.has(name)
    if (!isForeign && propertiesOf(document, schema).some((one) => isId(one.name, subject))) add(subject, name, schema)
  }
  for (const { name, payload } of sent) {
    const { subject, event } = happeningOf(name)
    const schema = payload === null ? null : document.resolve(payload)
    if (event !== null && schema !== null && propertiesOf(document, schema).length > 0) add(subject, name, schema)
  }
  return found
}

function schemaNameOf(document: ApiDocument, payload: ApiPlace | null): readonly string[] {
  const name = payload === null ? null : (schemaName(payload) ?? schemaName(document.resolve(payload) ?? payload))
  return name === null ? [] : [name]
}

function sketchOf({ name, direction, address, payload, place, note }: ApiMessage, { document, sketch }: Reading): SketchMessage {
  const { subject, event } = happeningOf(name)
  const [schema] = payload === null ? [] : schemaNameOf(document, payload)
  const about = [subject, ...(schema === undefined ? [] : [happeningOf(schema).subject, schemaSubject(schema)])]
  const entity = sketch.entities.find((one) => about.some((each) => each.toLowerCase() === one.name.toLowerCase()))
  const properties = payload === null ? [] : propertiesOf(document, payload)
  return {
    ...{ name, direction, address, event, entity: entity?.name ?? null, at: document.at(place.path) },
    ...(note === undefined ? {} : { note }),
    properties: properties.flatMap(({ name: property, schema: given, required }) => {
      const made = schemaType(document, given)
      if (made.kind === 'none') return []
      return [{ name: property, type: made.type, optional: made.nullable || !required }]
    }),
  }
}
