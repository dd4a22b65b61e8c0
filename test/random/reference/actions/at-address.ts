/** What the address of a call changes: how its row is found, and which failures its parts have. */

import { entityNamed, fieldNamed, isToken, type Model, storedScalar } from '../../../../src/model/model.ts'
import type { ActionWorld } from '../../../../src/verify/fold/action-world.ts'
import { inputsOf, isWrong, keyOf, resolvedInput } from '../../../../src/verify/fold/input.ts'
import { type CalledAction, refuseCall } from '../../../../src/verify/fold/outcome.ts'
import type { ActionDesignAt } from '../../../../src/verify/fold/written-actions.ts'
import type { PlainRow } from '../../../../src/verify/oracle/oracle-rows.ts'
import { bodyOf, hasBody, type OwnAddress, placeAt, pointerAt, readsQuery, UNKNOWN } from '../../request/own-address.ts'

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The row that the address finds, by its id or by a unique field; null for none. */
export function rowAsked(world: ActionWorld, entity: string, { call, address }: Asked): PlainRow | null {
  const by = address?.row?.by ?? 'id'
  if (by === 'id') return call.id === null ? null : world.find(entity, call.id)
  const { model } = world.reference
  // "For an action as caller, hidden values name no row." A token is a secret that its holder sends.
  const isSeen = (row: PlainRow): boolean =>
    world.isSystem || isToken(fieldNamed(entityNamed(model, entity), by)) || world.sight.seesField(entity, by, row)
  const isIt = (row: PlainRow): boolean => call.key !== null && keyOf(model, entity, { row, by }) === call.key && isSeen(row)
  return world.live(entity).find(isIt) ?? null
}

/** A call, and the address of its own that it goes to; null for the usual address and for GraphQL. */
export interface Asked {
  readonly call: CalledAction
  readonly address: OwnAddress | null
}

/** "A part of a path that no row and no value of the type can have is 404." @throws Refused */
export function judgePath(world: ActionWorld, action: ActionDesignAt, { call, address }: Asked): void {
  if (address === null) return
  const { model } = world.reference
  const { entity } = action
  if (entity !== null && address.row !== null && address.row.by !== 'id' && !isPossible(model, { entity, by: address.row.by }, call.key)) {
    world.seen.add('path: no such value')
    refuseCall(404, 'not_found')
  }
  for (const input of inputsOf(action)) {
    if (placeAt(address, input.name).in !== 'path') continue
    const kind = resolvedInput(model, input.kind)
    const value = call.input[input.name]
    if (kind.kind === 'reference' && !isPossible(model, { entity: kind.entity, by: kind.by }, value)) refuseCall(404, 'not_found')
    if (kind.kind !== 'reference' && isWrong(model, input, call.input)) {
      world.seen.add('path: no such value')
      refuseCall(404, 'route_not_found')
    }
  }
}

/** Whether a text can be the value of a field that names a row. */
function isPossible(model: Model, { entity, by }: { readonly entity: string; readonly by: string }, text: unknown): boolean {
  const { type } = fieldNamed(entityNamed(model, entity), by)
  const scalar = storedScalar(type)
  if (scalar === 'uuid') return ID.test(String(text))
  return scalar !== 'email' || String(text).includes('@')
}

/** The pointers of the problems of inputs, which are given by name. @throws Refused for a request whose wrapped body is missing. */
export function pointersOf(action: ActionDesignAt, { call, address }: Asked, names: readonly string[]): readonly string[] {
  if (address === null) return names.map((name) => `/${name}`)
  const isBody = (name: string) => placeAt(address, name).in === 'body'
  if (hasBody(address) && call.isBare && bodyOf(address, call).length === 0) {
    const isNeeded = inputsOf(action).some(({ name, isOptional, preset }) => isBody(name) && !isOptional && preset === null)
    if (address.body !== null && (isNeeded || address.needs !== 'nothing')) refuseCall(400, 'validation_failed', [`/${address.body}`])
    // Without such a member, each input that is required has its own problem.
    if (address.body === null && !isNeeded && address.needs === 'body') refuseCall(400, 'validation_failed', [''])
  }
  const known = new Set(inputsOf(action).map(({ name }) => name))
  const counting = names.filter((name) => known.has(name) || !address.ignoresOthers || !isBody(name))
  return counting.map((name) => pointerAt(address, name))
}

/** A parameter in the query string of an address that reads none is refused before anything else. @throws Refused */
export function judgeQuery(address: OwnAddress | null, { input }: CalledAction): void {
  const isInQuery = address !== null && Object.hasOwn(input, UNKNOWN) && !hasBody(address)
  if (isInQuery && !readsQuery(address)) refuseCall(400, 'unknown_parameter')
}
