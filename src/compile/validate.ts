/**
 * Reads a body into values to bind, in one pass: what is checked is what is sent on. The published schema says the same in JSON Schema; a test holds
 * the two equal.
 */

import type { FieldProblem } from '../base/failure.ts'
import type { Value } from '../base/statement.ts'
import { suggest } from '../base/suggest.ts'
import type { Field } from '../model/model.ts'
import { encodeJson } from './encode.ts'
import type { Input } from './inputs.ts'

/** At most so many problems are named; a body with more of them is not helped by a longer list. */
export const MAX_PROBLEMS = 100

/** Values by field name, ready to bind (passwords still as sent), or everything that is wrong. */
export type Body =
  | { readonly ok: true; readonly values: ReadonlyMap<string, Value> }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }

/**
 * Reads one row. Every problem is named by a JSON pointer that starts with `at`, and none repeats a value. A name that the caller may not set gets the
 * words of a name that does not exist, and is never suggested. A replacement also gives values to what it leaves out: null, or the default where the design
 * states a value.
 */
export function readBody(input: Input, body: unknown, at = ''): Body {
  if (!isObject(body)) return { ok: false, problems: [{ pointer: at, rule: 'type', message: 'must be an object' }] }
  const problems: FieldProblem[] = []
  const values = new Map<string, Value>()
  for (const name of Object.keys(body)) {
    const field = input.fields.get(name)
    if (field === undefined) problems.push(unknownName(input, name, at))
    else readField(field, body[name], { pointer: at, values, problems })
    if (problems.length >= MAX_PROBLEMS) return { ok: false, problems: problems.slice(0, MAX_PROBLEMS) }
  }
  for (const name of input.required) {
    if (!Object.hasOwn(body, name)) problems.push({ pointer: pointerTo(at, name), rule: 'required', message: 'is required' })
  }
  if (problems.length > 0) return { ok: false, problems: problems.slice(0, MAX_PROBLEMS) }
  if (input.operation === 'put') replaceAbsent(input, values)
  return { ok: true, values }
}

/** Many rows, or everything that is wrong with any of them. */
export type Bodies =
  | { readonly ok: true; readonly rows: readonly ReadonlyMap<string, Value>[] }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }

/** Reads a list of one to `most` rows, pointers starting with the index. A list that is too long is not read at all. */
export function readBodies(input: Input, list: readonly unknown[], most: number): Bodies {
  if (list.length === 0) return { ok: false, problems: [{ pointer: '', rule: 'minItems', message: 'must have at least 1 item' }] }
  if (list.length > most) return { ok: false, problems: [{ pointer: '', rule: 'maxItems', message: `must have at most ${most} items` }] }
  const rows: ReadonlyMap<string, Value>[] = []
  const problems: FieldProblem[] = []
  for (const [index, item] of list.entries()) {
    const body = readBody(input, item, `/${index}`)
    if (body.ok) rows.push(body.values)
    else problems.push(...body.problems)
    if (problems.length >= MAX_PROBLEMS) break
  }
  return problems.length === 0 ? { ok: true, rows } : { ok: false, problems: problems.slice(0, MAX_PROBLEMS) }
}

function readField(field: Field, value: unknown, into: { pointer: string; values: Map<string, Value>; problems: FieldProblem[] }): void {
  if (value === null && field.optional) {
    into.values.set(field.name, null)
    return
  }
  // Null is a value of JSON, but a column of the design that is not optional has to hold something.
  const encoded = value === null ? NULL_REFUSED : encodeJson(field.type, value)
  if (encoded.ok) into.values.set(field.name, encoded.value)
  else for (const p of encoded.problems) into.problems.push({ ...p, pointer: `${pointerTo(into.pointer, field.name)}${p.pointer}` })
}

const NULL_REFUSED = { ok: false, problems: [{ pointer: '', rule: 'type', message: 'must not be null' }] } as const

function unknownName(input: Input, name: string, at: string): FieldProblem {
  if (input.immutable.has(name)) return { pointer: pointerTo(at, name), rule: 'immutable', message: 'can be set at creation only' }
  const near = suggest(name, input.fields.keys())
  const message = `unknown field${near === undefined ? '' : `, did you mean ${JSON.stringify(near)}?`}`
  return { pointer: pointerTo(at, name), rule: 'unknown', message }
}

/** RFC 6901; a name beyond any sensible length is cut, so that an answer stays small whatever was sent. */
function pointerTo(at: string, name: string): string {
  const short = name.length > 200 ? `${name.slice(0, 200)}…` : name
  return `${at}/${short.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

function replaceAbsent(input: Input, values: Map<string, Value>): void {
  for (const [name, field] of input.fields) {
    if (values.has(name) || field.type.kind === 'password') continue
    if (field.default === null) values.set(name, null)
    else if (field.default.kind === 'value') {
      const encoded = encodeJson(field.type, field.default.value)
      if (encoded.ok) values.set(name, encoded.value)
    }
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
