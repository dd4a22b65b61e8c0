/** The schema of a route as plain JSON, for documents. */

import { isObject } from '../../base/is-object.ts'
import type { RouteSchema } from '../../model/address/code-routes.ts'

/** How deep schemas are read. Deeper parts are left open, as are schemas that contain themselves. */
const DEPTH = 30

/**
 * The schema without references: each `$ref` to a schema that the plugin has added (`app.addSchema`) is replaced by that schema. Schemas
 * that are no JSON, such as those of a validation library, are left out. Null without a schema.
 */
export function declaredSchema(schema: unknown, shared: Readonly<Record<string, unknown>>): RouteSchema | null {
  if (!isObject(schema)) return null
  const plain = plainOf(schema, { shared, depth: 0 })
  return isObject(plain) ? plain : null
}

interface Reading {
  readonly shared: Readonly<Record<string, unknown>>
  readonly depth: number
}

function plainOf(value: unknown, { shared, depth }: Reading): unknown {
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') return undefined
  if (typeof value !== 'object' || value === null) return value
  if (depth > DEPTH) return {}
  const inner = { shared, depth: depth + 1 }
  if (Array.isArray(value)) return value.map((item) => plainOf(item, inner) ?? null)
  if ('~standard' in value) return undefined
  const { $ref, ...rest } = value as Readonly<Record<string, unknown>>
  if (typeof $ref === 'string') return plainOf(referred($ref, shared), inner)
  const members = Object.entries(rest).filter(([name]) => name !== '$id')
  return Object.fromEntries(members.map(([name, member]) => [name, plainOf(member, inner)]).filter(([, member]) => member !== undefined))
}

/** The schema of a reference such as `address#` or `address#/properties/city`; an open one if there is none. */
function referred(reference: string, shared: Reading['shared']): unknown {
  const [id = '', path = ''] = reference.split('#', 2)
  let found: unknown = shared[id]
  for (const part of path.split('/').slice(1)) found = isObject(found) ? found[part.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined
  return found ?? {}
}
