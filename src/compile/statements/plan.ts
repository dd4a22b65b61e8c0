/**
 * What an operation will do, as data: names resolved, rules specialised to the caller's variant and already in place. `planSql`
 * turns a plan into its one statement. Plans of equal `key` have equal statements, so a plan never holds a value of a request: those
 * travel beside it, by slot key.
 */

import type { Predicate, Term } from '../../model/expression.ts'
import type { Entity, Field } from '../../model/model.ts'

/** What a row looks like to this caller: fields in the order of the design, then what was included. */
export interface Output {
  readonly entity: Entity
  readonly fields: readonly OutputField[]
  readonly includes: readonly Include[]
  /** What a GraphQL document can ask of a row besides: constants and global ids. */
  readonly extras?: readonly Extra[]
  /** The keys of the object in the order of the request, where that counts. */
  readonly keys?: readonly string[]
}

/** A field and the rows on which the caller may see it; elsewhere it counts as missing. */
export interface OutputField {
  readonly field: Field
  readonly visible: Predicate
  /** Its key in the answer; the field's name unless the request says otherwise. */
  readonly as?: string
  /** How values of a choice are spelled in the answer, where that differs. */
  readonly spelled?: ReadonlyMap<string, string>
}

/** A member of a row in an answer of GraphQL that is no field. */
export type Extra =
  | { readonly kind: 'constant'; readonly key: string; readonly value: string | boolean }
  /** The id that tells a row from the rows of all entities: base64url of `type:id`. */
  | { readonly kind: 'global-id'; readonly key: string; readonly type: string; readonly visible: Predicate }
  /** The same row again, in another shape. */
  | { readonly kind: 'row'; readonly key: string; readonly output: Output }

/**
 * Related rows in place, under the key `name`. `visible` is the read rule of the related entity. `alias`, in the
 * statement, is `name` unless given.
 */
export type Include =
  | {
      readonly kind: 'to-one'
      readonly name: string
      readonly alias?: string
      readonly field: Field
      /** The value that a filter holds the reference to in every row of the page; then the row behind it is looked up once. */
      readonly pinned?: Term
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
  | {
      readonly kind: 'connection'
      readonly name: string
      readonly alias?: string
      readonly via: Field
      readonly connection: ConnectionPlan
    }

/** A page of rows in the form of a GraphQL connection. Its values travel under slots that begin with `slots`. */
export interface ConnectionPlan {
  readonly slots: string
  readonly entity: Entity
  readonly visible: Predicate
  readonly filter: Predicate
  readonly search: SearchPlan | null
  readonly order: readonly OrderKey[]
  readonly size: number
  readonly after: readonly boolean[] | null
  readonly members: readonly ConnectionMember[]
}

/** A member of a connection that a document asks for, under its key in the answer. */
export type ConnectionMember =
  | { readonly kind: 'nodes'; readonly key: string; readonly output: Output }
  | { readonly kind: 'edges'; readonly key: string; readonly members: readonly EdgeMember[] }
  | { readonly kind: 'page-info'; readonly key: string; readonly members: readonly PageInfoMember[] }
  | { readonly kind: 'total-count'; readonly key: string }
  | { readonly kind: 'constant'; readonly key: string; readonly value: string }

/** A member of an edge that a document asks for. */
export type EdgeMember =
  | { readonly kind: 'cursor'; readonly key: string }
  | { readonly kind: 'node'; readonly key: string; readonly output: Output }
  | { readonly kind: 'constant'; readonly key: string; readonly value: string }

/** A member of `PageInfo` that a document asks for. */
export type PageInfoMember =
  | { readonly kind: 'hasNextPage' | 'hasPreviousPage' | 'startCursor' | 'endCursor'; readonly key: string }
  | { readonly kind: 'constant'; readonly key: string; readonly value: string }

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

/** A GraphQL query: every root field that needs the database, in one statement. */
export interface QueryPlan {
  readonly roots: readonly QueryRoot[]
}

/** A root field of a GraphQL query that needs the database. */
export type QueryRoot =
  /** One row, whose id travels in the slot `id`. */
  | { readonly kind: 'row'; readonly id: string; readonly visible: Predicate; readonly output: Output }
  | { readonly kind: 'rows'; readonly connection: ConnectionPlan }

/** One row by its id. */
export interface GetPlan {
  readonly kind: 'get'
  readonly key: string
  readonly entity: Entity
  readonly visible: Predicate
  readonly output: Output
}

/** A page of rows. */
export interface ListPlan {
  readonly kind: 'list'
  readonly key: string
  readonly entity: Entity
  readonly visible: Predicate
  readonly filter: Predicate
  readonly search: SearchPlan | null
  readonly order: readonly OrderKey[]
  /**
   * Rows of a page. Part of the statement and no parameter: a plan made for an unknown limit would rather sort the
   * whole table than follow an index.
   */
  readonly size: number
  /** For a later page: which of the cursor's values are null, by sort key. Null for the first page. */
  readonly after: readonly boolean[] | null
  readonly output: Output
  readonly count: boolean
}

/** A column that a create writes. `given`: the caller may send it, so it has slots; otherwise Plinth alone fills it. */
export interface WrittenField {
  readonly field: Field
  /** Whether the value that is sent takes the place of the one that is there, or is added to it. */
  readonly change: 'set' | 'add'
  /** Who may set it; `ALWAYS` for most. */
  readonly write: Predicate
  /** For a reference that the caller sends: the read rule of its target, which must hold for the row referred to. */
  readonly target: { readonly entity: Entity; readonly visible: Predicate } | null
}

/** The creation of rows, one a call. */
export interface CreatePlan {
  readonly kind: 'create'
  readonly key: string
  readonly entity: Entity
  readonly allowed: Predicate
  /** The fields that this caller may send, in the order of the design. */
  readonly fields: readonly WrittenField[]
  /** All calls of the statement succeed or none does. */
  readonly atomic: boolean
  /** A row that has a value which another row has is not created, and no error; there is no id in its answer. */
  readonly unlessTaken?: true
  readonly visible: Predicate
  /** Whether the row is answered: by this statement, not at all, or by another once the write is done. */
  readonly returning: 'row' | 'nothing' | 'later'
  /** Null unless this statement answers with the row. */
  readonly output: Output | null
}

/** The change of one row a call. */
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
  /** Whether the row is answered: by this statement, not at all, or by another once the write is done. */
  readonly returning: 'row' | 'nothing' | 'later'
  /** Null unless this statement answers with the row. */
  readonly output: Output | null
}

/** The removal of one row a call; with soft delete it sets `deletedAt`. */
export interface DeletePlan {
  readonly kind: 'delete'
  readonly key: string
  readonly entity: Entity
  readonly readable: Predicate
  readonly allowed: Predicate
}

/** A plan that writes nothing. */
export type ReadPlan = GetPlan | ListPlan
/** A plan that changes rows. */
export type WritePlan = CreatePlan | UpdatePlan | DeletePlan
/** The plan of one operation. */
export type Plan = ReadPlan | WritePlan
