/** Resolves references to the answers of earlier operations of a transaction: `{ "$ref": "post.id" }` in a body, `${post.id}` in a path. */

import { type FieldProblem, invalid } from '../../base/failure.ts'
import { isObject } from '../../base/is-object.ts'
import { isExactNumber } from '../../base/number/exact-json.ts'
import { pointerTo } from '../../compile/values/validate.ts'

/** A reference: its pointer in the request, and its path (the name of an operation, then names and indexes in its answer). */
export interface Reference {
  readonly pointer: string
  readonly path: readonly string[]
}

/** Parsed answers of earlier operations by name; undefined for an answer without a body. */
export type Results = ReadonlyMap<string, unknown>

const KEY = '$ref'
const IN_TEXT = /\$\{([^{}]*)\}/g

/** Finds the references in a value. */
export function referencesIn(value: unknown, pointer: string): readonly Reference[] {
  if (isReference(value)) return [{ pointer, path: String(value[KEY]).split('.') }]
  if (Array.isArray(value)) return value.flatMap((item, i) => referencesIn(item, `${pointer}/${i}`))
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, item]) => referencesIn(item, pointerTo(pointer, name)))
}

/** Finds the references in a path. */
export function referencesInText(text: string, pointer: string): readonly Reference[] {
  return [...text.matchAll(IN_TEXT)].map(([, path = '']) => ({ pointer, path: path.split('.') }))
}

/** Replaces the references in a value. @throws Failure `validation_failed` when a reference finds no value. */
export function resolveValue(value: unknown, results: Results, pointer: string): unknown {
  if (isReference(value)) return found(results, { pointer, path: String(value[KEY]).split('.') })
  if (Array.isArray(value)) return value.map((item, i) => resolveValue(item, results, `${pointer}/${i}`))
  if (!isObject(value)) return value
  // `fromEntries` makes own properties, even for a name such as `__proto__`.
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolveValue(item, results, pointerTo(pointer, name))]))
}

/**
 * Replaces the references in a path by percent-encoded values. @throws Failure `validation_failed` when a value is not a text or number.
 */
export function resolveText(text: string, results: Results, pointer: string): string {
  return text.replaceAll(IN_TEXT, (_, path: string) => {
    const value = found(results, { pointer, path: path.split('.') })
    if (isExactNumber(value)) return value.rawJSON
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
