/** The types of a contract and those of a design in words, and which of them go together. */

import { readDate, readDuration, readTime, readTimestamp } from '../../base/calendar.ts'
import { readEmail, readUrl, readUuid } from '../../base/text-values.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import { either, quote } from '../findings/report.ts'
import type { GivenType } from './given-type.ts'
import type { ContractSchema, JsonKind } from './schema.ts'

/** The kinds of JSON values in which a scalar is answered. */
export const ANSWERED_AS: Readonly<Record<ScalarKind, JsonKind | null>> = {
  text: 'string',
  email: 'string',
  url: 'string',
  uuid: 'string',
  integer: 'integer',
  decimal: 'string',
  number: 'number',
  boolean: 'boolean',
  timestamp: 'string',
  date: 'string',
  time: 'string',
  duration: 'string',
  encrypted: 'string',
  encryptedEqual: 'string',
  json: null,
}

/** The scalars whose values have a format of JSON Schema. Values of other formats are compared as text. */
const OF_FORMAT: Readonly<Record<string, ScalarKind>> = {
  'date-time': 'timestamp',
  date: 'date',
  'time-local': 'time',
  uuid: 'uuid',
  email: 'email',
  'idn-email': 'email',
  uri: 'url',
  url: 'url',
  iri: 'url',
  'uri-reference': 'url',
  duration: 'duration',
  decimal: 'decimal',
}

/** The scalar whose values have this format; null for a format that says nothing about the type. */
export function scalarOfFormat(format: string | null): ScalarKind | null {
  return format !== null && Object.hasOwn(OF_FORMAT, format) ? (OF_FORMAT[format] ?? null) : null
}

/** Whether a text has a format. A format that is not known has any text. */
export function hasFormat(text: string, format: string): boolean {
  switch (scalarOfFormat(format)) {
    case 'timestamp':
      return readTimestamp(text) !== undefined
    case 'date':
      return readDate(text) !== undefined
    case 'time':
      return readTime(text) !== undefined
    case 'duration':
      return readDuration(text) !== undefined
    case 'uuid':
      return readUuid(text) !== undefined
    case 'email':
      return readEmail(text) !== undefined
    case 'url':
      return readUrl(text) !== undefined
    default:
      return format !== 'time'
  }
}

/** The type of a part of an answer: `text`, `a list`. */
export function givenWords(type: GivenType): string {
  switch (type.kind) {
    case 'any':
      return 'any JSON'
    case 'scalar':
      if (type.values !== null) return either(type.values.slice(0, 5).map(quote))
      return type.scalar === 'decimal' ? 'a decimal, which is text in JSON,' : type.scalar
    case 'constant':
      return type.value === null ? 'null' : JSON.stringify(type.value)
    case 'list':
      return 'a list'
    case 'map':
    case 'object':
      return 'an object'
    default:
      return unreachable(type)
  }
}

/** The type of a schema: `integer`, `string (date-time)`, `"draft" or "published"`. */
export function schemaWords({ kinds, format, values }: Pick<ContractSchema, 'kinds' | 'format' | 'values'>): string {
  if (values !== null) return either(values.slice(0, 5).map((value) => JSON.stringify(value))) || 'nothing'
  if (kinds === null) return 'anything'
  const words = either([...kinds].map(String)) || 'nothing'
  return format === null ? words : `${words} (${format})`
}
