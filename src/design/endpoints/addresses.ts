/** Gives every action its address in REST, and every input its place in a request. */

import type { Action } from '../../model/action.ts'
import { USUAL_ADDRESS } from '../../model/address/action-address.ts'
import { restBase, type Served } from '../../model/address/served.ts'
import { quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { designOf } from '../logic/actions.ts'
import type { LogicContext } from '../logic/logic-context.ts'
import { endpointOf, isOperation } from './endpoint.ts'
import { ownAddress } from './own-address.ts'

/** The actions with the addresses that the design gives them, or that Plinth makes. */
export function addressActions(actions: readonly Action[], served: Served, context: LogicContext): readonly Action[] {
  return actions.map((action) => {
    const design = designOf(action.at, context)
    const endpoint = endpointOf(design)
    if (endpoint !== null && !isOperation(endpoint)) return ownAddress(action, { design, endpoint }, context)
    if (endpoint !== null) reportNoContract(endpoint.at, [...action.at, 'endpoint'], context)
    else reportPlaces(action, context)
    return builtIn(action, restBase({ served }), context)
  })
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
      for (const key of ['in', 'name', 'inside'] as const)
        if (typeof design === 'object' && design[key] !== undefined)
          context.report.add('PLN-D209', [...at, part, name, key], `${key} is about an endpoint, and there is none`, `remove ${key}`)
}
