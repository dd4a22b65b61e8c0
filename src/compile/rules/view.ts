/**
 * The part of the model that one kind of caller may use. Names that the caller can never read are left out. Every name of a request is
 * looked up here and nowhere else, so a hidden name and a name that does not exist take the same path and get the same answer.
 */

import { unreachable } from '../../base/unreachable.ts'
import type { Action } from '../../model/action.ts'
import type { Caller } from '../../model/caller.ts'
import { NEVER, type Operation, type Predicate } from '../../model/expression.ts'
import { type Entity, entityNamed, type Field, fieldNamed, type Model, type Relation } from '../../model/model.ts'
import { isNever, ruleFor } from '../../model/predicate.ts'
import { mapPredicate } from '../../model/tree.ts'
import { type DerivedView, derivedViews } from './derived-view.ts'
import { specialise } from './specialise.ts'
import { hidesTakenLogin } from './taken-login.ts'
import { writeRulesOf } from './write-rules.ts'

/** What one kind of caller can do with each entity of a model. */
export interface View {
  readonly model: Model
  readonly entities: ReadonlyMap<string, EntityView>
  /** The actions that the caller may run in some state. */
  readonly actions: readonly Action[]
}

/** An entity, with its rules specialised to the kind of caller. */
export interface EntityView {
  readonly entity: Entity
  readonly read: Predicate
  readonly create: Predicate
  readonly updateFrom: Predicate
  readonly updateTo: Predicate
  readonly delete: Predicate
  /** Fields that the caller may read on some row, with the rule that says on which. */
  readonly readable: ReadonlyMap<string, FieldView>
  /** Computed fields that are no columns and that the caller may read on some row. */
  readonly derived: ReadonlyMap<string, DerivedView>
  /** Fields that the caller may set in some state. */
  readonly writable: ReadonlyMap<string, FieldView>
  /** To-many relations to entities of which the caller may read some row. */
  readonly relations: ReadonlyMap<string, Relation>
  /** To-one references that the caller may read on some row, to entities of which the caller may read some row. */
  readonly references: ReadonlySet<string>
  /** Whether a create does not tell the caller that another account has the login; see taken-login.ts. */
  readonly hidesTakenLogin: boolean
}

/** A field with the rule that says for which rows it can be read or set. */
export interface FieldView {
  readonly field: Field
  readonly rule: Predicate
}

/** Reduces a rule for one kind of caller. */
type Specialise = (rule: Predicate) => Predicate

/** Like `specialise`, but also reduces `can`: a `can` becomes false if its rule can hold for no row. */
function specialiser(model: Model, caller: Caller): Specialise {
  const known = new Map<string, boolean>()
  const isClosed = (entity: string, operation: Operation): boolean => {
    const key = `${entity}.${operation}`
    const closed = known.get(key) ?? isNever(withCans(ruleFor(entityNamed(model, entity), operation)))
    known.set(key, closed)
    return closed
  }
  const withCans: Specialise = (rule) => specialise(withoutClosed(rule, isClosed), caller)
  return withCans
}

/**
 * The same rule, with false for each `can` that can never be true. A `can` under `not` is kept: it may be unknown instead of false, and the
 * negation of unknown is not true.
 */
function withoutClosed(p: Predicate, isClosed: (entity: string, operation: Operation) => boolean): Predicate {
  const inner = (part: Predicate): Predicate => withoutClosed(part, isClosed)
  switch (p.kind) {
    case 'can':
      return isClosed(p.row.entity, p.operation) ? NEVER : p
    case 'choose':
      return { ...p, yes: inner(p.yes), no: inner(p.no) }
    case 'all':
    case 'any':
    case 'some':
    case 'every':
    case 'someItem':
    case 'everyItem':
    case 'holds':
      return mapPredicate(p, { predicate: inner, term: (term) => term, row: (row) => row })
    case 'const':
    case 'compare':
    case 'missing':
    case 'member':
    case 'truth':
    case 'text':
    case 'not':
      return p
    default:
      return unreachable(p)
  }
}

/** Builds the view of a caller. Callers of one variant have equal views. */
export function viewFor(model: Model, caller: Caller): View {
  const specialised = specialiser(model, caller)
  const readRules = new Map(model.entities.map((e) => [e.name, specialised(e.access.read)]))
  const readable = (name: string) => !isNever(readRules.get(name) ?? NEVER)
  const entities = new Map<string, EntityView>()
  for (const entity of model.entities) {
    const visible = entity.fields.map((field) => ({ field, rule: specialised(field.read) })).filter((f) => !isNever(f.rule))
    const settable = entity.fields
      .filter((f) => f.type.kind !== 'computed')
      .map((field) => ({ field, rule: specialised(field.write) }))
      .filter((f) => !isNever(f.rule))
    const writes = writeRulesOf(entity)
    entities.set(entity.name, {
      entity,
      read: readRules.get(entity.name) ?? NEVER,
      create: specialised(writes.create),
      updateFrom: specialised(writes.updateFrom),
      updateTo: specialised(writes.updateTo),
      delete: specialised(writes.delete),
      readable: new Map(visible.map((f) => [f.field.name, f])),
      derived: new Map(derivedViews(model, entity, specialised)),
      writable: new Map(settable.map((f) => [f.field.name, f])),
      relations: new Map(entity.relations.filter((r) => readable(r.entity) && viaVisible(model, r, specialised)).map((r) => [r.name, r])),
      references: new Set(visible.filter((f) => f.field.type.kind === 'ref' && readable(f.field.type.entity)).map((f) => f.field.name)),
      hidesTakenLogin: hidesTakenLogin(model, entity, specialised),
    })
  }
  return { model, entities, actions: model.actions.filter(({ allow }) => !isNever(specialised(allow))) }
}

/** Leaves out a relation whose reference the caller can never read, because its rows would reveal the reference. */
function viaVisible(model: Model, relation: Relation, specialised: Specialise): boolean {
  return !isNever(specialised(fieldNamed(entityNamed(model, relation.entity), relation.via).read))
}

/** The view of an entity that resolution has proved to exist. @throws Error when the entity does not exist. */
export function viewOf(view: View, entity: string): EntityView {
  const found = view.entities.get(entity)
  if (found === undefined) throw new Error(`no entity ${entity}`)
  return found
}
