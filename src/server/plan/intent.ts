/** What a request asks for, before anybody has looked at who asks or whether the names exist. REST and GraphQL both end here. */

import type { Output } from '../../compile/statements/plan.ts'
import type { Entity } from '../../model/model.ts'
import type { Returning } from '../http/prefer.ts'

/** Which fields and related rows to return. `fields` null means all; keys of `include` are names of relations. */
export interface Selection {
  readonly fields: readonly string[] | null
  readonly include: ReadonlyMap<string, Selection>
  /** The answer's shape where the door has worked it out in the caller's view, and a text that equal shapes have in common; it counts instead of the rest. */
  readonly shaped?: { readonly key: string; readonly output: Output }
}

export const FILTER_OPS = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'nin', 'contains', 'startsWith', 'endsWith', 'isNull'] as const
export type FilterOp = (typeof FILTER_OPS)[number]

/** `filter[author.name][eq]=Ann`; `parameter` is the name as sent, for errors. */
export interface Condition {
  readonly parameter: string
  readonly path: readonly string[]
  readonly op: FilterOp
  /** For `in` and `nin` a list, or its items separated by commas. */
  readonly value: string | readonly string[]
}

/** A filter as a tree, where a door has one. Names and values are not looked at yet. */
export type FilterTree =
  | { readonly kind: 'condition'; readonly condition: Condition }
  | { readonly kind: 'all' | 'any'; readonly of: readonly FilterTree[] }
  | { readonly kind: 'not'; readonly of: FilterTree }
  /** About the row that a reference leads to. */
  | { readonly kind: 'at'; readonly parameter: string; readonly reference: string; readonly of: FilterTree }
  /** About the rows of a to-many relation. */
  | { readonly kind: 'some' | 'every' | 'none'; readonly parameter: string; readonly relation: string; readonly of: FilterTree }

/** What a door calls the parts of a list, for errors: whoever reads one must find the word in what he has sent. */
export interface RowsNames {
  /** Conditions and trees. */
  readonly filter: string
  readonly expression: string
  readonly sort: string
  readonly after: string
}

/** Which rows, in which order, from where on. */
export interface RowsInput {
  readonly names: RowsNames
  readonly conditions: readonly Condition[]
  /** `filter=<CEL>`; all filters must hold. */
  readonly expressions: readonly string[]
  readonly trees?: readonly FilterTree[]
  readonly sort: readonly SortInput[]
  readonly after: string | null
  readonly search: string | null
}

export interface SortInput {
  readonly name: string
  readonly descending: boolean
}

export interface ListInput extends RowsInput {
  readonly size: number
  readonly count: boolean
  readonly selection: Selection
}

/** A body's values by field name, as sent. */
export type Body = Readonly<Record<string, unknown>>

export type Intent =
  | { readonly kind: 'get'; readonly entity: Entity; readonly id: string; readonly selection: Selection }
  | ({ readonly kind: 'list'; readonly entity: Entity } & ListInput)
  | {
      readonly kind: 'create'
      readonly entity: Entity
      readonly body: unknown
      readonly selection: Selection
      readonly returning: Returning
    }
  | {
      readonly kind: 'update'
      readonly entity: Entity
      /** Null where the row is not known yet; whoever knows it puts its id into the plan. */
      readonly id: string | null
      readonly mode: 'patch' | 'put'
      readonly body: unknown
      readonly versions: readonly number[] | null
      readonly selection: Selection
      readonly returning: Returning
    }
  | { readonly kind: 'delete'; readonly entity: Entity; readonly id: string; readonly versions: readonly number[] | null }

/** All fields, nothing included. */
export const EVERYTHING: Selection = { fields: null, include: new Map() }
