/** Requests that call actions, with a value for each input that must be sent. */

import { sampleValue } from '../../compile/values/sample.ts'
import type { Action, ActionInput } from '../../model/action.ts'
import type { SentOverHttp } from '../expected/abstract-request.ts'
import { isLive, type ReferenceBackend } from '../expected/reference.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'

/** Why no request to an action can be made; null if one can. */
export function whyNoRequest({ model }: ReferenceBackend, { address, inputs, entity }: Action): string | null {
  const needed = inputs.filter(isNeededInput)
  if (model.served.rest === null && !address.own) return 'the design serves no REST'
  if (address.signed !== null) return 'its requests are signed'
  if (entity !== null && address.row?.by !== 'id') return 'its address does not name the row by its id'
  if (address.accepts === 'form' || needed.some(({ from }) => from.in === 'header')) return 'its inputs are in headers or forms'
  if (needed.some(({ type }) => type.type.kind === 'file')) return 'it needs a file'
  return null
}

/** Whether an input must be sent. */
export function isNeededInput({ optional, default: preset }: ActionInput): boolean {
  return !optional && preset === null
}

/** An input with the value that is sent. */
export type SentInput = Pick<ActionInput, 'name' | 'type'> & { readonly value: unknown }

/** A request that calls an action. */
export interface ActionRequest {
  readonly sent: SentOverHttp
  /** The rows that it names, with their entities. */
  readonly rows: readonly (readonly [entity: string, row: PlainRow])[]
  readonly inputs: readonly SentInput[]
}

/** The request of a call; null if an input has no value. @param n makes unique values */
export function actionRequest(
  reference: ReferenceBackend,
  { action, row, n }: { readonly action: Action; readonly row: PlainRow | null; readonly n: number },
): ActionRequest | null {
  const { inputs, entity } = action
  const rows: (readonly [string, PlainRow])[] = row === null || entity === null ? [] : [[entity, row]]
  const sent: SentInput[] = []
  for (const { name, type } of inputs.filter(isNeededInput)) {
    const found = type.kind === 'reference' ? (reference.rows().get(type.entity) ?? []).find(isLive) : undefined
    if (type.kind === 'reference' && found === undefined) return null
    if (type.kind === 'reference' && found !== undefined) rows.push([type.entity, found])
    const value = type.kind === 'reference' ? found?.[type.by] : sampleValue(type.type, n)
    if (value === undefined) return null
    sent.push({ name, type, value })
  }
  const values = Object.fromEntries(sent.map(({ name, value }) => [name, value]))
  return { sent: callWith(action, String(row?.id), values), rows, inputs: sent }
}

/** The request of a call with these inputs, at the address of the action. @param id of the row; not read for an action of the design */
export function callWith(
  { address, inputs }: Pick<Action, 'address' | 'inputs'>,
  id: string,
  values: Readonly<Record<string, unknown>>,
): SentOverHttp {
  let path = address.row === null ? address.path : address.path.replace(`{${address.row.parameter}}`, encodeURIComponent(id))
  const query: string[] = []
  const body: Record<string, unknown> = {}
  for (const { name, from } of inputs) {
    if (!Object.hasOwn(values, name)) continue
    const value = values[name]
    if (from.in === 'path') path = path.replace(`{${from.name}}`, encodeURIComponent(String(value)))
    else if (from.in === 'query')
      for (const one of Array.isArray(value) ? value : [value]) query.push(`${from.name}=${encodeURIComponent(String(one))}`)
    else if (from.inside === undefined) body[from.name] = value
    else body[from.inside] = { ...(body[from.inside] as object | undefined), [from.name]: value }
  }
  const hasBody = Object.keys(body).length > 0 || address.needs.body
  const url = query.length === 0 ? path : `${path}?${query.join('&')}`
  return { method: address.method, url, ...(hasBody ? { body } : {}) }
}
