/** Checks the arguments of a call, so that a wrong one is answered with what to send instead. */

import { isObject } from '../../../base/is-object.ts'
import { suggest } from '../../../base/suggest.ts'
import { ToolError } from '../state/tool-error.ts'
import type { ArgumentSchema, Arguments, Tool } from './tool.ts'

const MAX_ITEMS = 100

/** The arguments of a call. @throws ToolError PLN-M001 for one that is unknown, missing, or of another type or value. */
export function checkArguments({ inputs, required, name: tool }: Pick<Tool, 'inputs' | 'required' | 'name'>, given: unknown): Arguments {
  const sent = given ?? {}
  if (!isObject(sent)) throw wrong(`the arguments of ${tool} are no object`, `send {${required.map((name) => `"${name}": …`).join(', ')}}`)
  for (const [name, value] of Object.entries(sent)) {
    const schema = Object.hasOwn(inputs, name) ? inputs[name] : undefined
    if (schema === undefined) throw unknown(tool, name, Object.keys(inputs))
    const problem = problemOf(schema, value)
    if (problem !== null) throw wrong(`${name}: ${problem.what}`, problem.fix)
  }
  const missing = required.find((name) => !Object.hasOwn(sent, name))
  if (missing !== undefined) throw wrong(`${tool} needs ${missing}`, `send ${missing}: ${inputs[missing]?.description ?? 'a value'}`)
  return sent
}

interface Problem {
  readonly what: string
  readonly fix: string
}

function problemOf(schema: ArgumentSchema, value: unknown): Problem | null {
  if (schema.enum !== undefined) {
    if (typeof value === 'string' && schema.enum.includes(value)) return null
    const near = suggest(String(value), schema.enum)
    return {
      what: `${shown(value)} is no value of it`,
      fix: `send ${JSON.stringify(near ?? schema.enum[0])}; it takes ${schema.enum.join(' or ')}`,
    }
  }
  const types = (schema.anyOf ?? [schema]).map(({ type }) => type ?? 'string')
  if (!types.some((type) => isOf(type, value)))
    return { what: `${shown(value)} is no ${types.join(' or ')}`, fix: `send ${exampleOf(types[0])}` }
  if (schema.maximum !== undefined && ((value as number) > schema.maximum || (value as number) < 0))
    return { what: `${shown(value)} is not from 0 to ${schema.maximum}`, fix: `send ${schema.maximum}` }
  return Array.isArray(value) ? problemOfItems(schema, value) : null
}

function problemOfItems({ items }: ArgumentSchema, values: readonly unknown[]): Problem | null {
  if (values.length > MAX_ITEMS) return { what: `it has ${values.length} items`, fix: `send at most ${MAX_ITEMS} at a time` }
  for (const [i, value] of values.entries()) {
    const problem = items === undefined ? null : problemOf(items, value)
    if (problem !== null) return { what: `item ${i}: ${problem.what}`, fix: problem.fix }
  }
  return null
}

function isOf(type: string, value: unknown): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    case 'integer':
      return Number.isSafeInteger(value)
    default:
      return typeof value === type
  }
}

function exampleOf(type: string | undefined): string {
  return (
    { string: 'a text in quotes', integer: 'a whole number', boolean: 'true or false', array: 'a list', object: 'an object' }[type ?? ''] ??
    'a value'
  )
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function unknown(tool: string, name: string, known: readonly string[]): ToolError {
  const near = suggest(name, known)
  const takes = `${tool} takes ${known.join(', ')}`
  return wrong(`${tool} has no argument ${shown(name)}`, near === undefined ? takes : `did you mean ${near}? ${takes}`)
}

function wrong(message: string, fix: string): ToolError {
  return new ToolError('PLN-M001', message, { fix })
}
