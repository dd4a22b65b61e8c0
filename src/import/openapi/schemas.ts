/** The schemas of a document: their properties, and the names of what they describe. */

import { type ApiDocument, type ApiPlace, memberPlace, memberPlaces } from './document.ts'

/** A property of a schema. */
export interface SchemaProperty {
  readonly name: string
  readonly schema: ApiPlace
  readonly required: boolean
}

const MAX_PARTS = 50

/** The properties of an object, those of `allOf` included. `seen` has the schemas that were read for it: each is read once. */
export function propertiesOf(document: ApiDocument, place: ApiPlace, seen: Set<string> = new Set()): readonly SchemaProperty[] {
  const schema = document.resolve(place)
  const key = schema?.path.join('/') ?? ''
  if (schema === null || seen.has(key)) return []
  seen.add(key)
  const required = new Set(Array.isArray(schema.value.required) ? schema.value.required : [])
  const own = memberPlaces(memberPlace(schema, 'properties')).map(([name, property]) => ({
    name,
    schema: property,
    required: required.has(name),
  }))
  const parts = Array.isArray(schema.value.allOf) ? schema.value.allOf.slice(0, MAX_PARTS) : []
  const inherited = parts.flatMap((part, i) =>
    typeof part === 'object' && part !== null ? propertiesOf(document, { value: part, path: [...schema.path, 'allOf', i] }, seen) : [],
  )
  const all = new Map<string, SchemaProperty>()
  for (const property of [...inherited, ...own])
    all.set(property.name, { ...property, required: property.required || required.has(property.name) })
  return [...all.values()]
}

/** The name under `components.schemas` to which a reference leads; null for a schema without one. */
export function schemaName({ value, path }: ApiPlace): string | null {
  const named = typeof value.$ref === 'string' ? /^#\/components\/schemas\/([^/]+)$/.exec(value.$ref)?.[1] : undefined
  if (named !== undefined) return named
  return path.length === 3 && path[0] === 'components' && path[1] === 'schemas' ? String(path[2]) : null
}

const BEFORE = /^(?:New|Create|Update|Patch|Edit|Add|Register|Login|Upsert|Replace|Base)(?=[A-Z])/
const AFTER =
  /(?:Create|Update|Patch|New|Base|Input|Request|Response|Payload|Body|Dto|DTO|Model|Schema|In|Out|Public|Read|Write|Details?|Full|Summary)$/

/** The name of what a schema describes: `NewArticle` and `ArticleResponse` are about `Article`. */
export function schemaSubject(name: string): string {
  const bare = name.replaceAll(/[^A-Za-z0-9]/g, '')
  let subject = bare.replace(BEFORE, '')
  for (let next = subject.replace(AFTER, ''); next !== subject && next.length > 1; next = subject.replace(AFTER, '')) subject = next
  return subject === '' ? bare : subject
}
