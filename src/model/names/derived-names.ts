/** The form of the names of a design, the reserved names, and the suggestions for names that are refused. */

import { capital } from '../../base/capital.ts'
import { MAX_NAME_BYTES, snakeCase } from './database-names.ts'

/** The form of an entity's name. */
export const ENTITY_NAME = /^[A-Z][A-Za-z0-9]*$/
/** The form of the names of fields, relations, rules, actions and checks. */
export const MEMBER_NAME = /^[a-z][A-Za-z0-9]*$/
/** A path segment of unreserved characters (RFC 3986), so that it needs no escaping in a URL. */
export const PATH_NAME = /^[A-Za-z0-9][A-Za-z0-9._~-]*$/

/** Words of CEL that cannot be names (specification, "Syntax"), and the names that Plinth gives a meaning in expressions. */
const EXPRESSION_WORDS =
  'as break const continue else false for function if import in let loop namespace null package return true var void while auth input now'
/** Names that every JavaScript object inherits; rows are objects. */
const OBJECT_WORDS = 'constructor hasOwnProperty isPrototypeOf propertyIsEnumerable prototype toLocaleString toString valueOf'

/** Names that no field, relation, rule, action or check may have. */
export const RESERVED_MEMBERS: ReadonlySet<string> = new Set(`${EXPRESSION_WORDS} ${OBJECT_WORDS}`.split(' '))
/** Types that a GraphQL schema has already. */
export const RESERVED_ENTITIES: ReadonlySet<string> = new Set('Boolean Float ID Int Mutation PageInfo Query String Subscription'.split(' '))
/** Path segments directly below /api/ that Plinth uses itself. */
export const RESERVED_PATHS: ReadonlySet<string> = new Set(['actions', 'auth', 'transaction'])
/** Fields that Plinth adds and maintains; `deletedAt` exists with softDelete only. */
export const SYSTEM_FIELDS: ReadonlySet<string> = new Set(['createdAt', 'updatedAt', 'version', 'deletedAt'])

/** `OrderItem` → `order-item`. */
export function kebabCase(name: string): string {
  return snakeCase(name).replaceAll('_', '-')
}

/** The nearest name in the form of an entity: `order_items` → `OrderItems`. */
export function asEntityName(name: string): string {
  return capital(asMemberName(name))
}

/** The nearest name in the form of a field: `created_by` → `createdBy`, `Title` → `title`, `2fa` → `x2fa`. */
export function asMemberName(name: string): string {
  const ascii = name.replaceAll('ß', 'ss').normalize('NFKD').replaceAll(/\p{M}/gu, '')
  const words = ascii.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  const joined = words.map((word, i) => (i === 0 ? word : capital(word))).join('')
  const start = /^[A-Z]+$/.test(joined) ? joined.toLowerCase() : joined.charAt(0).toLowerCase() + joined.slice(1)
  return (start === '' ? 'name' : /^[a-z]/.test(start) ? start : `x${start}`).slice(0, MAX_NAME_BYTES)
}
