/** Reads the entities of an OpenAPI document into a sketch. */

import { type DataSketch, newSketch } from '../sketch/sketch.ts'
import type { SourceText } from '../text/source-file.ts'
import { addEntity, findReferences, isId, type Reading } from './api-entities.ts'
import { type ApiDocument, type ApiPlace, memberPlace, memberPlaces, readDocument } from './document.ts'
import { type ApiOperation, apiOperations } from './operations.ts'
import { propertiesOf, schemaSubject } from './schemas.ts'

/** A document that was read: its entities, and its operations. */
export interface ReadApi {
  readonly document: ApiDocument
  readonly sketch: DataSketch
  readonly operations: readonly ApiOperation[]
}

const OPENAPI = { key: 'openapi', version: /^3\./, title: 'OpenAPI document of version 3', hint: 'convert it to OpenAPI 3' } as const
const ERRORS = /(?:error|problem|exception|failure)/i

/** Reads a document. @throws ImportError for one that cannot be read at all. */
export function readApi(source: SourceText): ReadApi {
  const document = readDocument(source, OPENAPI)
  const operations = apiOperations(document)
  const sketch = newSketch()
  const schemas = memberPlaces(memberPlace(document.root, 'components', 'schemas'))
  const referred = referredSchemas(document)
  const answered = new Set(operations.flatMap(({ answer }) => (answer?.subject == null ? [] : [answer.subject])))
  const subjects = new Map<string, (readonly [name: string, schema: ApiPlace])[]>()
  for (const [name, schema] of schemas) {
    const subject = schemaSubject(name)
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
