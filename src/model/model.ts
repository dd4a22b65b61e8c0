/** The model describes a backend after resolution: all names are bound, all expressions typed. Only `resolveDesign` makes models. */

import { unreachable } from '../base/unreachable.ts'
import type { Action, ActionFailure } from './action.ts'
import type { CodeRoutes } from './address/code-routes.ts'
import type { Contract } from './address/contract.ts'
import type { ActionPage } from './address/page.ts'
import type { Served } from './address/served.ts'
import type { Broker } from './broker/broker.ts'
import type { Claim, TokenModel } from './caller.ts'
import type { ErrorFormat } from './errors/error-format.ts'
import type { Operation, Predicate, Term } from './expression.ts'
import type { FieldType } from './field-type.ts'
import type { AcceptedBackend } from './http/accepted-backend.ts'
import type { HttpService } from './http/http-service.ts'
import type { LaterWork } from './job.ts'
import type { MailModel } from './mail.ts'
import type { NamedShape } from './named-shape.ts'
import type { EntityErasure, FieldErasure } from './parts/erasure-options.ts'
import type { Goals, Pending } from './parts/goals.ts'
import type { ModelEvent } from './reaction.ts'
import type { ScalarKind } from './scalar.ts'
import type { Webhook } from './webhooks/webhook.ts'
import type { Workflow } from './workflow.ts'

/** A backend. */
export interface Model extends LaterWork, Goals {
  readonly name: string
  readonly description: string | null
  /** In the order of the design; it becomes the order of tables and documents. */
  readonly entities: readonly Entity[]
  /** The entity that signs in; null when the design has no identity. */
  readonly identity: IdentityModel | null
  /** What `auth.` may name: `id`, `role` and the claims, each with its scalar; empty when there is no identity. */
  readonly claims: readonly Claim[]
  /** The actions of entities, those of the design and the transitions of workflows, in this order. */
  readonly actions: readonly Action[]
  readonly workflows: readonly Workflow[]
  /** The events to which the design reacts, in its order. */
  readonly events: readonly ModelEvent[]
  readonly httpServices: readonly HttpService[]
  /** The other backends that may send requests. */
  readonly acceptedBackends: readonly AcceptedBackend[]
  readonly shapes: readonly NamedShape[]
  readonly contract: Contract | null
  readonly routes: CodeRoutes | null
  /** The codes that the design declares, with their status and message. */
  readonly codes: readonly ActionFailure[]
  /** How failures leave; null in the form of Plinth. */
  readonly errors: ErrorFormat | null
  readonly mail: MailModel | null
  readonly webhooks: readonly Webhook[]
  /** The message broker; null for none. */
  readonly broker: Broker | null
  /** The page that browsers get in place of a failure; null for that of Plinth. */
  readonly failurePage: ActionPage | null
  /** Parts of the design that this version reads but does not act on yet; `plan` and the start list them. */
  readonly pending: readonly Pending[]
  readonly served: Served
}

/** The entity that signs in, and the fields that identity uses. */
export interface IdentityModel {
  readonly entity: string
  readonly login: string
  readonly password: string
  readonly role: string | null
  /** The answer for a taken login: an error, or that for a new login. Null: it depends on whether the caller may read every login. */
  readonly takenLogin: 'conflict' | 'accepted' | null
  readonly token: TokenModel
}

/** An entity. */
export interface Entity extends EntityErasure {
  readonly name: string
  readonly description: string | null
  /** Last segment of `/api/…`. */
  readonly path: string
  readonly table: string
  /** `id` first, then the design's fields in order, then `createdAt`, `updatedAt`, `version` and, with `softDelete`, `deletedAt`. */
  readonly fields: readonly Field[]
  /** Computed fields that depend on more than their own row. They are no columns: they are computed when they are read. */
  readonly derived: readonly DerivedField[]
  /** To-many relations: the inverses of other entities' references, in the order of the design. */
  readonly relations: readonly Relation[]
  readonly access: Access
  readonly indexes: readonly Index[]
  readonly uniques: readonly Unique[]
  readonly conditionalUniques: readonly ConditionalUnique[]
  /** Conditions on the fields of each row. */
  readonly checks: readonly Check[]
  /** Conditions on each row and the rows of its to-many relations, or the items of its lists. They are no constraints of the table. */
  readonly relationChecks: readonly Check[]
  readonly search: Search | null
  readonly hooks: readonly Hook[]
  readonly softDelete: boolean
  /** The entity's former name, for a rename. */
  readonly was: string | null
}

/** The rules of an entity. An operation that the design does not open is `NEVER`. */
export interface Access {
  readonly read: Predicate
  readonly create: Predicate
  /** `from` must hold for the row before the write, `to` for the row after it. */
  readonly update: { readonly from: Predicate; readonly to: Predicate }
  readonly delete: Predicate
  /** The author's own text of each rule, for denials in development; null when the operation is closed. */
  readonly source: Readonly<Record<Operation, string | null>>
}

/** A field of an entity. */
export interface Field extends FieldErasure {
  readonly name: string
  readonly column: string
  readonly description: string | null
  readonly type: FieldType
  /** May be null. */
  readonly optional: boolean
  readonly default: Default | null
  /** Set once, at creation. */
  readonly immutable: boolean
  /** Who may read the field, in addition to the entity's read rule. `ALWAYS` when the design says nothing; `NEVER` for passwords. */
  readonly read: Predicate
  /** Who may set the field, in addition to the entity's create and update rules. `NEVER` for fields that Plinth maintains. */
  readonly write: Predicate
  /** The author's own text of that rule; null when the design says nothing. */
  readonly writeSource: string | null
  readonly private: boolean
  readonly was: string | null
  /** `id`, `createdAt`, `updatedAt`, `version`, `deletedAt` when Plinth maintains them; null for the design's own fields. */
  readonly system: SystemField | null
}

/** A computed field that depends on other rows, the caller or the clock. */
export interface DerivedField {
  readonly name: string
  readonly description: string | null
  /** The value, about `row`. Expressions that name the field contain this value. */
  readonly term: Term
  /** The author's text on one line. */
  readonly source: string
  /** Whether it is computed over the rows that the caller may read, or over all rows. */
  readonly as: 'caller' | 'system'
  /** Who may read the field, in addition to the entity's read rule. */
  readonly read: Predicate
  readonly private: boolean
}

/** The role of a field that Plinth maintains. */
export type SystemField = 'id' | 'createdAt' | 'updatedAt' | 'version' | 'deletedAt'

/**
 * A default is a value, an expression, or something Plinth makes. With `set`, the server alone sets the field, and no request can send
 * it: once, when the row is created, or again at every change of the row.
 */
export type Default =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'expression'; readonly term: Term }
  | { readonly kind: 'set'; readonly on: 'create' | 'write'; readonly term: Term; readonly source: string }
  /** The next number, of all rows or of those with the same value of the field `within`. */
  | { readonly kind: 'sequence'; readonly within: string | null }
  | { readonly kind: 'generated'; readonly by: 'uuidv7' | 'identity' | 'now' | 'one' | 'token' }

/** Whether the field is a token: a random text by which the row is found, and from which the secret is derived that callers have. */
export function isToken({ default: preset }: Pick<Field, 'default'>): boolean {
  return preset?.kind === 'generated' && preset.by === 'token'
}

/** Whether Plinth, the server or the database gives the field its value, so that neither a request nor code sets it. */
export function isMaintained(field: Field): boolean {
  const { system, type, default: preset } = field
  return system !== null || type.kind === 'computed' || preset?.kind === 'set' || preset?.kind === 'sequence' || isToken(field)
}

/** A to-many relation: the rows of `entity` that refer to this one. */
export interface Relation {
  readonly name: string
  readonly entity: string
  /** The `ref` field on `entity` that points back here. */
  readonly via: string
}

/** An index that the design declares. */
export interface Index {
  readonly parts: readonly IndexPart[]
  /** `gin` when the first part is a list, because the index then serves membership. */
  readonly method: 'btree' | 'gin'
}

/** A field of an index, and its direction. */
export interface IndexPart {
  readonly field: string
  readonly descending: boolean
}

/**
 * A unique constraint over fields, in order. `unique: { within: 'org' }` on `slug` is `['org', 'slug']`;
 * `blame` is the field an error names.
 */
export interface Unique {
  readonly fields: readonly string[]
  readonly blame: string
  /** Whether the error names the fields. Null: only to callers who may read the field `blame`. */
  readonly named: boolean | null
}

/**
 * A unique constraint among the rows for which `where` holds. It identifies no row and serves no list, so it is not in `uniques`. `source`
 * is the author's text of the condition.
 */
export interface ConditionalUnique extends Unique {
  readonly where: Predicate
  readonly source: string
}

/** A rule that every row must satisfy, with the message for rows that break it. */
export interface Check {
  readonly name: string
  readonly rule: Predicate
  readonly message: string
}

/** The full-text search of an entity. */
export interface Search {
  readonly fields: readonly string[]
  /** A PostgreSQL text search configuration; `simple` unless the design names a language. */
  readonly language: string
}

/** A piece of code that runs before or after a write, inside its transaction. */
export interface Hook {
  readonly moment: HookMoment
  /** The function; the path of code that is not loaded, or not written yet. */
  readonly code: string | ((...args: never[]) => unknown)
  /** The path of the code as the design has it; null for a function in the design. */
  readonly path: string | null
  /** With `system`, the code may also use `db.system`, to which no access rules apply. */
  readonly as: 'caller' | 'system'
  /** How long one run of the code may take, in milliseconds. */
  readonly withinMs: number
}

/** When a hook runs. */
export type HookMoment = 'beforeCreate' | 'afterCreate' | 'beforeUpdate' | 'afterUpdate' | 'beforeDelete' | 'afterDelete'

/** The moments of an operation. */
export const HOOK_MOMENTS = {
  create: { before: 'beforeCreate', after: 'afterCreate' },
  update: { before: 'beforeUpdate', after: 'afterUpdate' },
  delete: { before: 'beforeDelete', after: 'afterDelete' },
} as const satisfies Record<'create' | 'update' | 'delete', Readonly<Record<'before' | 'after', HookMoment>>>

/** Whether an entity with these hooks has one for an operation. */
export function hasHooksFor(hooks: readonly Hook[], operation: keyof typeof HOOK_MOMENTS): boolean {
  const { before, after } = HOOK_MOMENTS[operation]
  return hooks.length > 0 && hooks.some(({ moment }) => moment === before || moment === after)
}

/** The fields that a hook may set: not those that Plinth, the server or a workflow maintains, no passwords and no files. */
export function settableFields(model: Model, entity: Entity, operation: 'create' | 'update'): readonly Field[] {
  const states = model.workflows.filter((workflow) => workflow.entity === entity.name).map(({ field }) => field)
  return entity.fields.filter((field) => {
    if (isMaintained(field) || field.default?.kind === 'generated' || ['password', 'file'].includes(field.type.kind)) return false
    return !states.includes(field.name) && (operation === 'create' || !field.immutable)
  })
}

/** Finds an entity that resolution has proved to exist. @throws Error when it does not (a defect of Plinth, not of a design). */
export function entityNamed(model: Model, name: string): Entity {
  const entity = model.entities.find((e) => e.name === name)
  if (entity === undefined) throw new Error(`no entity ${name}`)
  return entity
}

/** Finds a field that resolution has proved to exist. @throws Error when it does not. */
export function fieldNamed(entity: Entity, name: string): Field {
  const field = entity.fields.find((f) => f.name === name)
  if (field === undefined) throw new Error(`no field ${entity.name}.${name}`)
  return field
}

/** The scalar that stores one value of the field (an item, for a list). */
export function storedScalar(type: FieldType): ScalarKind {
  switch (type.kind) {
    case 'scalar':
    case 'computed':
    case 'ref':
      return type.scalar
    case 'choice':
    case 'password':
      return 'text'
    case 'list':
      return type.of.kind === 'choice' ? 'text' : type.of.scalar
    case 'file':
      return 'json'
    default:
      return unreachable(type)
  }
}
