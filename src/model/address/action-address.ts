/** The address of an action in REST, and the places of its inputs in a request. */

import { memberPointer } from '../../base/texts/json-pointer.ts'

/** The address of an action in REST. Names in braces are inputs, or name the row of a row action. */
export interface ActionAddress {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Such as `/api/orders/{id}/cancel`. */
  readonly path: string
  /** Whether the design gives the address. */
  readonly own: boolean
  /** The status of a success; null for 200, or 204 if the answer has no body. */
  readonly status: number | null
  /** The member of the JSON body that contains the inputs of the body; null if they are members of the body itself. */
  readonly body: string | null
  /** The media type of the answer. */
  readonly type: 'json' | 'csv' | 'html'
  /** The media type of the body of a request. */
  readonly accepts: 'json' | 'form'
  /** What happens to members of the body that are no inputs. A contract may allow them. */
  readonly others: 'refused' | 'ignored'
  /** What must be sent even if all inputs may be left out: nothing, the body, or the member of it that contains the inputs. */
  readonly needs: 'nothing' | 'body' | 'member'
  /** How the path finds the row; null for an action of the design. */
  readonly row: RowParameter | null
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
}

/** The options of an address that the design does not give. */
export const USUAL_ADDRESS = { status: null, body: null, type: 'json', accepts: 'json', others: 'refused', needs: 'nothing' } as const

/** The address of an action before its address is known. */
export const NO_ADDRESS: ActionAddress = { ...USUAL_ADDRESS, method: 'POST', path: '', own: false, row: null }

/** The pointer (RFC 6901) of the value of an input in a request. The parameters of query and header stand as members. */
export function inputPointer({ body }: ActionAddress, from: InputSource): string {
  return from.in === 'body' && body !== null ? `${memberPointer(body)}${memberPointer(from.name)}` : memberPointer(from.name)
}

/** The names in braces of a path, in order. */
export function namesInPath(path: string): readonly string[] {
  return [...path.matchAll(/\{([^{}]+)\}/g)].map(([, name = '']) => name)
}
