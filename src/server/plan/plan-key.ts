/**
 * Keys of the prepared plans. A key contains everything that a plan and its statement depend on. All keys are made in this file, so that
 * different plans have different keys.
 */

import { compositeKey, type KeyPart } from '../../base/composite-key.ts'
import { unreachable } from '../../base/unreachable.ts'
import { shapeKey } from '../../compile/statements/parameterise.ts'
import type { OrderKey, WrittenField } from '../../compile/statements/plan.ts'
import type { Predicate } from '../../model/expression.ts'
import type { Returning } from '../http/prefer.ts'
import type { Selection } from './intent.ts'

/** What a plan depends on, besides the entity and the kind of caller. `rows` is a `rowsKey`. */
export type PlanTraits =
  /** `together`: the rows of all calls go into one answer. */
  | { readonly kind: 'get'; readonly together: boolean; readonly selection: Selection }
  | { readonly kind: 'list'; readonly size: number; readonly count: boolean; readonly rows: string; readonly selection: Selection }
  | { readonly kind: 'create'; readonly many: boolean; readonly returning: Returning | 'later'; readonly selection: Selection }
  /** Rows created below another row, to which `via` refers. */
  | { readonly kind: 'create-children'; readonly via: string }
  | {
      readonly kind: 'update'
      readonly changes: readonly FieldChange[]
      readonly returning: Returning | 'later'
      readonly selection: Selection
    }
  | { readonly kind: 'delete' }

/** A field that an update sets or increments. */
export interface FieldChange {
  readonly name: string
  readonly change: WrittenField['change']
}

/** The kind of caller and the entity of a plan. Every `Planning` has this type. */
export interface PlanOwner {
  readonly variant: { readonly key: string }
  readonly entity: { readonly entity: { readonly name: string } }
}

/** The key of a plan: equal for requests that can share one statement, different for all others. */
export function planKey({ variant, entity }: PlanOwner, traits: PlanTraits): string {
  return compositeKey([traits.kind, entity.entity.name, variant.key]) + compositeKey(traitParts(traits))
}

function traitParts(traits: PlanTraits): readonly KeyPart[] {
  switch (traits.kind) {
    case 'get':
      return [traits.together, selectionPart(traits.selection)]
    case 'list':
      return [traits.size, traits.count, traits.rows, selectionPart(traits.selection)]
    case 'create':
      return [traits.many, traits.returning, selectionPart(traits.selection)]
    case 'create-children':
      return [traits.via]
    case 'update':
      return [traits.changes.flatMap(({ name, change }) => [name, change]), traits.returning, selectionPart(traits.selection)]
    case 'delete':
      return []
    default:
      return unreachable(traits)
  }
}

/** The key of a create that skips rows whose unique values are taken. `key` is the key of the same create that fails for them. */
export function unlessTakenKey(key: string): string {
  return compositeKey(['unless-taken', key])
}

/** The key of a recipe. `query` is a bare query. */
export function recipeKey(variant: string, entity: string, query: string): string {
  return compositeKey([variant, entity]) + query
}

/** What the rows of a page and their order depend on. */
export interface RowsTraits {
  /** The filter, its constants replaced by parameters. */
  readonly filter: Predicate
  readonly order: readonly OrderKey[]
  /** Which of the cursor's values are null; null for a first page. */
  readonly after: readonly boolean[] | null
  readonly searched: boolean
}

/** The key of the rows of a page. Every plan that reads the rows has it in its key. */
export function rowsKey({ filter, order, after, searched }: RowsTraits): string {
  return compositeKey([shapeKey(filter), order.map(({ name, descending }) => `${descending ? '-' : '+'}${name}`), after, searched])
}

// The names in a selection come unchecked from the request. Most requests select the whole row; its key part is null.
function selectionPart({ fields, include, shaped }: Selection): KeyPart {
  if (shaped !== undefined) return shaped.key
  if (fields === null && include.size === 0) return null
  return [fields, [...include].flatMap(([name, inner]) => [name, selectionPart(inner)])]
}
