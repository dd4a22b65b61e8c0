/**
 * Reads a body into values to bind. One pass checks and converts, so only checked values are bound. The published JSON Schema accepts the
 * same bodies; a test compares the two.
 */

import type { FieldProblem } from '../../base/failure.ts'
import { isObject } from '../../base/is-object.ts'
import { memo, memoText } from '../../base/memo.ts'
import type { Value } from '../../base/sql/statement.ts'
import { suggest } from '../../base/suggest.ts'
import { memberPointer } from '../../base/texts/json-pointer.ts'
import type { Field } from '../../model/model.ts'
import { isUnaddressable, NO_ADDRESS } from './address.ts'
import { encodeAmount, isAddable, isAmount } from './amount.ts'
import { type Encoded, encodeJson } from './encode.ts'
import { type Input, isKept } from './inputs.ts'

/** The most problems that one answer names. */
export const MAX_PROBLEMS = 100

/** The content of one body: values by field name, ready to bind (passwords still as sent). */
export interface Sent {
  readonly values: ReadonlyMap<string, Value>
  /** The fields whose value is an amount, to be added to the stored value. */
  readonly added: ReadonlySet<string>
}

/** A body, or all its problems. */
export type Body = ({ readonly ok: true } & Sent) | { readonly ok: false; readonly problems: readonly FieldProblem[] }

/**
 * Reads one row, without its nested rows. Every problem is named by a JSON pointer that starts with `at`, and none repeats a value. A name
 * that the caller may not set gets the message of an unknown name, and is never suggested; only what nobody may set and the caller may read
 * has a message of its own. A replacement also sets the fields that it
 * leaves out: to the default if that is a constant, else to null.
 */
export function readBody(input: Input, body: unknown, at = ''): Body {
  if (!isObject(body)) return { ok: false, problems: [{ pointer: at, rule: 'type', message: 'must be an object' }] }
  const problems: FieldProblem[] = []
  const values = new Map<string, Value>()
  const into: Reading = { input, at, values, added: new Set(), problems }
  for (const name of Object.keys(body)) {
    const field = input.fields.get(name)
    if (field !== undefined) readField(field, body[name], into)
    else if (!input.children.has(name)) problems.push(unknownName(input, name, at))
    if (problems.length >= MAX_PROBLEMS) return { ok: false, problems: problems.slice(0, MAX_PROBLEMS) }
  }
  for (const name of input.required) {
    if (!Object.hasOwn(body, name)) problems.push({ pointer: pointerTo(at, name), rule: 'required', message: 'is required' })
  }
  if (problems.length > 0) return { ok: false, problems: problems.slice(0, MAX_PROBLEMS) }
  if (input.operation === 'put') replaceAbsent(input, values)
  return { ok: true, values, added: into.added }
}

/** Many rows, or all problems of all rows. */
export type Bodies =
  | { readonly ok: true; readonly rows: readonly Sent[] }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] }

/** Reads a list of one to `most` rows, pointers starting with the index. A list that is too long is not read at all. */
export function readBodies(input: Input, list: readonly unknown[], most: number): Bodies {
  if (list.length === 0) return { ok: false, problems: [{ pointer: '', rule: 'minItems', message: 'must have at least 1 item', limit: 1 }] }
  if (list.length > most)
    return { ok: false, problems: [{ pointer: '', rule: 'maxItems', message: `must have at most ${most} items`, limit: most }] }
  const rows: Sent[] = []
  const problems: FieldProblem[] = []
  for (const [index, item] of list.entries()) {
    const body = readBody(input, item, `/${index}`)
    if (body.ok) rows.push(body)
    else problems.push(...body.problems)
    if (problems.length >= MAX_PROBLEMS) break
  }
  return problems.length === 0 ? { ok: true, rows } : { ok: false, problems: problems.slice(0, MAX_PROBLEMS) }
}

/** A body that is being read. */
interface Reading {
  readonly input: Input
  readonly at: string
  readonly values: Map<string, Value>
  readonly added: Set<string>
  readonly problems: FieldProblem[]
}

function readField(field: Field, value: unknown, into: Reading): void {
  const encoded = encodeSent(field, value, into)
  if (encoded.ok) into.values.set(field.name, encoded.value)
  else for (const p of encoded.problems) into.problems.push({ ...p, pointer: `${pointerTo(into.at, field.name)}${p.pointer}` })
}

function encodeSent(field: Field, value: unknown, { input, added }: Reading): Encoded {
  const { name, type, optional } = field
  // Null is a JSON value too, but a field that is not optional must not be null.
  if (value === null) return optional ? NULL_TAKEN : NULL_REFUSED
  if (input.operation !== 'patch' || !isAddable(type) || !isAmount(value)) {
    const encoded = encodeJson(type, value)
    return encoded.ok && isUnaddressable(field, value) ? ADDRESS_REFUSED : encoded
  }
  added.add(name)
  return encodeAmount(type, value)
}

const NULL_TAKEN = { ok: true, value: null } as const

const NULL_REFUSED = { ok: false, problems: [{ pointer: '', rule: 'type', message: 'must not be null', empty: true }] } as const

const ADDRESS_REFUSED = { ok: false, problems: [{ pointer: '', ...NO_ADDRESS }] } as const

/** How many unknown names are remembered for each shape of a body, with their suggestions. */
const UNKNOWN_NAMES = 100

/** A longer name has no suggestion, and is not remembered. */
const LONGEST_NAME = 100

/** The known name that is nearest to an unknown one; null when none is near. The same mistakes are made again and again. */
const nearestIn = memo((input: Input) =>
  memoText(UNKNOWN_NAMES, (name) => suggest(name, [...input.fields.keys(), ...input.children]) ?? null),
)

function unknownName(input: Input, name: string, at: string): FieldProblem {
  if (input.immutable.has(name)) return { pointer: pointerTo(at, name), rule: 'immutable', message: 'can be set at creation only' }
  if (input.maintained.has(name)) return { pointer: pointerTo(at, name), rule: 'unknown', message: 'is set by the server; leave it out' }
  const near = name.length > LONGEST_NAME ? null : nearestIn(input)(name)
  const message = `unknown field${near === null ? '' : `, did you mean ${JSON.stringify(near)}?`}`
  return { pointer: pointerTo(at, name), rule: 'unknown', message }
}

/** RFC 6901; a very long name is cut, so that every answer stays small. */
export function pointerTo(at: string, name: string): string {
  const short = name.length > 200 ? `${name.slice(0, 200)}…` : name
  return `${at}${memberPointer(short)}`
}

function replaceAbsent(input: Input, values: Map<string, Value>): void {
  for (const [name, field] of input.fields) {
    if (values.has(name) || isKept(field)) continue
    if (field.default === null) values.set(name, null)
    else if (field.default.kind === 'value') {
      const encoded = encodeJson(field.type, field.default.value)
      if (encoded.ok) values.set(name, encoded.value)
    }
  }
}
