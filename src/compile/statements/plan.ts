/**
 * A plan describes an operation as data. Its names are resolved, and it contains the access rules, specialised to the caller's variant.
 * `planSql` turns a plan into one statement. Plans of equal `key` have equal statements, so a plan never holds a value of a request: values
 * are passed separately, by slot key.
 */

import type { Predicate, Term } from '../../model/expression.ts'
import type { Entity, Field } from '../../model/model.ts'

/** The parts of a row in an answer to this caller: fields in the order of the design, then included rows. */
export interface Output {
  readonly entity: Entity
  readonly fields: readonly OutputField[]
  readonly includes: readonly Include[]
  /** Further members that a GraphQL document requests, such as constants and global ids. */
  readonly extras?: readonly Extra[]
  /** The keys of the object in the order of the request; absent where the order does not matter. */
  readonly keys?: readonly string[]
}

/** A field, with the rule that says on which rows the caller may read it; on other rows it counts as missing. */
export interface OutputField {
  readonly field: Field
  readonly visible: Predicate
  /** The value of a computed field that is no column; a field without it has a column. */
  readonly value?: Term
  /** Its key in the answer; the field's name unless the request says otherwise. */
  readonly as?: string
  /** The spelling of the values of a choice in the answer, if it differs from the stored values. */
  readonly spelled?: ReadonlyMap<string, string>
}

/** Whether an output shows computed fields of its own row that are no columns. */
export function computes({ fields, extras = [] }: Output): boolean {
  return fields.some(({ value }) => value !== undefined) || extras.some((extra) => extra.kind === 'row' && computes(extra.output))
}

/** A member of a row in a GraphQL answer that is not a field of the entity. */
export type Extra =
  | { readonly kind: 'constant'; readonly key: string; readonly value: string | boolean }
  /** An id that is unique among the rows of all entities: base64url of `type:id`. */
  | { readonly kind: 'global-id'; readonly key: string; readonly type: string; readonly visible: Predicate }
  /** The same row again, in another shape. */
  | { readonly kind: 'row'; readonly key: string; readonly output: Output }

/**
 * Related rows inside a row, under the key `name`. `visible` is the read rule of the related entity. `alias` is the alias in the statement;
 * without it, `name` is.
 */
export type Include =
  | {
      readonly kind: 'to-one'
      readonly name: string
      readonly alias?: string
      readonly field: Field
      /** The value to which a filter fixes the reference in all rows of the page; the referenced row is then read once. */
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

/**
 * The name of the member after an included list with more rows than are shown. Its value is the cursor of the last shown row. No field can
 * have this name. The form is that of OData's annotations (JSON Format 4.01, section 4.5.6).
 */
export function nextOf(relation: string): string {
  return `${relation}@next`
}

/** A page of rows in the form of a GraphQL connection. The keys of its slots start with `slots`. */
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

/** One sort key. As in PostgreSQL's indexes, missing values come last in ascending order and first in descending order. */
export interface OrderKey {
  readonly name: string
  readonly term: Term
  readonly descending: boolean
  readonly nullable: boolean
}

/** Full-text search. The searched words are a value of the request; `visible` has the read rule of each searched field. */
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
  /** Whether the rows of all calls go into one answer. */
  readonly together: boolean
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
   * Rows of a page. It is part of the statement and not a parameter: with an unknown limit, PostgreSQL may sort the whole table instead of
   * following an index.
   */
  readonly size: number
  /** For a later page: which of the cursor's values are null, by sort key. Null for the first page. */
  readonly after: readonly boolean[] | null
  readonly output: Output
  readonly count: boolean
}

/** A field that a write sets. */
export interface WrittenField {
  readonly field: Field
  /** Whether the sent value replaces the stored value or is added to it. */
  readonly change: 'set' | 'add'
  /** Who may set it; `ALWAYS` for most. */
  readonly write: Predicate
  /** For a reference that the caller sends: the read rule of its target, which must hold for the referenced row. */
  readonly target: { readonly entity: Entity; readonly visible: Predicate } | null
}

/** Creates rows, one per call. */
export interface CreatePlan {
  readonly kind: 'create'
  readonly key: string
  readonly entity: Entity
  readonly allowed: Predicate
  /** The fields that this caller may send, in the order of the design. */
  readonly fields: readonly WrittenField[]
  /** All calls of the statement succeed or none does. */
  readonly atomic: boolean
  /** A row that violates a unique constraint is left out without an error; its answer has no id. */
  readonly unlessTaken?: true
  /** The login of the new account: when another account has it, the statement creates nothing and its answer has no id. */
  readonly hiddenLogin?: Field
  readonly visible: Predicate
  /** Whether the row is answered: by this statement, not at all, or by another once the write is done. */
  readonly returning: 'row' | 'nothing' | 'later'
  /** Null unless this statement answers with the row. */
  readonly output: Output | null
  /** Names of the fields that this caller may read on some row, which a failure may therefore name. */
  readonly named: ReadonlySet<string>
  /** Names of the fields that this caller may read or set in some state. */
  readonly known: ReadonlySet<string>
}

/** Changes one row per call. */
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
  /** Names of the fields that this caller may read on some row, which a failure may therefore name. */
  readonly named: ReadonlySet<string>
  /** Names of the fields that this caller may read or set in some state. */
  readonly known: ReadonlySet<string>
}

/** Deletes one row per call; with soft delete it sets `deletedAt`. */
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
