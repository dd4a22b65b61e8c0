/** Gives every action its address in REST, and every input its place in a request. */

import type { Action } from '../../model/action.ts'
import { USUAL_ADDRESS } from '../../model/address/action-address.ts'
import { restBase, type Served } from '../../model/address/served.ts'
import type { ActionDesign } from '../authoring/logic-design.ts'
import { quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { designOf } from '../logic/actions.ts'
import type { LogicContext } from '../logic/logic-context.ts'
import { ownAddress } from './own-address.ts'

/** The actions with the addresses that the design gives them, or that Plinth makes. */
export function addressActions(actions: readonly Action[], served: Served, context: LogicContext): readonly Action[] {
  return actions.map((action) => {
    const design = designOf(action.at, context)
    const operation = operationOf(design)
    if (design.endpoint !== undefined && operation === null) return ownAddress(action, { design, endpoint: design.endpoint }, context)
    if (operation !== null) reportNoContract(operation, [...action.at, 'endpoint'], context)
    else reportPlaces(action, context)
    return builtIn(action, restBase({ served }), context)
  })
}

/** The operation of a contract that the endpoint of an action names; null for a method and a path, and without an endpoint. */
export function operationOf({ endpoint }: Pick<ActionDesign, 'endpoint'>): string | null {
  const at = typeof endpoint === 'string' ? endpoint : endpoint?.at
  return at === undefined || at.includes(' ') ? null : at
}

function reportNoContract(operation: string, at: Path, { design, report }: LogicContext): void {
  if (design.contract !== undefined) return
  const message = `${quote(operation)} is an operation of a contract, and the design names none`
  report.add('PLN-D582', at, message, 'write a method and a path, such as POST /checkout, or add contract')
}

/** `POST /api/orders/{id}/cancel` of a row action, `POST /api/actions/transfer` of another. One that only reads is a GET. */
function builtIn(action: Action, base: string, { entities }: LogicContext): Action {
  const { entity, name, reads } = action
  const path = entity === null ? `${base}/actions/${name}` : `${base}/${entities.get(entity)?.path ?? ''}/{id}/${name}`
  const row = entity === null ? null : { parameter: 'id', by: 'id' }
  const from = reads ? 'query' : 'body'
  return {
    ...action,
    address: { ...USUAL_ADDRESS, method: reads ? 'GET' : 'POST', path, own: false, row },
    inputs: action.inputs.map((input) => ({ ...input, from: { in: from, name: input.name } })),
  }
}

/** Reports places of inputs without an address that they could belong to. */
function reportPlaces({ at }: Action, context: LogicContext): void {
  const { input = {}, output = {} } = designOf(at, context)
  for (const [part, inputs] of Object.entries({ input, output }))
    for (const [name, design] of Object.entries(inputs))
      for (const key of ['in', 'name'] as const)
        if (typeof design === 'object' && design[key] !== undefined)
          context.report.add('PLN-D209', [...at, part, name, key], `${key} is about an endpoint, and there is none`, `remove ${key}`)
}
