/** The part of the model that an OpenAPI document may show to its reader. */

import { ANONYMOUS, type Caller } from '../../model/caller.ts'
import type { Operation, Predicate } from '../../model/expression.ts'
import type { Entity, Field, Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import { type EntityView, type FieldView, type View, viewFor, viewOf } from '../rules/view.ts'
import { wholeView } from '../rules/whole-view.ts'
import { type Input, inputOf, type WriteOperation } from '../values/inputs.ts'
import { type ComponentNames, componentNames } from './component-names.ts'

/** The limits that a client has to know. `LIMITS` has them all. */
export interface ApiLimits {
  readonly bodyBytes: number
  readonly bulkRows: number
  readonly nestedRows: number
  readonly nestedDepth: number
  readonly transactionOperations: number
  readonly pageSizeDefault: number
  readonly pageSizeMax: number
  readonly cursor: number
  readonly filterConditions: number
  readonly filterItems: number
  readonly filterText: number
  readonly sortKeys: number
  readonly relationDepth: number
  readonly includes: number
}

/** The part of a model that the reader of a document may know. */
export interface Scope extends ComponentNames {
  readonly model: Model
  readonly view: View
  readonly anonymous: View
  readonly limits: ApiLimits
  /** The caller whose part of the API is described; null for the whole API. */
  readonly caller: Caller | null
  /** True when the reader may know every rule by its text. */
  readonly showRules: boolean
}

/** Opens a scope: everything that the design has (`all`), or what one caller can reach. */
export function scopeOf(model: Model, reach: 'all' | Caller, limits: ApiLimits): Scope {
  const anonymous = viewFor(model, ANONYMOUS)
  const view = reach === 'all' ? wholeView(model) : viewFor(model, reach)
  const caller = reach === 'all' ? null : reach
  return { model, view, anonymous, limits, caller, showRules: reach === 'all', ...componentNames(model) }
}

/** Whether the operation is open for some row of the view. Closed operations are refused before a row is read, and are not documented. */
export function isOpen(entity: EntityView, operation: Operation): boolean {
  const rules: readonly Predicate[] = {
    read: [entity.read],
    create: [entity.create],
    update: [entity.read, entity.updateFrom, entity.updateTo],
    delete: [entity.read, entity.delete],
  }[operation]
  return !rules.some(isNever) && (operation !== 'create' || bodyOf(entity, 'create').withheld.length === 0)
}

/** Whether a caller who is not signed in may try the operation. */
export function isOpenToAnyone(scope: Scope, entity: Entity, operation: Operation): boolean {
  return isOpen(viewOf(scope.anonymous, entity.name), operation)
}

/** The body that a write of the viewed entity takes. */
export function bodyOf(entity: EntityView, operation: WriteOperation): Input {
  return inputOf(entity.entity, { operation, writable: entity.writable.keys() })
}

/** The entities of a scope that have at least one open operation, in the order of the design. */
export function documentedEntities(scope: Scope): readonly EntityView[] {
  return [...scope.view.entities.values()].filter((entity) =>
    (['read', 'create', 'update', 'delete'] as const).some((operation) => isOpen(entity, operation)),
  )
}

/** Fields in the order of the design, then computed fields that are no columns. */
export function fieldsOf(entity: EntityView): readonly FieldView[] {
  return [...entity.readable.values(), ...entity.derived.values()]
}

/** The id field of an entity, whose value is part of the address of a row. */
export function idOf(entity: Entity): Field {
  const id = entity.fields.find((field) => field.name === 'id')
  if (id === undefined) throw new Error(`${entity.name} has no id`)
  return id
}

/** Whether a document for all callers describes an entity of whose taken logins anonymous callers are not told. */
export function hidesFromSome(scope: Scope, entity: Entity): boolean {
  return scope.showRules && isOpenToAnyone(scope, entity, 'create') && viewOf(scope.anonymous, entity.name).hidesTakenLogin
}
