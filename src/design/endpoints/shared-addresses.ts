/** Reports addresses of actions that answer the same requests as others. */

import type { Action } from '../../model/action.ts'
import { actionLabel } from '../../model/action-tree.ts'
import { builtInPaths, DELIVERIES_SEGMENT } from '../../model/address/built-in-paths.ts'
import type { Contract } from '../../model/address/contract.ts'
import type { Served } from '../../model/address/served.ts'
import { type EntityFile, filePlaces } from '../../model/files/file-fields.ts'
import type { LogicContext } from '../logic/logic-context.ts'

/** The actions with their addresses, and the contract with the operations that no action serves. */
interface Addressed {
  readonly served: Served
  readonly actions: readonly Action[]
  readonly contract: Contract | null
}

/**
 * Reports each address of the design that has the same segments as another, apart from the names in braces. A segment without braces wins
 * over one with braces, so `/articles/feed` and `/articles/{slug}` are different addresses.
 */
export function reportShared({ actions, contract, served }: Addressed, { report, outline, design, entities }: LogicContext): void {
  const [own, others] = [actions.filter(({ address }) => address.own), actions.filter(({ address }) => !address.own)]
  const places = filePlaces({ entities: [...entities.values()] })
  const subscriptions = Object.values(design.integrations?.webhooks ?? {}).flatMap((webhook) =>
    'subscriptions' in webhook ? (entities.get(webhook.subscriptions) ?? []) : [],
  )
  for (const action of others) reportAtFile(action, places, report)
  for (const { name } of subscriptions) reportAtDeliveries(name, { others, places }, report)
  if (own.length === 0 && contract === null) return
  const taken = new Set(
    builtInPaths({
      served,
      entities: [...outline.entities.values()].map(({ path }) => path),
      hasIdentity: Object.values(design.entities).some(({ identity }) => identity !== undefined),
      files: places.map(({ entity, field }) => [entity.path, field.name] as const),
      subscriptions: subscriptions.map(({ path }) => path),
      actions: others.map(({ address }) => address.path),
    }).map(shapeOf),
  )
  for (const [i, action] of own.entries()) {
    const shared: readonly [string, string] | null = taken.has(shapeOf(action.address.path))
      ? [`${action.address.path} is an address of Plinth itself`, 'choose another path']
      : sharedWith(action, own.slice(0, i))
    if (shared !== null) report.add('PLN-D541', [...action.at, 'endpoint'], ...shared)
  }
  for (const { action, path, servedPath } of contract?.operations ?? [])
    if (action === null && servedPath !== null && taken.has(shapeOf(servedPath)))
      report.add(
        'PLN-D541',
        ['contract'],
        `${path} is an address of Plinth itself`,
        'move it or switch it off with serve, such as serve: { rest: false }',
      )
}

/** Reports an action on rows that has the name of a file of the row. */
function reportAtFile({ name, entity, at }: Action, places: readonly EntityFile[], report: LogicContext['report']): void {
  if (places.some(({ entity: of, field }) => of.name === entity && field.name === name))
    report.add('PLN-D683', at, `${entity}.${name} is a file at the address of the action ${name}`, 'rename one of them')
}

/** Reports an action on subscriptions, or a file of them, that has the name of their messages. */
function reportAtDeliveries(
  entity: string,
  { others, places }: { readonly others: readonly Action[]; readonly places: readonly EntityFile[] },
  report: LogicContext['report'],
): void {
  const message = `the messages to a ${entity} are at the address of ${entity}.${DELIVERIES_SEGMENT}`
  for (const { at } of others.filter((action) => action.entity === entity && action.name === DELIVERIES_SEGMENT))
    report.add('PLN-D541', at, message, 'choose another name')
  if (places.some((place) => place.entity.name === entity && place.field.name === DELIVERIES_SEGMENT))
    report.add('PLN-D541', ['entities', entity, 'fields', DELIVERIES_SEGMENT], message, 'choose another name')
}

/** The message and the remedy if one of the actions before has the same address, or names the places of the same path differently. */
function sharedWith(action: Action, before: readonly Action[]): readonly [string, string] | null {
  const { method, path } = action.address
  const shape = shapeOf(path)
  const atPath = before.filter(({ address }) => shapeOf(address.path) === shape)
  const same = atPath.find(({ address }) => address.method === method)
  if (same !== undefined) {
    const labels = `${actionLabel(same)}, ${actionLabel(action)}`
    return [`two endpoints at ${method} ${shape}: ${labels}`, 'choose another method or path for one of them']
  }
  const [named] = atPath.filter(({ address }) => address.path !== path)
  if (named === undefined) return null
  return [`${path} is the path ${named.address.path} with other names`, `use ${named.address.path}`]
}

/** The path with `{…}` in place of every name in braces. */
function shapeOf(path: string): string {
  return path.replaceAll(/\{\w+\}/g, '{…}')
}
