/** What an OpenAPI document is about: the model as its reader may know it. */

import { ANONYMOUS, type Caller } from '../model/caller.ts'
import type { Predicate } from '../model/expression.ts'
import type { Entity, Field, Model } from '../model/model.ts'
import { type Input, inputOf, type WriteOperation } from './inputs.ts'
import { type ComponentOf, componentNames } from './openapi-names.ts'
import { type EntityView, type FieldView, isNever, type View, viewFor, viewOf } from './view.ts'

/** The limits that a client has to know; the server's own table serves. */
export interface ApiLimits {
  readonly bodyBytes: number
  readonly bulkRows: number
  readonly nestedRows: number
  readonly nestedDepth: number
  readonly transactionOperations: number
  readonly pageSizeDefault: number
  readonly pageSizeMax: number
  readonly filterConditions: number
  readonly filterItems: number
  readonly filterText: number
  readonly sortKeys: number
  readonly relationDepth: number
  readonly includes: number
}

export type EntityOperation = 'read' | 'create' | 'update' | 'delete'

export interface Scope {
  readonly model: Model
  readonly view: View
  readonly anonymous: View
  readonly limits: ApiLimits
  /** True when the reader may know every rule by its text. */
  readonly showRules: boolean
  readonly componentOf: ComponentOf
}

/** Opens a scope: everything that the design has (`all`), or what one caller can reach. */
export function scopeOf(model: Model, reach: 'all' | Caller, limits: ApiLimits): Scope {
  const anonymous = viewFor(model, ANONYMOUS)
  // Where nobody can sign in, what anonymous callers reach is all there is.
  const view = reach !== 'all' ? viewFor(model, reach) : model.identity === null ? anonymous : wholeView(model)
  return { model, view, anonymous, limits, showRules: reach === 'all', componentOf: componentNames(model) }
}

/** The model with every rule as the design has it: nothing is hidden but what is closed to all. */
function wholeView(model: Model): View {
  const open = (name: string): boolean => model.entities.some((e) => e.name === name && !isNever(e.access.read))
  const entities = model.entities.map((entity): [string, EntityView] => {
    const readable = entity.fields.filter((f) => !isNever(f.read)).map((field): FieldView => ({ field, rule: field.read }))
    const writable = entity.fields
      .filter((f) => f.type.kind !== 'computed' && !isNever(f.write))
      .map((field): FieldView => ({ field, rule: field.write }))
    const { read, create, update } = entity.access
    return [
      entity.name,
      {
        entity,
        read,
        create,
        updateFrom: update.from,
        updateTo: update.to,
        delete: entity.access.delete,
        readable: new Map(readable.map((f) => [f.field.name, f])),
        writable: new Map(writable.map((f) => [f.field.name, f])),
        relations: new Map(entity.relations.filter((r) => open(r.entity)).map((r) => [r.name, r])),
        references: new Set(readable.filter((f) => f.field.type.kind === 'ref' && open(f.field.type.entity)).map((f) => f.field.name)),
      },
    ]
  })
  return { model, entities: new Map(entities) }
}

/** Whether a view leaves the operation open at all: closed ones are refused before any row is looked at, and are not documented. */
export function isOpen(entity: EntityView, operation: EntityOperation): boolean {
  const rules: readonly Predicate[] = {
    read: [entity.read],
    create: [entity.create],
    update: [entity.read, entity.updateFrom, entity.updateTo],
    delete: [entity.read, entity.delete],
  }[operation]
  return !rules.some(isNever) && (operation !== 'create' || bodyOf(entity, 'create').withheld.length === 0)
}

/** Whether a caller who is not signed in may try the operation. */
export function isOpenToAnyone(scope: Scope, entity: Entity, operation: EntityOperation): boolean {
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

/** Fields in the order of the design. */
export function fieldsOf(entity: EntityView): readonly FieldView[] {
  return [...entity.readable.values()]
}

/** The id of an entity, as its address holds it. */
export function idOf(entity: Entity): Field {
  const id = entity.fields.find((field) => field.name === 'id')
  if (id === undefined) throw new Error(`${entity.name} has no id`)
  return id
}
