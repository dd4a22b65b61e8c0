/** Schemas of a contract, in the form in which they are compared with a design: OpenAPI 3.0 and 3.1 look alike, and `allOf` is merged. */

import { isObject } from '../../base/is-object.ts'
import { bothLimits, NO_LIMITS, schemaLimits, type ValueLimits } from './limits.ts'
import { type ContractReading, followed, itemsOf, memberOf, membersOf, type ObjectPart, type Part } from './references.ts'

/** A kind of JSON value. */
export type JsonKind = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object'

/** What a schema says about a value. */
export interface ContractSchema {
  /** Where the contract has it. */
  readonly part: Part
  /** The kinds that the value may have; null for any. */
  readonly kinds: ReadonlySet<JsonKind> | null
  readonly format: string | null
  /** Further formats that the parts of an `allOf` name. */
  readonly otherFormats: readonly string[]
  /** The only values; null for any. */
  readonly values: readonly unknown[] | null
  readonly required: ReadonlySet<string>
  readonly members: ReadonlyMap<string, Part>
  /** Members that are not named: refused, of any form, or of one schema. */
  readonly others: 'refused' | 'any' | Part
  readonly items: Part | null
  readonly limits: ValueLimits
  /** Of each list, the value matches one schema. */
  readonly choices: readonly (readonly Part[])[]
}

const MAX_MERGED = 50

/** The schema of a part, with its `allOf` merged; null, with a finding, if a reference leads nowhere. */
export function schemaOf(reading: ContractReading, part: Part): ContractSchema | null {
  const pending: Part[] = [part]
  const schemas: ContractSchema[] = []
  while (pending.length > 0) {
    const next = pending.shift()
    const target = next === undefined ? null : followed(reading, next)
    if (target === null) return null
    if (schemas.length >= MAX_MERGED) {
      const key = `allOf ${JSON.stringify(target.path)}`
      if (reading.reported.has(key)) return null
      reading.reported.add(key)
      const at = reading.document.at(target.path)
      reading.report.addAt('PLN-D581', at, `more than ${MAX_MERGED} schemas in one allOf, or a circle`, 'write the schema out')
      return null
    }
    schemas.push(isObject(target.value) ? plainSchema({ value: target.value, path: target.path }) : booleanSchema(target))
    if (isObject(target.value)) pending.push(...itemsOf({ value: target.value, path: target.path }, 'allOf'))
  }
  return schemas.reduce(merged)
}

/** Whether a member is only sent (`writeOnly`) or only answered (`readOnly`). */
export function isMarked(reading: ContractReading, part: Part | undefined, mark: 'readOnly' | 'writeOnly'): boolean {
  const value = part === undefined ? undefined : followed(reading, part)?.value
  return isObject(value) && value[mark] === true
}

/** Whether null has the schema. A choice between schemas allows null if one of them does. */
export function allowsNull(reading: ContractReading, schema: ContractSchema): boolean {
  if (schema.kinds !== null && !schema.kinds.has('null')) return false
  if (schema.values !== null && !schema.values.includes(null)) return false
  return schema.choices.every((choice) =>
    choice.some((part) => {
      const one = schemaOf(reading, part)
      return one === null || allowsNull(reading, one)
    }),
  )
}

/** `true` allows any value, `false` none. */
function booleanSchema(part: Part): ContractSchema {
  return { ...ANY, part, kinds: part.value === false ? new Set() : null }
}

const ANY: Omit<ContractSchema, 'part'> = {
  kinds: null,
  format: null,
  otherFormats: [],
  values: null,
  required: new Set(),
  members: new Map(),
  others: 'any',
  items: null,
  limits: NO_LIMITS,
  choices: [],
}

function plainSchema(part: ObjectPart): ContractSchema {
  const { value } = part
  const nullable = value.nullable === true
  const values = valuesOf(value)
  const additional = memberOf(part, 'additionalProperties') ?? memberOf(part, 'unevaluatedProperties')
  const choices = ['oneOf', 'anyOf'].map((key) => itemsOf(part, key)).filter((items) => items.length > 0)
  return {
    part,
    kinds: kindsOf(value, values, nullable),
    format: typeof value.format === 'string' ? value.format : null,
    otherFormats: [],
    values: values !== null && nullable ? [...values, null] : values,
    required: new Set(itemsOf(part, 'required').flatMap((item) => (typeof item.value === 'string' ? [item.value] : []))),
    members: new Map(membersOf(part, 'properties')),
    others: additional === undefined || additional.value === true ? 'any' : additional.value === false ? 'refused' : additional,
    items: memberOf(part, 'items') ?? null,
    limits: schemaLimits(value),
    // In OpenAPI 3.0 nullable stands beside the choice.
    choices: nullable ? choices.map((choice) => [...choice, { value: { enum: [null] }, path: part.path }]) : choices,
  }
}

function valuesOf(value: Readonly<Record<string, unknown>>): readonly unknown[] | null {
  if (Object.hasOwn(value, 'const')) return [value.const]
  return Array.isArray(value.enum) ? value.enum : null
}

const KINDS: ReadonlySet<string> = new Set<JsonKind>(['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'])

/** The kinds that `type` names. Many contracts leave it out, so `properties`, `items` and `enum` tell them too. */
function kindsOf(
  value: Readonly<Record<string, unknown>>,
  values: readonly unknown[] | null,
  nullable: boolean,
): ReadonlySet<JsonKind> | null {
  const given = (Array.isArray(value.type) ? value.type : [value.type]).filter(isKind)
  const found = given.length > 0 ? given : implied(value, values)
  if (found.length === 0) return null
  return new Set(nullable ? [...found, 'null'] : found)
}

function isKind(value: unknown): value is JsonKind {
  return typeof value === 'string' && KINDS.has(value)
}

function implied(value: Readonly<Record<string, unknown>>, values: readonly unknown[] | null): readonly JsonKind[] {
  if (isObject(value.properties)) return ['object']
  if (value.items !== undefined) return ['array']
  return values === null ? [] : [...new Set(values.map(kindOfValue))]
}

/** The kind of a JSON value. */
export function kindOfValue(value: unknown): JsonKind {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  switch (typeof value) {
    case 'boolean':
      return 'boolean'
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'number'
    case 'string':
      return 'string'
    default:
      return 'object'
  }
}

/** What both schemas say. */
function merged(a: ContractSchema, b: ContractSchema): ContractSchema {
  const names = new Set([...a.members.keys(), ...b.members.keys()])
  const others = both(a.others, b.others)
  return {
    part: a.part,
    kinds: bothKinds(a.kinds, b.kinds),
    format: a.format ?? b.format,
    otherFormats: [...a.otherFormats, ...b.otherFormats, ...(a.format === null || b.format === null ? [] : [b.format])],
    values: a.values === null ? b.values : b.values === null ? a.values : a.values.filter((one) => b.values?.includes(one)),
    required: new Set([...a.required, ...b.required]),
    members: new Map([...names].map((name) => [name, memberPart(both(memberUnder(a, name), memberUnder(b, name)), a.part)])),
    others,
    items: a.items === null || b.items === null ? (a.items ?? b.items) : together(a.items, b.items),
    limits: bothLimits(a.limits, b.limits),
    choices: [...a.choices, ...b.choices],
  }
}

function memberUnder({ members, others }: ContractSchema, name: string): ContractSchema['others'] {
  return members.get(name) ?? others
}

function memberPart(member: ContractSchema['others'], { path }: Part): Part {
  return member === 'any' || member === 'refused' ? { value: member === 'any', path } : member
}

function both(a: ContractSchema['others'], b: ContractSchema['others']): ContractSchema['others'] {
  if (a === 'refused' || b === 'refused') return 'refused'
  if (a === 'any' || b === 'any') return a === 'any' ? b : a
  return together(a, b)
}

/** A schema that says what both say. It is at the place of the first. */
function together(a: Part, b: Part): Part {
  return a === b ? a : { value: { allOf: [a.value, b.value] }, path: a.path }
}

function bothKinds(a: ContractSchema['kinds'], b: ContractSchema['kinds']): ContractSchema['kinds'] {
  if (a === null || b === null) return a ?? b
  return new Set([...KINDS].filter(isKind).filter((kind) => allowsKind(a, kind) && allowsKind(b, kind)))
}

/** Whether a value of this kind may be there. An integer is also a number. */
export function allowsKind(kinds: ReadonlySet<JsonKind> | null, kind: JsonKind): boolean {
  return kinds === null || kinds.has(kind) || (kind === 'integer' && kinds.has('number'))
}
