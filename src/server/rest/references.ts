/**
 * Values of one operation of a transaction that come from the answer of an earlier one: `{ "$ref": "post.id" }` in a body, `${post.id}` in an address.
 */

import { type FieldProblem, invalid } from '../../base/failure.ts'
import { isObject } from '../../base/is-object.ts'
import { pointerTo } from '../../compile/values/validate.ts'

/** Where in the request a reference stands, and what it says: the name of an operation, then names and indexes into its answer. */
export interface Reference {
  readonly pointer: string
  readonly path: readonly string[]
}

/** Answers of earlier operations by name: parsed bodies, undefined where there was none. */
export type Results = ReadonlyMap<string, unknown>

const KEY = '$ref'
const IN_TEXT = /\$\{([^{}]*)\}/g

/** Every reference in a value. */
export function referencesIn(value: unknown, pointer: string): readonly Reference[] {
  if (isReference(value)) return [{ pointer, path: String(value[KEY]).split('.') }]
  if (Array.isArray(value)) return value.flatMap((item, i) => referencesIn(item, `${pointer}/${i}`))
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, item]) => referencesIn(item, pointerTo(pointer, name)))
}

/** Every reference in an address. */
export function referencesInText(text: string, pointer: string): readonly Reference[] {
  return [...text.matchAll(IN_TEXT)].map(([, path = '']) => ({ pointer, path: path.split('.') }))
}

/** The value with its references replaced by what they lead to. @throws Failure `validation_failed` for one that leads nowhere. */
export function resolveValue(value: unknown, results: Results, pointer: string): unknown {
  if (isReference(value)) return found(results, { pointer, path: String(value[KEY]).split('.') })
  if (Array.isArray(value)) return value.map((item, i) => resolveValue(item, results, `${pointer}/${i}`))
  if (!isObject(value)) return value
  // Whatever its name, each becomes a property of its own.
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolveValue(item, results, pointerTo(pointer, name))]))
}

/** The address with its references replaced, escaped for where they stand. @throws Failure `validation_failed` for one that leads to no text or number. */
export function resolveText(text: string, results: Results, pointer: string): string {
  return text.replaceAll(IN_TEXT, (_, path: string) => {
    const value = found(results, { pointer, path: path.split('.') })
    if (typeof value !== 'string' && typeof value !== 'number') throw nowhere(pointer, 'leads to no text or number')
    return encodeURIComponent(value)
  })
}

function isReference(value: unknown): value is { readonly [KEY]: unknown } {
  return isObject(value) && typeof value[KEY] === 'string' && Object.keys(value).length === 1
}

function found(results: Results, { pointer, path: [name = '', ...rest] }: Reference): unknown {
  let value = results.get(name)
  for (const key of rest) {
    const holds = typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    value = holds ? (value as Readonly<Record<string, unknown>>)[key] : undefined
  }
  if (value === undefined) throw nowhere(pointer, `the answer of ${JSON.stringify(name)} has no such value`)
  return value
}

function nowhere(pointer: string, message: string) {
  return invalid([{ pointer, rule: 'reference', message } satisfies FieldProblem])
}
