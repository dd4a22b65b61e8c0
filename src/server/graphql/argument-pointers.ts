/**
 * Translates the pointers of problems. Writes are planned from a REST body, which is made from the arguments of a GraphQL field. A pointer
 * into the body becomes a pointer into the arguments, and into variables of the same names.
 */

import { Failure, pointingTo } from '../../base/failure.ts'
import { isObject } from '../../base/is-object.ts'
import type { Upsert } from '../write/upsert.ts'

/** Translates a pointer to a body member into a pointer to an argument. */
export type InputPlace = (pointer: string) => string

/** Translates the pointers of the problems with which some work fails. @throws Failure of the work. */
export async function placed<T>({ place }: { readonly place: InputPlace }, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw error instanceof Failure && error.errors.length > 0 ? pointingTo(error, place) : error
  }
}

/** For a body that is one argument. */
export function placeIn(argument: string): InputPlace {
  return (pointer) => `/${argument}${pointer}`
}

/** For a body that is made from values to set and amounts to add: `/hits/increment` becomes `/increment/hits`. */
export function placeOfChanges(argument: 'input' | 'update', increment: unknown): InputPlace {
  const added = isObject(increment) ? increment : {}
  return (pointer) => {
    const [, field = '', ...inner] = pointer.split('/')
    if (!Object.hasOwn(added, field)) return `/${argument}${pointer}`
    return ['', 'increment', field, ...(inner[0] === 'increment' ? inner.slice(1) : inner)].join('/')
  }
}

/** For an upsert: its pointers begin with `/update` or `/create`. The new row has the values of `where` and of `create`. */
export function placeOfUpsert(args: Readonly<Record<string, unknown>>, key: Upsert['key']): InputPlace {
  const sent = isObject(args.create) ? args.create : {}
  const [name = ''] = Object.keys(isObject(args.where) ? args.where : {})
  const changes = placeOfChanges('update', args.increment)
  return (pointer) => {
    if (pointer.startsWith('/update')) return changes(pointer.slice('/update'.length))
    const [, , field = '', ...inner] = pointer.split('/')
    if (Object.hasOwn(sent, field) || !key.some((one) => one.field.name === field)) return pointer
    return ['', 'where', name, ...(key.length > 1 ? [field] : []), ...inner].join('/')
  }
}
