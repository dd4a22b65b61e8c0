/**
 * Converts the schemas of an OpenAPI document (3.0 and 3.1) to JSON Schema 2020-12. Only keywords that restrict values are taken over.
 * References become those of one list of schemas, so that schemas may contain themselves.
 */

import { isObject } from '../../base/is-object.ts'
import type { ClientSchema } from '../../model/http/service-client.ts'
import { memberOf, type ObjectPart, type Part, pointedTo } from '../contract/references.ts'
import { type ClientReading, deadReference, UnusablePart } from './reading.ts'

/** Whether values are sent to the service or answered by it. Some members are for one of the two only. */
export type Way = 'sent' | 'answered'

/** Converts schemas, and collects those to which they refer. */
export interface SchemaConverter {
  /** @throws UnusablePart for a schema that cannot be converted */
  readonly schemaOf: (part: Part, way: Way) => ClientSchema
  /** The schemas to which others refer, by name. */
  readonly schemas: Readonly<Record<string, ClientSchema>>
}

/** The most schemas of a document, and the most levels of one. */
const MAX_SCHEMAS = 20_000
const MAX_DEPTH = 60

/** Lists that may be longer are not asked whether their items differ. */
const MOST_COMPARED = 1_000

/** Keywords with numbers that are taken over as they are. */
const PLAIN: readonly string[] = [
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'],
  ...['multipleOf', 'minContains', 'maxContains'],
]
const FORMATS: ReadonlySet<string> = new Set(['date-time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uri', 'uuid'])
const TYPES: ReadonlySet<unknown> = new Set(['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'])

/** Opens the conversion for one document. */
export function openSchemas(reading: ClientReading): SchemaConverter {
  const schemas: Record<string, ClientSchema> = {}
  const names = new Map<string, string>()
  const state = { reading, count: 0 }
  const marked = /"(?:readOnly|writeOnly)":true/.test(JSON.stringify(reading.document.value))

  function refer(reference: string, { way, path }: { readonly way: Way; readonly path: Part['path'] }): ClientSchema {
    const key = `${marked ? way : ''} ${reference}`
    const known = names.get(key)
    if (known !== undefined) return { $ref: `#/$defs/${known}` }
    const found = pointedTo(reading.document.value, reference)
    if (found === null) throw deadReference(reference, path)
    const name = newName(`${nameIn(reference)}${marked && way === 'sent' ? 'Input' : ''}`, schemas)
    names.set(key, name)
    // The name is taken before the schema is converted, which may refer to itself.
    schemas[name] = true
    schemas[name] = convert(found, way, 0)
    return { $ref: `#/$defs/${name}` }
  }

  function convert({ value, path }: Part, way: Way, depth: number): ClientSchema {
    if (typeof value === 'boolean') return value
    if (!isObject(value)) throw new UnusablePart('expected a schema', path)
    state.count += 1
    if (state.count > MAX_SCHEMAS || depth > MAX_DEPTH)
      throw new UnusablePart(`more than ${MAX_SCHEMAS} schemas, or ${MAX_DEPTH} levels`, path)
    const inner = (part: Part): ClientSchema => convert(part, way, depth + 1)
    const part = { value, path }
    const own = { ...restrictions(part), ...membersIn(part, { way, inner, reading }), ...combined(part, inner) }
    if (typeof value.$ref !== 'string') return nullable(value, own)
    const referred = refer(value.$ref, { way, path })
    return Object.keys(own).length === 0 ? referred : { allOf: [referred, own] }
  }

  return { schemaOf: (part, way) => convert(part, way, 0), schemas }
}

/** A name for a schema to which others refer: letters and digits. */
function nameIn(reference: string): string {
  const last = reference.split('/').at(-1) ?? ''
  return last
    .replaceAll(/\W/g, '_')
    .replace(/^(?=\d|$)/, '_')
    .slice(0, 100)
}

function newName(wanted: string, taken: object): string {
  for (let i = 1; ; i++) {
    const name = i === 1 ? wanted : `${wanted}${i}`
    if (!Object.hasOwn(taken, name) && name !== '__proto__') return name
  }
}

/** Adds null to a schema for which OpenAPI 3.0 allows it (`nullable`). */
function nullable(value: Readonly<Record<string, unknown>>, own: { readonly [keyword: string]: unknown }): ClientSchema {
  if (value.nullable !== true) return own
  return Object.keys(own).length === 0 ? {} : { anyOf: [own, { type: 'null' }] }
}

/** The keywords about the value itself. */
function restrictions({ value, path }: ObjectPart): Record<string, unknown> {
  const own: Record<string, unknown> = {}
  const types = (Array.isArray(value.type) ? value.type : [value.type]).filter((one) => TYPES.has(one))
  if (types.length > 0) own.type = types.length === 1 ? types[0] : types
  if (Array.isArray(value.enum)) own.enum = value.enum
  if (Object.hasOwn(value, 'const')) own.const = value.const
  for (const keyword of PLAIN) {
    if (typeof value[keyword] === 'number') own[keyword] = value[keyword]
  }
  for (const [end, open] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    if (typeof value[open] === 'number') own[open] = value[open]
    // In OpenAPI 3.0, `true` means that the limit beside it is not included.
    if (typeof value[end] === 'number') own[value[open] === true ? open : end] = value[end]
  }
  // Each item is compared with all others, so a long answer would take minutes.
  if (value.uniqueItems === true && typeof own.maxItems === 'number' && own.maxItems <= MOST_COMPARED) own.uniqueItems = true
  if (typeof value.format === 'string' && FORMATS.has(value.format)) own.format = value.format
  if (typeof value.pattern === 'string') {
    if (!isPattern(value.pattern)) throw new UnusablePart('the pattern is no regular expression', [...path, 'pattern'])
    own.pattern = value.pattern
  }
  return own
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u').source !== ''
  } catch {
    return false
  }
}

interface Members {
  readonly way: Way
  readonly inner: (part: Part) => ClientSchema
  readonly reading: ClientReading
}

/** The keywords about members and items. */
function membersIn(part: ObjectPart, { way, inner, reading }: Members): Record<string, unknown> {
  const own: Record<string, unknown> = {}
  const properties = memberOf(part, 'properties')
  const omitted = new Set<string>()
  if (properties !== undefined && isObject(properties.value)) {
    const shown = Object.entries(properties.value).filter(([name, value]) => {
      const isOther = isMarkedFor(reading, value, way === 'sent' ? 'readOnly' : 'writeOnly')
      if (isOther) omitted.add(name)
      return !isOther
    })
    own.properties = Object.fromEntries(shown.map(([name, value]) => [name, inner({ value, path: [...properties.path, name] })]))
  }
  const required = Array.isArray(part.value.required)
    ? part.value.required.filter((name) => typeof name === 'string' && !omitted.has(name))
    : []
  if (required.length > 0) own.required = required
  const others = memberOf(part, 'additionalProperties')
  if (others !== undefined && others.value !== true) own.additionalProperties = inner(others)
  for (const keyword of ['items', 'contains', 'propertyNames', 'not'] as const) {
    const found = memberOf(part, keyword)
    if (found !== undefined) own[keyword] = inner(found)
  }
  return own
}

/** Whether a member has the mark, itself or in the schema to which it refers. */
function isMarkedFor({ document }: ClientReading, value: unknown, mark: 'readOnly' | 'writeOnly'): boolean {
  if (!isObject(value)) return false
  if (value[mark] === true) return true
  const found = typeof value.$ref === 'string' ? pointedTo(document.value, value.$ref)?.value : undefined
  return isObject(found) && found[mark] === true
}

/** The keywords that combine schemas. */
function combined(part: ObjectPart, inner: (part: Part) => ClientSchema): Record<string, unknown> {
  const own: Record<string, unknown> = {}
  for (const keyword of ['allOf', 'anyOf', 'oneOf', 'prefixItems'] as const) {
    const found = memberOf(part, keyword)
    if (found === undefined || !Array.isArray(found.value) || found.value.length === 0) continue
    own[keyword] = found.value.map((value: unknown, i) => inner({ value, path: [...found.path, i] }))
  }
  return own
}
