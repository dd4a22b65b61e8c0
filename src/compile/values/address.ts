/** Finds ids that cannot be part of an address. */

import type { Field } from '../../model/model.ts'
import { encodeJson } from './encode.ts'

/**
 * Last segments that no address can have. Clients remove `.` and `..` from a path (RFC 3986 section 5.2.4), also when they are written
 * `%2e` (WHATWG URL), and an empty segment is the address of the list.
 */
const UNADDRESSABLE: readonly unknown[] = ['', '.', '..']

/** The texts that cannot be the last segment of an address. */
export const NO_ADDRESS = { rule: 'format', message: 'must not be empty, "." or "..": no address can end with it' } as const

/** Whether a value of a field is an id that no address can hold. */
export function isUnaddressable({ name }: Field, value: unknown): boolean {
  return name === 'id' && UNADDRESSABLE.includes(value)
}

/** The values of a field's type that no address can hold; none for a field other than the id. */
export function unaddressable(field: Field): readonly unknown[] {
  return field.name === 'id' ? UNADDRESSABLE.filter((value) => encodeJson(field.type, value).ok) : []
}
