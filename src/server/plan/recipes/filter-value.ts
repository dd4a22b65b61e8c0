/** Reads the texts of filters as the constants that fields are compared with. */

import { LIMITS } from '../../../base/limits.ts'
import { unreachable } from '../../../base/unreachable.ts'
import { encodeText } from '../../../compile/values/encode.ts'
import { listType, scalarType, type Term } from '../../../model/expression.ts'
import type { FieldType } from '../../../model/field-type.ts'
import { storedScalar } from '../../../model/model.ts'

/** A constant of a predicate. */
export type Literal = Extract<Term, { readonly kind: 'literal' }>

/**
 * How the value of a condition is read: as one value of a field, as several, as a part of a text, or as one
 * or several texts whose digests are compared.
 */
export interface ValueReader {
  readonly kind: 'one' | 'many' | 'part' | 'digest' | 'digests'
  /** The type of the field. */
  readonly type: FieldType
}

/** A constant, or the reason why the text has no such value. */
export type ReadFilterValue = { readonly ok: true; readonly literal: Literal } | { readonly ok: false; readonly why: string }

/** Reads the value of a condition, as a request sends it. Every value of a filter that becomes a parameter is read here. */
export function readFilterValue({ kind, type }: ValueReader, sent: string | readonly string[]): ReadFilterValue {
  switch (kind) {
    case 'one':
      return typeof sent === 'string' ? readOne(type, sent) : NO_LIST
    case 'many':
      return readMany(type, itemsOf(sent))
    case 'part':
      return typeof sent === 'string' ? readPart(sent) : NO_LIST
    case 'digest':
      return typeof sent === 'string' ? readDigested(type, readMany(type, [sent])) : NO_LIST
    case 'digests':
      return readDigested(type, readMany(type, itemsOf(sent)))
    default:
      return unreachable(kind)
  }
}

function itemsOf(sent: string | readonly string[]): readonly string[] {
  return typeof sent !== 'string' ? sent : sent === '' ? [] : sent.split(',')
}

const NO_LIST: ReadFilterValue = { ok: false, why: 'one value, not a list' }

/** The values with the field that they are bound to, so that the process finds their digests when the statement runs. */
function readDigested(type: FieldType, read: ReadFilterValue): ReadFilterValue {
  if (!read.ok || typeof read.literal.value !== 'object' || type.kind !== 'scalar') return read
  return { ok: true, literal: { ...read.literal, value: read.literal.value.map((item) => `${type.boundTo}\n${item}`) } }
}

function readPart(sent: string): ReadFilterValue {
  if (sent.includes('\u0000')) return { ok: false, why: 'must not hold NUL' }
  return { ok: true, literal: { kind: 'literal', type: scalarType('text'), value: sent } }
}

function readOne(type: FieldType, sent: string): ReadFilterValue {
  const encoded = encodeText(type, sent)
  if (!encoded.ok) return { ok: false, why: encoded.problems[0]?.message ?? 'not a value of this field' }
  if (encoded.value === null) return { ok: false, why: 'use isNull to ask for a missing value' }
  return { ok: true, literal: { kind: 'literal', type: scalarType(storedScalar(type)), value: encoded.value } }
}

function readMany(type: FieldType, sent: readonly string[]): ReadFilterValue {
  if (sent.length > LIMITS.filterItems) return { ok: false, why: `at most ${LIMITS.filterItems} items` }
  const items: (string | number | boolean)[] = []
  for (const item of sent) {
    const read = readOne(type, item)
    if (!read.ok) return read
    const { value } = read.literal
    if (typeof value === 'object') return { ok: false, why: 'write values separated by commas' }
    items.push(value)
  }
  return { ok: true, literal: { kind: 'literal', type: listType(storedScalar(type)), value: items } }
}
