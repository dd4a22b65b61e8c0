/** Checks that an index returns rows in the order of a list. */

import { failure } from '../../base/failure.ts'
import type { OrderKey } from '../../compile/statements/plan.ts'
import { servingIndexes } from '../../compile/tables/indexes.ts'
import { type Entity, fieldNamed, type IndexPart, type Model } from '../../model/model.ts'
import { indexAdvice } from '../../model/names/index-width.ts'

/**
 * Refuses an order for which PostgreSQL would have to sort rows. An index has the order when its keys equal the sort keys up to the `id`,
 * all in the same direction or all reversed. Fields that the filter fixes to one value do not count. The index may end before the `id` when
 * few rows have equal sort keys.
 *
 * @throws Failure `index_required`, which names the index to add.
 */
export function requireOrder(
  model: Model,
  entity: Entity,
  { order, pinned }: { readonly order: readonly OrderKey[]; readonly pinned: readonly string[] },
): void {
  const keys = order.filter((key) => !pinned.includes(key.name))
  const hidden = keys.find((key) => key.term.kind !== 'field')
  if (hidden !== undefined)
    throw failure('index_required', {
      what: `sorting by ${hidden.name}, which is hidden from you in some rows`,
      remedy: 'sort by fields that you may read in every row',
    })
  const wanted = upToId(keys.map(({ name, descending }) => ({ field: name, descending })))
  const named = wanted.filter((part) => part.field !== 'id')
  if (
    named.length === 0 ||
    servingIndexes(entity).some((index) => index.method === 'btree' && holds(entity, index.parts, { wanted, pinned }))
  )
    return
  throw failure('index_required', {
    what: `sorting by ${named.map(spell).join(', ')}`,
    remedy:
      indexAdvice(model, entity, indexFor(entity, wanted, pinned).map(spell)) ??
      'their values may be too long for an index, so sort by other fields',
  })
}

/** Drops keys after the `id`: no two rows have the same id. */
function upToId(keys: readonly IndexPart[]): readonly IndexPart[] {
  const id = keys.findIndex((key) => key.field === 'id')
  return id === -1 ? keys : keys.slice(0, id + 1)
}

interface Asked {
  readonly wanted: readonly IndexPart[]
  readonly pinned: readonly string[]
}

function holds(entity: Entity, parts: readonly IndexPart[], { wanted, pinned }: Asked): boolean {
  const begin = parts.findIndex((part) => !pinned.includes(part.field))
  const rest = begin === -1 ? [] : parts.slice(begin).filter((part) => !pinned.includes(part.field))
  const flip = rest[0]?.descending !== wanted[0]?.descending
  const held = wanted.findIndex(
    (key, i) => rest[i]?.field !== key.field || rest[i]?.descending !== (flip ? !key.descending : key.descending),
  )
  if (held === -1) return true
  const before = wanted.slice(0, held).map((key) => key.field)
  return wanted[held]?.field === 'id' && hardlyTied(entity, before, pinned)
}

/**
 * Whether few rows have equal values in all these fields: a unique constraint contains them (missing values are not unique), or a field is
 * the time of creation.
 */
function hardlyTied(entity: Entity, fields: readonly string[], pinned: readonly string[]): boolean {
  const has = (name: string): boolean => pinned.includes(name) || (fields.includes(name) && !fieldNamed(entity, name).optional)
  return fields.some((name) => fieldNamed(entity, name).system === 'createdAt') || entity.uniques.some((unique) => unique.fields.every(has))
}

/** The index to propose. It ends with the `id` when an existing index begins with the same fields but does not have the order. */
function indexFor(entity: Entity, wanted: readonly IndexPart[], pinned: readonly string[]): readonly IndexPart[] {
  const first = [...new Set(pinned)].map((field) => ({ field, descending: false }))
  const all = [...first, ...wanted]
  const named = all.filter((part) => part.field !== 'id')
  const begun = servingIndexes(entity).some((index) => named.every((part, i) => index.parts[i]?.field === part.field))
  const flipped = named.at(-1)?.descending !== wanted.at(-1)?.descending
  return begun || flipped ? all : named
}

function spell({ field, descending }: IndexPart): string {
  return `${descending ? '-' : ''}${field}`
}
