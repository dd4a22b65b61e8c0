/** The calls of actions that a load may measure. */

import { sampleValue } from '../../../compile/values/sample.ts'
import type { Action, ActionInput } from '../../../model/action.ts'
import type { Entity, Model } from '../../../model/model.ts'
import { type LoadOperation, type MadeRequest, type SampledRow, WEIGHTS } from './load-operations.ts'

/** The most actions that are measured. */
export const MOST_ACTIONS = 3

/** Operations of all actions that a request with plain values can call. */
export function actionOperations(model: Model): readonly LoadOperation[] {
  return model.actions.filter((action) => isPlain(model, action)).flatMap((action) => operationOf(model, action) ?? [])
}

function isPlain({ served }: Model, { address, inputs, signsOut }: Action): boolean {
  if (served.rest === null && !address.own) return false
  const inHeader = inputs.some((input) => isNeeded(input) && input.from.in === 'header')
  return address.signed === null && address.accepts === 'json' && !inHeader && !signsOut
}

function operationOf(model: Model, action: Action): LoadOperation | null {
  const entity = entityOf(model, action)
  if (entity === undefined) return null
  const { name, reads, address } = action
  return {
    ...{ entity, kind: reads ? 'read' : 'write', weight: reads ? WEIGHTS.read : WEIGHTS.write, ofRow: action.entity !== null },
    id: `${action.entity ?? 'actions'}.${name}`,
    what: `${address.method} ${address.path}`,
    request: (row, n, rowOf) => requestOf(action, { row, n, rowOf }),
  }
}

/** The entity of the row, or the first that an input names. Its rows are tried one after the other. */
function entityOf({ entities }: Model, { entity, inputs }: Action): Entity | undefined {
  const named = entity ?? inputs.map(({ type }) => (type.kind === 'reference' ? type.entity : null)).find((one) => one !== null)
  return named === undefined ? entities[0] : entities.find(({ name }) => name === named)
}

interface Made {
  readonly row: SampledRow
  readonly n: number
  readonly rowOf: (entity: string) => SampledRow | undefined
}

/** A request with a value for each input that must be sent; null if one has none. */
function requestOf({ address, inputs, entity }: Action, { row, n, rowOf }: Made): MadeRequest | null {
  const key = address.row === null ? '' : row[address.row.by]
  if (entity !== null && key == null) return null
  let path = address.row === null ? address.path : address.path.replace(`{${address.row.parameter}}`, encodeURIComponent(key ?? ''))
  const query: string[] = []
  const body: Record<string, unknown> = {}
  for (const { name: _, type, from } of inputs.filter(isNeeded)) {
    const value = type.kind === 'reference' ? rowOf(type.entity)?.[type.by] : sampleValue(type.type, n)
    if (value == null) return null
    if (from.in === 'path') path = path.replace(`{${from.name}}`, encodeURIComponent(String(value)))
    else if (from.in === 'query') query.push(`${from.name}=${encodeURIComponent(String(value))}`)
    else if (from.inside === undefined) body[from.name] = value
    else body[from.inside] = { ...(body[from.inside] as object | undefined), [from.name]: value }
  }
  const hasBody = Object.keys(body).length > 0 || address.needs.body
  return {
    method: address.method,
    path: query.length === 0 ? path : `${path}?${query.join('&')}`,
    body: hasBody ? JSON.stringify(body) : null,
  }
}

function isNeeded({ optional, default: preset }: ActionInput): boolean {
  return !optional && preset === null
}
