/** Where the keys of the rows are that an action names. */

import { slot, sql } from '../../base/sql/sql.ts'
import { ACTION_ROW, type Action, type ActionStep, inputBinding } from '../../model/action.ts'
import { type Entity, entityNamed, type Model } from '../../model/model.ts'
import { idType } from '../rules/term-sql.ts'
import { type KeptKind, keptPlace, type NamedPlace, type NamedPlaces } from './frame.ts'
import { allWrites } from './hooked-program.ts'
import type { WriteOfRow } from './hooked-writes.ts'
import { referencesOf } from './look-up.ts'
import { SIGNED_ID } from './sign-in.ts'

/** The places of the rows that an action names: in the request, or in settings of the transaction. */
export function placesOf(model: Model, action: Action, writes: ReadonlyMap<ActionStep, WriteOfRow>): NamedPlaces {
  const places = new Map<string, NamedPlace>()
  const keepRow = (name: string, entity: string, kept: KeptKind = 'row'): void => {
    places.set(name, keptPlace(entityNamed(model, entity), places.size, kept))
  }
  // The request has the id of the row, or another value that finds it, as with a reference.
  const isByOther = action.address.row !== null && action.address.row.by !== 'id'
  if (action.entity !== null && isByOther) keepRow(ACTION_ROW, action.entity)
  else if (action.entity !== null) places.set(ACTION_ROW, givenPlace(entityNamed(model, action.entity), 'id'))
  for (const { name, type } of referencesOf(action.inputs)) keepRow(inputBinding(name), type.entity)
  for (const step of action.steps)
    if (step.as !== null && step.verb === 'signIn') places.set(step.as, givenPlace(entityNamed(model, step.entity), SIGNED_ID))
    else if (step.as !== null && step.verb !== 'require' && step.verb !== 'call' && step.verb !== 'emit' && step.verb !== 'enqueue')
      keepRow(step.as, step.entity, keptBy(step))
  for (const { name, entity, key } of allWrites(writes)) {
    if (key !== null) places.set(name, givenPlace(entity, key))
    else if (!places.has(name)) keepRow(name, entity.name)
  }
  return places
}

function keptBy(step: ActionStep): KeptKind {
  if (step.verb === 'list' && step.distinct !== null) return { values: { ...step.distinct.type, list: true } }
  return isMany(step) ? 'rows' : 'row'
}

function isMany(step: ActionStep): boolean {
  const isWrite = step.verb === 'update' || step.verb === 'delete'
  return step.verb === 'list' || step.each !== null || (isWrite && step.target.kind === 'rows')
}

/** A row whose id is the value of a slot. */
function givenPlace(entity: Entity, key: string): NamedPlace {
  return { entity, many: false, setting: null, key: slot(key, idType(entity)), total: sql`null::bigint`, lastValues: [], values: null }
}
