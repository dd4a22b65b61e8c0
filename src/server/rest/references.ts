/** Resolves references to the answers of earlier operations of a transaction: `{ "$ref": "post.id" }` in a body, `${post.id}` in a path. */

import { type FieldProblem, failure, invalid } from '../../base/failure.ts'
import { isObject } from '../../base/is-object.ts'
import { LIMITS } from '../../base/limits.ts'
import { plainDigits } from '../../base/number/decimal.ts'
import { isExactNumber } from '../../base/number/exact-json.ts'
import { pointerTo } from '../../compile/values/validate.ts'
import type { BoundValue, BoundValues } from '../../design/expression/scope.ts'
import type { ReferenceRoom } from './reference-room.ts'

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

/** What references are resolved with. */
export interface Resolving {
  readonly results: Results
  readonly room: ReferenceRoom
}

/** Replaces the references in a value. @throws Failure `validation_failed` for a reference to no value, and those of the room. */
export function resolveValue(value: unknown, resolving: Resolving, pointer: string): unknown {
  if (isReference(value)) {
    const referred = found(resolving.results, { pointer, path: String(value[KEY]).split('.') })
    resolving.room.take(referred, pointer)
    return referred
  }
  if (Array.isArray(value)) return value.map((item, i) => resolveValue(item, resolving, `${pointer}/${i}`))
  if (!isObject(value)) return value
  // `fromEntries` makes own properties, also of a name such as `__proto__`.
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolveValue(item, resolving, pointerTo(pointer, name))]))
}

/** A path in which references are replaced. In filters, a word replaces each reference, and `bound` has its value. */
interface ResolvedPath {
  readonly path: string
  readonly bound: BoundValues
}

/**
 * Replaces the references in a path. In a filter, a reference becomes a word that stands for the value, so that the value is never read
 * as part of an expression or a list. Everywhere else, it becomes the percent-encoded value.
 *
 * @throws Failure `validation_failed` for a reference to anything but a text or number; those of the room; `invalid_parameter` and
 *   `uri_too_long` for more than a single request may have.
 */
export function resolvePath(path: string, { results, room }: Resolving, pointer: string): ResolvedPath {
  const bound = new Map<string, BoundValue>()
  const prefix = unusedWord(path)
  let length = path.length
  const valueAt = (way: string): BoundValue => {
    const value = found(results, { pointer, path: way.split('.') })
    room.take(value, pointer)
    const read = textOrNumber(value, pointer)
    length += read.text.length
    // A single request with this address would exceed the limit of the headers.
    if (length > LIMITS.headerBytes) throw failure('uri_too_long', {})
    return read
  }
  const encoded = (text: string): string => text.replaceAll(IN_TEXT, (_, way: string) => encodeURIComponent(valueAt(way).text))
  const asWord = (text: string): string =>
    text.replaceAll(IN_TEXT, (_, way: string) => {
      const word = `${prefix}${bound.size}_`
      const value = valueAt(way)
      if (value.text.length > LIMITS.filterText)
        throw failure('invalid_parameter', { name: 'filter', why: `at most ${LIMITS.filterText} characters` })
      bound.set(word, value)
      return word
    })
  const [address = '', ...query] = path.split('?')
  const parameters = query.join('?').split('&')
  const resolved = parameters.map((one) => {
    const equals = one.indexOf('=')
    if (equals < 0 || !/^filter(?:\[|%5B|$)/i.test(one.slice(0, equals))) return encoded(one)
    return `${encoded(one.slice(0, equals))}=${asWord(one.slice(equals + 1))}`
  })
  return { path: query.length === 0 ? encoded(address) : `${encoded(address)}?${resolved.join('&')}`, bound }
}

/** A prefix for words, which does not occur in the path. */
function unusedWord(path: string): string {
  let n = 0
  while (path.includes(`ref${n}_`)) n++
  return `ref${n}_`
}

function textOrNumber(value: unknown, pointer: string): BoundValue {
  if (typeof value === 'string') return { kind: 'text', text: value }
  if (typeof value === 'number') return { kind: 'number', text: plainDigits(String(value)) ?? String(value) }
  if (isExactNumber(value)) return { kind: 'number', text: value.rawJSON }
  throw nowhere(pointer, 'leads to no text or number')
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
