/**
 * The model as one kind of caller sees it: what that caller can never read is not there at all. Every name that a request mentions is looked up here and
 * nowhere else, so a hidden name and one that does not exist take the same path and get the same answer.
 */

import type { Caller } from '../model/caller.ts'
import { NEVER, type Predicate } from '../model/expression.ts'
import { type Entity, entityNamed, type Field, fieldNamed, type Model, type Relation } from '../model/model.ts'
import { specialise } from './specialise.ts'

export interface View {
  readonly model: Model
  readonly entities: ReadonlyMap<string, EntityView>
}

/** An entity with the rules that are left once the caller's kind is known. */
export interface EntityView {
  readonly entity: Entity
  readonly read: Predicate
  readonly create: Predicate
  readonly updateFrom: Predicate
  readonly updateTo: Predicate
  readonly delete: Predicate
  /** Fields that the caller may read on some row, with the rule that says on which. */
  readonly readable: ReadonlyMap<string, FieldView>
  /** Fields that the caller may set in some state. */
  readonly writable: ReadonlyMap<string, FieldView>
  /** To-many relations to entities of which the caller may read some row. */
  readonly relations: ReadonlyMap<string, Relation>
  /** To-one references that may be followed, likewise. */
  readonly references: ReadonlySet<string>
}

export interface FieldView {
  readonly field: Field
  readonly rule: Predicate
}

/** True when the rule can hold for no row: closed, or unknown for want of a caller. */
export function isNever(rule: Predicate): boolean {
  return rule.kind === 'const' && rule.value !== true
}

/** True when the rule holds for every row. */
export function isAlways(rule: Predicate): boolean {
  return rule.kind === 'const' && rule.value === true
}

/** Builds the view of a caller. Callers of one variant have equal views. */
export function viewFor(model: Model, caller: Caller): View {
  const readRules = new Map(model.entities.map((e) => [e.name, specialise(e.access.read, caller)]))
  const readable = (name: string) => !isNever(readRules.get(name) ?? NEVER)
  const entities = new Map<string, EntityView>()
  for (const entity of model.entities) {
    const visible = entity.fields.map((field) => ({ field, rule: specialise(field.read, caller) })).filter((f) => !isNever(f.rule))
    const settable = entity.fields
      .filter((f) => f.type.kind !== 'computed')
      .map((field) => ({ field, rule: specialise(field.write, caller) }))
      .filter((f) => !isNever(f.rule))
    entities.set(entity.name, {
      entity,
      read: readRules.get(entity.name) ?? NEVER,
      create: specialise(entity.access.create, caller),
      updateFrom: specialise(entity.access.update.from, caller),
      updateTo: specialise(entity.access.update.to, caller),
      delete: specialise(entity.access.delete, caller),
      readable: new Map(visible.map((f) => [f.field.name, f])),
      writable: new Map(settable.map((f) => [f.field.name, f])),
      relations: new Map(entity.relations.filter((r) => readable(r.entity) && viaVisible(model, r, caller)).map((r) => [r.name, r])),
      references: new Set(visible.filter((f) => f.field.type.kind === 'ref' && readable(f.field.type.entity)).map((f) => f.field.name)),
    })
  }
  return { model, entities }
}

/** A relation whose reference the caller can never read would tell through its rows what the reference hides. */
function viaVisible(model: Model, relation: Relation, caller: Caller): boolean {
  return !isNever(specialise(fieldNamed(entityNamed(model, relation.entity), relation.via).read, caller))
}

/** The view of an entity that resolution has proved to exist. @throws Error when it does not. */
export function viewOf(view: View, entity: string): EntityView {
  const found = view.entities.get(entity)
  if (found === undefined) throw new Error(`no entity ${entity}`)
  return found
}
