/**
 * Where the caller of a mutation has written what a problem is about. Problems point into the bodies of REST's writes, which are made from the arguments of
 * a field; what a client is told leads through those arguments, and so, for variables of the same names, through the variables.
 */

import { isObject } from '../../base/is-object.ts'
import type { Upsert } from '../write/upsert.ts'

/** From a pointer into a body to one into the arguments. */
export type InputPlace = (pointer: string) => string

/** Of a body that is an argument as it stands. */
export function placeIn(argument: string): InputPlace {
  return (pointer) => `/${argument}${pointer}`
}

/** Of a body that is put together from values to set and amounts to add, which are objects there: `/hits/increment` is `/increment/hits`. */
export function placeOfChanges(argument: 'input' | 'update', increment: unknown): InputPlace {
  const added = isObject(increment) ? increment : {}
  return (pointer) => {
    const [, field = '', ...inner] = pointer.split('/')
    if (!Object.hasOwn(added, field)) return `/${argument}${pointer}`
    return ['', 'increment', field, ...(inner[0] === 'increment' ? inner.slice(1) : inner)].join('/')
  }
}

/** Of an upsert, whose pointers begin with the body that they are about. The new row has the values of `where` besides those of `create`. */
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
