/** Ids that would leave their row without an address. */

import type { Field } from '../../model/model.ts'
import { encodeJson } from './encode.ts'

/**
 * What an address cannot end with: clients take dots for steps up the path and leave them out (RFC 3986 section 5.2.4), spelled `%2e` as
 * well (WHATWG URL), and nothing at all is the address of the list.
 */
const UNADDRESSABLE: readonly unknown[] = ['', '.', '..']

export const NO_ADDRESS = { rule: 'format', message: 'must not be empty, "." or "..": no address can end with it' } as const

/** Whether this value of a field would be the id of a row that no address leads to. */
export function isUnaddressable({ name }: Field, value: unknown): boolean {
  return name === 'id' && UNADDRESSABLE.includes(value)
}

/** The values that the type of a field allows and its place in the address does not. */
export function unaddressable(field: Field): readonly unknown[] {
  return field.name === 'id' ? UNADDRESSABLE.filter((value) => encodeJson(field.type, value).ok) : []
}
