/**
 * What an operation will do, as data: names resolved, rules specialised to the caller's variant and already in place. `planSql` turns a plan into its one
 * statement. Plans of equal `key` have equal statements, so a plan never holds a value of a request: those travel beside it, by slot key.
 */

import type { Predicate, Term } from '../model/expression.ts'
import type { Entity, Field } from '../model/model.ts'

/** What a row looks like to this caller: fields in the order of the design, then what was included. */
export interface Output {
  readonly entity: Entity
  readonly fields: readonly OutputField[]
  readonly includes: readonly Include[]
}

/** A field and the rows on which the caller may see it; elsewhere it counts as missing. */
export interface OutputField {
  readonly field: Field
  readonly visible: Predicate
}

/** Related rows in place. `visible` is the read rule of the related entity. */
export type Include =
  | {
      readonly kind: 'to-one'
      readonly name: string
      readonly field: Field
      readonly refVisible: Predicate
      readonly visible: Predicate
      readonly output: Output
    }
  | {
      readonly kind: 'to-many'
      readonly name: string
      readonly via: Field
      readonly visible: Predicate
      readonly output: Output
      readonly limit: number
    }

/** One sort key. Ascending puts missing values last, descending first, as PostgreSQL's indexes do. */
export interface OrderKey {
  readonly name: string
  readonly term: Term
  readonly descending: boolean
  readonly nullable: boolean
}

/** Full-text search: the words are a value; `visible` says for each searched field where the caller may see it. */
export interface SearchPlan {
  readonly language: string
  readonly fields: readonly OutputField[]
  /** True when every searched field is visible everywhere, so the stored vector alone decides. */
  readonly exact: boolean
}

export interface GetPlan {
  readonly kind: 'get'
  readonly key: string
  readonly entity: Entity
  readonly visible: Predicate
  readonly output: Output
}

export interface ListPlan {
  readonly kind: 'list'
  readonly key: string
  readonly entity: Entity
  readonly visible: Predicate
  readonly filter: Predicate
  readonly search: SearchPlan | null
  readonly order: readonly OrderKey[]
  /** Rows of a page. Part of the statement and no parameter: a plan made for an unknown limit would rather sort the whole table than follow an index. */
  readonly size: number
  /** For a later page: which of the cursor's values are null, by sort key. Null for the first page. */
  readonly after: readonly boolean[] | null
  readonly output: Output
  readonly count: boolean
}

/** A column that a create writes. `given`: the caller may send it, so it has slots; otherwise Plinth alone fills it. */
export interface WrittenField {
  readonly field: Field
  /** Who may set it; `ALWAYS` for most. */
  readonly write: Predicate
  /** For a reference that the caller sends: the read rule of its target, which must hold for the row referred to. */
  readonly target: { readonly entity: Entity; readonly visible: Predicate } | null
}

export interface CreatePlan {
  readonly kind: 'create'
  readonly key: string
  readonly entity: Entity
  readonly allowed: Predicate
  /** The fields that this caller may send, in the order of the design. */
  readonly fields: readonly WrittenField[]
  /** All calls of the statement succeed or none does. */
  readonly atomic: boolean
  readonly visible: Predicate
  /** Null when the row is not answered. */
  readonly output: Output | null
}

export interface UpdatePlan {
  readonly kind: 'update'
  readonly key: string
  readonly entity: Entity
  readonly readable: Predicate
  readonly from: Predicate
  readonly to: Predicate
  /** The fields that this request sets. */
  readonly fields: readonly WrittenField[]
  readonly visible: Predicate
  /** Null when the row is not answered. */
  readonly output: Output | null
}

export interface DeletePlan {
  readonly kind: 'delete'
  readonly key: string
  readonly entity: Entity
  readonly readable: Predicate
  readonly allowed: Predicate
}

export type Plan = GetPlan | ListPlan | CreatePlan | UpdatePlan | DeletePlan
