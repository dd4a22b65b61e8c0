/** The types of JSON Schema in the design language. */

import { isObject } from '../../base/is-object.ts'
import type { SketchType } from '../sketch/sketch.ts'
import { type ApiDocument, type ApiPlace, memberPlace } from './document.ts'

/** A type of the language, or why there is none. */
export type SchemaType =
  | { readonly kind: 'type'; readonly type: SketchType; readonly nullable: boolean; readonly note?: string }
  | { readonly kind: 'none'; readonly why: string }

const FORMATS: Readonly<Record<string, SketchType>> = {
  'date-time': { type: 'timestamp' },
  date: { type: 'date' },
  time: { type: 'time' },
  duration: { type: 'duration' },
  uuid: { type: 'uuid' },
  email: { type: 'email' },
  uri: { type: 'url' },
  url: { type: 'url' },
  password: { type: 'password' },
}

/** The type of a property that is no reference to an entity. */
export function schemaType(document: ApiDocument, place: ApiPlace): SchemaType {
  const schema = document.resolve(place)
  if (schema === null) return { kind: 'none', why: 'its $ref leads out of the document, or nowhere' }
  const { value } = schema
  const variants = [value.oneOf, value.anyOf].find(Array.isArray) as readonly unknown[] | undefined
  if (variants !== undefined) {
    const real = variants.filter((each) => isObject(each) && each.type !== 'null')
    const only = real.length === 1 ? real[0] : undefined
    const inner = isObject(only) ? schemaType(document, { value: only, path: schema.path }) : null
    if (inner?.kind === 'type') return { ...inner, nullable: inner.nullable || real.length < variants.length }
    return { kind: 'type', type: { type: 'json' }, nullable: real.length < variants.length, note: 'one of several schemas is json' }
  }
  const types = (Array.isArray(value.type) ? value.type : [value.type]).filter((each) => each !== 'null')
  const nullable = value.nullable === true || (Array.isArray(value.type) && value.type.includes('null'))
  const made = ofType(document, schema, types[0])
  return made.kind === 'none' ? made : { ...made, nullable }
}

type Made = { readonly kind: 'type'; readonly type: SketchType; readonly note?: string } | { readonly kind: 'none'; readonly why: string }

function ofType(document: ApiDocument, schema: ApiPlace, type: unknown): Made {
  const { value } = schema
  const fallback = value.default === undefined || value.default === null ? {} : { default: value.default }
  const choices = Array.isArray(value.enum) ? value.enum.filter((each) => each !== null) : []
  if (choices.length > 0 && choices.every((each) => typeof each === 'string' && each !== ''))
    return { kind: 'type', type: { type: 'choice', values: [...new Set(choices)], ...fallback } }
  switch (type) {
    case 'string': {
      if (value.format === 'binary' || value.format === 'byte')
        return { kind: 'none', why: 'bytes stand in no row; write a field of type file' }
      const known = typeof value.format === 'string' && Object.hasOwn(FORMATS, value.format) ? FORMATS[value.format] : undefined
      if (known !== undefined) return { kind: 'type', type: known }
      return { kind: 'type', type: { type: 'text', ...number('min', value.minLength), ...number('max', value.maxLength), ...fallback } }
    }
    case 'integer':
      return { kind: 'type', type: { type: 'integer', ...number('min', value.minimum), ...number('max', value.maximum), ...fallback } }
    case 'number':
      return { kind: 'type', type: { type: 'number', ...number('min', value.minimum), ...number('max', value.maximum), ...fallback } }
    case 'boolean':
      return { kind: 'type', type: { type: 'boolean', ...fallback } }
    case 'array': {
      const items = memberPlace(schema, 'items')
      const of = items === null ? null : schemaType(document, items)
      if (of?.kind === 'type' && !['json', 'list', 'password'].includes(of.type.type))
        return { kind: 'type', type: { type: 'list', of: of.type } }
      return { kind: 'type', type: { type: 'json' }, note: 'a list of objects is json' }
    }
    default:
      return { kind: 'type', type: { type: 'json' }, note: 'an object is json' }
  }
}

function number(key: string, value: unknown): Readonly<Record<string, number>> {
  return typeof value === 'number' &&
    Number.isSafeInteger(value) &&
    Math.abs(value) <= 9_007_199_254_740_991 &&
    value <= (key === 'max' ? 1e15 : 1e15)
    ? { [key]: value }
    : {}
}
