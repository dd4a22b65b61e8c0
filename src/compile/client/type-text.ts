/** JSON Schemas as types of TypeScript. */

import type { JsonObject } from '../openapi/component-names.ts'

/** What types are printed for: values that are sent, whose lists may be readonly, or values that are answered. */
export type Direction = 'sent' | 'answered'

/** How a schema is printed. */
export interface TypeContext {
  readonly direction: Direction
  /** The name of the type of a component. */
  readonly nameOf: (component: string) => string
}

/** The type of a schema on one line. A schema without a type is `unknown`. */
export function typeText(schema: JsonObject, context: TypeContext): string {
  const { $ref, enum: values, type, oneOf, anyOf } = schema
  if (typeof $ref === 'string') return context.nameOf($ref.split('/').at(-1) ?? '')
  if ('const' in schema) return literalText(schema.const)
  if (Array.isArray(values)) return union(values.map(literalText))
  const either = oneOf ?? anyOf
  if (Array.isArray(either)) return union(either.map((one: JsonObject) => typeText(one, context)))
  if (type === undefined) return 'unknown'
  return union((Array.isArray(type) ? type : [type]).map((one: string) => plainText(one, schema, context)))
}

/** A union without repeated members. */
export function union(types: readonly string[]): string {
  const known = [...new Set(types)]
  return known.includes('unknown') ? 'unknown' : known.join(' | ')
}

/** A value as a type: a text in quotes, `true`, `null`. Signs that would end a line are written as escapes. */
export function literalText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  const quoted = JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${quoted.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`
}

function plainText(type: string, schema: JsonObject, context: TypeContext): string {
  switch (type) {
    case 'integer':
    case 'number':
      return 'number'
    case 'array': {
      const item = typeText((schema.items ?? {}) as JsonObject, context)
      const list = `${/[|&]/.test(item) && !/^\{[^{}]*\}$/.test(item) ? `(${item})` : item}[]`
      return context.direction === 'sent' ? `readonly ${list}` : list
    }
    case 'object':
      return objectText(schema, context)
    default:
      return type
  }
}

function objectText(schema: JsonObject, context: TypeContext): string {
  const { properties, additionalProperties: others } = schema
  if (properties === undefined)
    return typeof others === 'object' && others !== null ? `{ [key: string]: ${typeText(others as JsonObject, context)} }` : 'object'
  return `{ ${typeMembers(schema, context)
    .map(({ name, isOptional, type }) => `${name}${isOptional ? '?' : ''}: ${type}`)
    .join('; ')} }`
}

/** A member of a type. */
export interface TypeMember {
  /** In quotes if need be. */
  readonly name: string
  readonly isOptional: boolean
  readonly type: string
  readonly description: string | null
}

/** The members of the type of an object. */
export function typeMembers(schema: JsonObject, context: TypeContext): readonly TypeMember[] {
  const { properties = {}, required = [] } = schema as { properties?: Readonly<Record<string, JsonObject>>; required?: readonly string[] }
  return Object.entries(properties).map(([name, of]) => ({
    name: memberKey(name),
    isOptional: !required.includes(name),
    type: typeText(of, context),
    description: typeof of.description === 'string' ? of.description : null,
  }))
}

/** A name as a key of an object. */
export function memberKey(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : literalText(name)
}

/** The lines of an interface. */
export function interfaceText(name: string, members: readonly TypeMember[], description: string | null): string {
  const lines = members.flatMap((member) => [
    ...comment(member.description, '  '),
    `  ${member.name}${member.isOptional ? '?' : ''}: ${member.type}`,
  ])
  return [...comment(description, ''), `export interface ${name} {`, ...lines, '}', ''].join('\n')
}

/** A comment for readers; none without a text. A text of the design cannot end it. */
export function comment(text: string | null, indent: string): readonly string[] {
  if (text === null || text.trim() === '') return []
  return [`${indent}/** ${text.replaceAll('*/', '* /').replaceAll(/\s+/g, ' ').trim()} */`]
}
