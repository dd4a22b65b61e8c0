/** The address of an action in REST, and the places of its inputs in a request. */

import { memberPointer } from '../../base/texts/json-pointer.ts'
import type { Redirect } from './redirect.ts'
import type { Signed } from './signed.ts'

/** The address of an action in REST. Names in braces are inputs, or name the row of a row action. */
export interface ActionAddress {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Such as `/api/orders/{id}/cancel`. */
  readonly path: string
  /** Whether the design gives the address. */
  readonly own: boolean
  /** The status of a success; null for 200, or 204 if the answer has no body. A redirect has one. */
  readonly status: number | null
  /** The media type of the answer. */
  readonly type: 'json' | 'csv' | 'html'
  /** Where a success leads; null where it answers. */
  readonly redirect: Redirect | null
  /** The media type of the body of a request. */
  readonly accepts: 'json' | 'form'
  /** How requests are signed; null for callers who need not sign. */
  readonly signed: Signed | null
  /** What happens to members of the body that are no inputs. A contract may allow them. */
  readonly others: 'refused' | 'ignored'
  readonly needs: BodyNeeds
  /** How the path finds the row; null for an action of the design. */
  readonly row: RowParameter | null
}

/** What must be sent even if all inputs may be left out. */
export interface BodyNeeds {
  readonly body: boolean
  /** Members of the body that contain inputs. */
  readonly members: readonly string[]
}

/** The parameter of a path that finds the row of a row action. */
export interface RowParameter {
  /** The name in braces. */
  readonly parameter: string
  /** The field whose value it has: `id` or a unique field. */
  readonly by: string
}

/** Where a request has the value of an input, and under which name. */
export interface InputSource {
  readonly in: 'path' | 'query' | 'header' | 'body'
  /** The name in braces, of the query parameter, of the header, or of the member of the body. */
  readonly name: string
  /** The member of the body that contains it; absent if the input is a member of the body itself. */
  readonly inside?: string
  /** What separates the items of a list that is one text; absent where each item is a parameter of its own. */
  readonly separator?: Separator
}

/** A sign between the items of a list in one text. */
export type Separator = ',' | ' ' | '|'

/** A body that need not be sent. */
export const NO_NEEDS: BodyNeeds = { body: false, members: [] }

/** The options of an address that the design does not give. */
export const USUAL_ADDRESS = {
  status: null,
  type: 'json',
  redirect: null,
  accepts: 'json',
  signed: null,
  others: 'refused',
  needs: NO_NEEDS,
} as const

/** The address of an action before its address is known. */
export const NO_ADDRESS: ActionAddress = { ...USUAL_ADDRESS, method: 'POST', path: '', own: false, row: null }

/** The pointer (RFC 6901) of the value of an input in a request. The parameters of query and header stand as members. */
export function inputPointer({ inside, name }: InputSource): string {
  return inside === undefined ? memberPointer(name) : `${memberPointer(inside)}${memberPointer(name)}`
}

/** The name of an input in a form. Forms have no members inside of others, so these are written as most frameworks do: `user[name]`. */
export function formName({ inside, name }: InputSource): string {
  return inside === undefined ? name : `${inside}[${name}]`
}

/** The names in braces of a path, in order. */
export function namesInPath(path: string): readonly string[] {
  return [...path.matchAll(/\{([^{}]+)\}/g)].map(([, name = '']) => name)
}
