/**
 * The addresses that random designs and their contracts give to actions, and requests to them. They are read from the design and not from
 * its model, so a part that is resolved wrongly is noticed.
 */

import type { CalledAction } from '../../../src/verify/fold/outcome.ts'

/** Where a request has an input, and under which name. */
export interface InputPlace {
  readonly in: 'path' | 'query' | 'header' | 'body'
  readonly name: string
}

/** An address of an action of its own. */
export interface OwnAddress {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  /** The parameter of the path that finds the row, and the field whose value it has; null for an action of the design. */
  readonly row: { readonly parameter: string; readonly by: string } | null
  readonly inputs: ReadonlyMap<string, InputPlace>
  /** The member of the body that contains the inputs; null for none. */
  readonly body: string | null
  readonly accepts: 'json' | 'form'
  /** The status of a success; null for 200, or 204 without an answer. */
  readonly status: number | null
  /** Whether an operation of a contract has this address. */
  readonly isOfContract: boolean
  /** What a contract requires although no input in it is: the body, or the member that contains the inputs. */
  readonly needs: 'nothing' | 'body' | 'member'
  /** Whether members of the body that are no inputs have no effect. */
  readonly ignoresOthers: boolean
  /** Whether the contract has no answer, so that the action answers nothing. */
  readonly answersNothing: boolean
}

/** The name of a member that no action has as an input. */
export const UNKNOWN = 'nothing'

/** Whether requests with a method have a body. */
export function hasBody({ method }: Pick<OwnAddress, 'method'>): boolean {
  return method !== 'GET' && method !== 'DELETE'
}

/** Whether the query string is read. Otherwise any parameter is refused. */
export function readsQuery({ method, inputs }: OwnAddress): boolean {
  return method === 'GET' || [...inputs.values()].some((place) => place.in === 'query')
}

/** The place of an input, and of a name that is none. */
export function placeAt(address: OwnAddress, name: string): InputPlace {
  return address.inputs.get(name) ?? { in: hasBody(address) ? 'body' : 'query', name }
}

/** Whether a value can be sent at a place. */
export function isSayable(
  value: unknown,
  { place, accepts }: { readonly place: InputPlace['in']; readonly accepts: 'json' | 'form' },
): boolean {
  if (place === 'body' && accepts === 'json') return true
  const isList = Array.isArray(value)
  if (isList) return (place === 'query' || place === 'body') && value.length > 0
  return value !== null && typeof value !== 'object' && value !== ''
}

/** The pointer of a problem of an input. */
export function pointerAt(address: OwnAddress, name: string): string {
  const place = placeAt(address, name)
  return place.in === 'body' && address.body !== null ? `/${address.body}/${place.name}` : `/${place.name}`
}

/** The inputs that the body has. */
export function bodyOf(address: OwnAddress, { input }: Pick<CalledAction, 'input'>): readonly string[] {
  return Object.keys(input).filter((name) => placeAt(address, name).in === 'body')
}

/** A request to the address. */
export function sayOwn(
  address: OwnAddress,
  call: CalledAction,
): { readonly method: string; readonly url: string; readonly body?: unknown; readonly headers: Readonly<Record<string, string>> } {
  const given = Object.entries(call.input).map(([name, value]) => ({ ...placeAt(address, name), value }))
  const at = (place: InputPlace['in']) => given.filter((one) => one.in === place)
  const inPath = new Map(at('path').map(({ name, value }) => [name, String(value)] as const))
  if (address.row !== null) inPath.set(address.row.parameter, String(call.key ?? call.id))
  const path = address.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(inPath.get(name) ?? ''))
  const query = pairsOf(at('query'))
  const headers = Object.fromEntries(at('header').map(({ name, value }) => [name.toLowerCase(), String(value)] as const))
  const version: Readonly<Record<string, string>> = call.version === null ? {} : { 'if-match': `"${call.version}"` }
  const said = {
    method: address.method,
    url: query.size === 0 ? path : `${path}?${query}`,
    headers: { ...headers, ...version },
  }
  const body = bodySaid(address, at('body'), call)
  if (body === undefined) return said
  if (address.accepts === 'json') return { ...said, body }
  return { ...said, body: String(body), headers: { ...said.headers, 'content-type': 'application/x-www-form-urlencoded' } }
}

type Said = readonly { readonly name: string; readonly value: unknown }[]

function pairsOf(said: Said): URLSearchParams {
  const pairs = new URLSearchParams()
  for (const { name, value } of said) for (const one of Array.isArray(value) ? value : [value]) pairs.append(name, String(one))
  return pairs
}

function bodySaid(address: OwnAddress, said: Said, { isBare }: CalledAction): unknown {
  if (!hasBody(address) || (said.length === 0 && isBare)) return undefined
  if (address.accepts === 'form') return pairsOf(said)
  const members = Object.fromEntries(said.map(({ name, value }) => [name, value]))
  return address.body === null ? members : { [address.body]: members }
}
