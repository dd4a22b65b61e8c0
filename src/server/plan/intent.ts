/** Intents: requests as data, the same for REST and GraphQL. They do not depend on the caller, and their names are not looked up yet. */

import type { Values } from '../../base/sql/statement.ts'
import type { Output } from '../../compile/statements/plan.ts'
import type { BoundValues } from '../../design/expression/scope.ts'
import type { Entity } from '../../model/model.ts'
import type { Returning } from '../http/prefer.ts'

/** Which fields and related rows to return. `fields` null means all; keys of `include` are names of relations. */
export interface Selection {
  readonly fields: readonly string[] | null
  readonly include: ReadonlyMap<string, Selection>
  /** The shape of a GraphQL answer, already resolved in the caller's view. It replaces `fields` and `include`. */
  readonly shaped?: OutputShape
}

/** The output of a GraphQL selection, already resolved. */
export interface OutputShape {
  /** The same text for equal shapes, and different texts for different shapes. */
  readonly key: string
  readonly output: Output
  /** The values of the slots in `output`. */
  readonly values: Values
}

/** The operators of filters, as in `filter[title][eq]`. */
export const FILTER_OPS = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'nin', 'contains', 'startsWith', 'endsWith', 'isNull'] as const
/** An operator of a filter. */
export type FilterOp = (typeof FILTER_OPS)[number]

/** `filter[author.name][eq]=Ann`; `parameter` is the name as sent, for errors. */
export interface Condition {
  readonly parameter: string
  readonly path: readonly string[]
  readonly op: FilterOp
  /** For `in` and `nin`: a list, or a text with items separated by commas. */
  readonly value: string | readonly string[]
}

/** A filter as a tree, as GraphQL sends it. Names and values are not checked yet. */
export type FilterTree =
  | { readonly kind: 'condition'; readonly condition: Condition }
  | { readonly kind: 'all' | 'any'; readonly of: readonly FilterTree[] }
  | { readonly kind: 'not'; readonly of: FilterTree }
  /** A condition on the row that a reference points at. */
  | { readonly kind: 'at'; readonly parameter: string; readonly reference: string; readonly of: FilterTree }
  /** A condition on the rows of a to-many relation. */
  | { readonly kind: 'some' | 'every' | 'none'; readonly parameter: string; readonly relation: string; readonly of: FilterTree }

/** The names of the parameters of a list, for error messages. REST and GraphQL use different names. */
export interface RowsNames {
  /** The name for conditions and trees. */
  readonly filter: string
  readonly expression: string
  readonly sort: string
  readonly after: string
}

/** Which rows a list contains, in which order, after which cursor. */
export interface RowsInput {
  readonly names: RowsNames
  readonly conditions: readonly Condition[]
  /** `filter=<CEL>`. All conditions, expressions and trees must hold. */
  readonly expressions: readonly string[]
  /** The bound values of the request, by the words that stand for them in expressions. */
  readonly bound?: BoundValues
  readonly trees?: readonly FilterTree[]
  readonly sort: readonly SortInput[]
  readonly after: string | null
  readonly search: string | null
}

/** A sort key, with the name that the request contains. */
export interface SortInput {
  readonly name: string
  readonly descending: boolean
}

/** The content of a list request. */
export interface ListInput extends RowsInput {
  readonly size: number
  readonly count: boolean
  readonly selection: Selection
}

/** The values of a body by field name, as the client sent them. */
export type Body = Readonly<Record<string, unknown>>

/** One row by its id. */
export interface GetIntent {
  readonly kind: 'get'
  readonly entity: Entity
  readonly id: string
  readonly selection: Selection
}

/** A page of rows. */
export interface ListIntent extends ListInput {
  readonly kind: 'list'
  readonly entity: Entity
}

/** The creation of a row or of several. */
export interface CreateIntent {
  readonly kind: 'create'
  readonly entity: Entity
  /** The body that the client sent: an object, or a list of objects to create many rows. */
  readonly body: unknown
  readonly selection: Selection
  /** `later`: the rows are read by a statement of their own. */
  readonly returning: Returning | 'later'
}

/** The change or replacement of a row. */
export interface UpdateIntent {
  readonly kind: 'update'
  readonly entity: Entity
  /** Null when the row is not known yet, as in an upsert. The id is then set in the planned call. */
  readonly id: string | null
  readonly mode: 'patch' | 'put'
  readonly body: unknown
  /** The versions that the row may have; null for any. */
  readonly versions: readonly number[] | null
  readonly selection: Selection
  /** `later`: the rows are read by a statement of their own. */
  readonly returning: Returning | 'later'
  /** The login of the account, where an upsert names it by that. */
  readonly login?: string
}

/** The removal of a row. */
export interface DeleteIntent {
  readonly kind: 'delete'
  readonly entity: Entity
  readonly id: string
  /** The versions that the row may have; null for any. */
  readonly versions: readonly number[] | null
}

/** An intent that writes nothing. */
export type ReadIntent = GetIntent | ListIntent
/** An intent that changes rows. */
export type WriteIntent = CreateIntent | UpdateIntent | DeleteIntent
/** A request as data; its names are not looked up yet. */
export type Intent = ReadIntent | WriteIntent

/** All fields, nothing included. */
export const EVERYTHING: Selection = { fields: null, include: new Map() }
