/** Planning a get and a list. */

import { failure } from '../base/failure.ts'
import { guard } from '../compile/guard.ts'
import { parameterise, shapeKey } from '../compile/parameterise.ts'
import type { SearchPlan } from '../compile/plan.ts'
import { specialise } from '../compile/specialise.ts'
import { type EntityView, isAlways, isNever } from '../compile/view.ts'
import { NEVER, type Predicate } from '../model/expression.ts'
import { fieldNamed } from '../model/model.ts'
import type { Intent } from './intent.ts'
import { planFilter } from './plan-filter.ts'
import { planOrder, readCursor } from './plan-order.ts'
import { planOutput, selectionKey } from './plan-output.ts'
import { callerValues, idValue, type Planned, type Planning, prepare, requireOpen } from './planning.ts'
import { requireIndexes } from './served.ts'

/** One row by its id. */
export function planGet(planning: Planning, intent: Extract<Intent, { kind: 'get' }>): Planned {
  const { context, caller, variant, entity } = planning
  requireOpen(planning, 'read', entity.read)
  const id = idValue(entity.entity, intent.id)
  const key = `get ${entity.entity.name} ${variant.key} ${selectionKey(intent.selection)}`
  const prepared = prepare(context, key, () => ({
    kind: 'get',
    key,
    entity: entity.entity,
    visible: entity.read,
    output: planOutput(variant.view, entity, intent.selection),
  }))
  return { ...prepared, calls: [{ ...callerValues(context.model, caller), id }], many: false }
}

/** A page of rows. */
export function planList(planning: Planning, intent: Extract<Intent, { kind: 'list' }>): Planned {
  const { context, caller, variant, entity } = planning
  requireOpen(planning, 'read', entity.read)
  const filters = planFilter(variant.view, entity, intent)
  const order = planOrder(entity, intent.sort)
  const after = intent.after === null ? null : readCursor(order, intent.after)
  const search = planSearch(entity, intent.search)
  requireIndexes(context.model, entity.entity, { filters, order, search: search !== null })
  const { predicate, values } = parameterise(specialise(guard({ kind: 'all', of: filters }, context.model), caller))
  const selection = selectionKey(intent.selection)
  const orderKey = order.map((k) => `${k.descending ? '-' : ''}${k.name}`).join()
  const key = `list ${entity.entity.name} ${variant.key} ${JSON.stringify([shapeKey(predicate), orderKey, after?.nulls ?? null, intent.size, search !== null, intent.count, selection])}`
  const prepared = prepare(context, key, () => ({
    kind: 'list',
    key,
    entity: entity.entity,
    visible: entity.read,
    filter: predicate,
    search,
    order,
    size: intent.size,
    after: after?.nulls ?? null,
    output: planOutput(variant.view, entity, intent.selection),
    count: intent.count,
  }))
  const call = { ...callerValues(context.model, caller), ...values, ...after?.values, search: intent.search }
  return { ...prepared, calls: [call], many: false }
}

/** Search over what the caller may see of the searched fields. An entity without search, or with nothing of it visible, has no such parameter. */
function planSearch(entity: EntityView, words: string | null): SearchPlan | null {
  if (words === null) return null
  const { search } = entity.entity
  const fields = (search?.fields ?? []).map((name) => ({ field: fieldNamed(entity.entity, name), visible: ruleOf(entity, name) }))
  if (search === null || fields.every((f) => isNever(f.visible)))
    throw failure('unknown_parameter', { name: 'search', hint: `; ${entity.entity.name} cannot be searched` })
  return { language: search.language, fields, exact: fields.every((f) => isAlways(f.visible)) }
}

function ruleOf(entity: EntityView, name: string): Predicate {
  return entity.readable.get(name)?.rule ?? NEVER
}
