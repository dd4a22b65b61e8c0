/** Gives every action its address in REST, and every input its place in a request. */

import type { Action } from '../../model/action.ts'
import { USUAL_ADDRESS } from '../../model/address/action-address.ts'
import { designOf } from '../logic/actions.ts'
import type { LogicContext } from '../logic/logic-context.ts'
import { ownAddress } from './own-address.ts'
import { reportShared } from './shared-addresses.ts'

/** The actions with the addresses that the design gives them, or that Plinth makes. */
export function addressActions(actions: readonly Action[], context: LogicContext): readonly Action[] {
  const addressed = actions.map((action) => {
    const design = designOf(action.at, context)
    if (design.endpoint !== undefined) return ownAddress(action, { design, endpoint: design.endpoint }, context)
    reportPlaces(action, context)
    return builtIn(action, context)
  })
  reportShared(addressed, context)
  return addressed
}

/** `POST /api/orders/{id}/cancel` of a row action, `POST /api/actions/transfer` of another. One that only reads is a GET. */
function builtIn(action: Action, { entities }: LogicContext): Action {
  const { entity, name, reads } = action
  const path = entity === null ? `/api/actions/${name}` : `/api/${entities.get(entity)?.path ?? ''}/{id}/${name}`
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
