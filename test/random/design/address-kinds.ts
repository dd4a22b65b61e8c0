/** The kinds of addresses that random designs give to actions, so that a test notices when the generator stops making one. */

import type { ActionDesignAt } from '../../../src/verify/fold/written-actions.ts'
import type { WrittenInput } from '../../../src/verify/fold/written-logic.ts'
import { hasBody, type OwnAddress } from '../request/own-address.ts'
import type { AuthoredDesign } from './authored.ts'

/** All kinds that addresses have. */
export const ADDRESS_KINDS: readonly string[] = [
  ...['usual address', 'usual address, moved', 'own address', 'address of a contract', 'list with a total', 'read of a row'],
  ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => `at ${method}`),
  ...['id', 'a unique field', 'a token'].map((by) => `row by ${by}`),
  ...['path', 'query', 'header', 'body', 'wrapped body', 'form'].map((place) => `input in ${place}`),
  ...['path', 'query', 'header', 'body'].map((place) => `reference in ${place}`),
  ...['input of another name', 'query of a request with a body', 'status', 'no answer by the contract'],
]

/** What happens at addresses alone in a long run. */
export const REST_EVENTS: readonly string[] = [
  ...['row', 'hidden row', 'reference'].map((what) => `path: no ${what}`),
  ...['path: no such value', 'route_not_found', 'unknown_parameter'],
]

/** The kinds of an address of an action; null is the usual address. */
export function kindsOfAddress(
  design: AuthoredDesign,
  { name, entity, design: action }: ActionDesignAt,
  address: OwnAddress | null,
): ReadonlySet<string> {
  if (address === null) return new Set([typeof design.serve?.rest === 'string' ? 'usual address, moved' : 'usual address'])
  const { row, status, accepts, answersNothing, isOfContract } = address
  const found = new Set<string>([isOfContract ? 'address of a contract' : 'own address', `at ${address.method}`])
  if (row !== null) found.add(`row by ${row.by === 'id' ? 'id' : row.by === 'link' ? 'a token' : 'a unique field'}`)
  for (const [input, place] of address.inputs) {
    const where = place.in !== 'body' ? place.in : accepts === 'form' ? 'form' : address.body === null ? 'body' : 'wrapped body'
    found.add(`input in ${where}`)
    if (isReference(action.input?.[input])) found.add(`reference in ${place.in}`)
    if (place.name !== input) found.add('input of another name')
    if (place.in === 'query' && hasBody(address)) found.add('query of a request with a body')
  }
  if (entity === null && /^list[A-Z]/.test(name)) found.add('list with a total')
  if (entity !== null && name === 'show') found.add('read of a row')
  if (status !== null && status !== 200 && status !== 204) found.add('status')
  if (answersNothing) found.add('no answer by the contract')
  return found
}

function isReference(input: WrittenInput | undefined): boolean {
  return typeof input === 'object' && 'ref' in input
}
