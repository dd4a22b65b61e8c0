/** 501 in the OpenAPI document: for operations that run code of the design which is not written yet. */

import type { Action, ActionCode } from '../../model/action.ts'
import { type RowWrite, writesOf } from '../../model/action-tree.ts'
import { entityNamed, HOOK_MOMENTS, type Model } from '../../model/model.ts'
import type { EntityView, View } from '../rules/view.ts'
import { nestingsOf } from '../values/nesting.ts'
import { componentRef, type JsonObject } from './component-names.ts'

/** The response 501 of writes of rows, if a hook of one of them is not written yet; otherwise no response. */
export function unwrittenHooks(model: Model, writes: readonly RowWrite[]): JsonObject {
  return writes.some((write) => hasUnwrittenHook(model, write)) ? { 501: response('The code of a hook is not written yet.') } : {}
}

/** The same for an action: for its own code, and for the hooks of the rows that its steps write. */
export function unwrittenCode(model: Model, action: Action): JsonObject {
  if (isUnwritten(action.run)) return { 501: response('The code of the action is not written yet.') }
  return unwrittenHooks(model, writesOf(action, model.actions))
}

/** The creates of a request that makes a row: those of the row and of the rows that may be nested in it. */
export function createsOf(view: View, made: EntityView): readonly RowWrite[] {
  const found = new Set<string>()
  const add = (of: EntityView): void => {
    if (found.has(of.entity.name)) return
    found.add(of.entity.name)
    for (const { child } of nestingsOf(view, of).values()) add(child)
  }
  add(made)
  return [...found].map((name) => ({ operation: 'create', entity: name }))
}

function hasUnwrittenHook(model: Model, { operation, entity }: RowWrite): boolean {
  const { before, after } = HOOK_MOMENTS[operation]
  return entityNamed(model, entity).hooks.some(({ moment, code }) => (moment === before || moment === after) && typeof code === 'string')
}

function isUnwritten(run: ActionCode | null): boolean {
  return run !== null && typeof run.code === 'string'
}

function response(description: string): JsonObject {
  const code = { type: 'object', properties: { code: { enum: ['not_implemented'] } } }
  return { description, content: { 'application/problem+json': { schema: { allOf: [componentRef('schemas', 'Problem'), code] } } } }
}
