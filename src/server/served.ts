/**
 * Whether an index serves what a list asks for. A condition is served when it bounds the range of some index; conditions that bound none are allowed only
 * beside one that pins rows down by equality, membership or search. A sort is served by an index that holds its order.
 */

import { failure } from '../base/failure.ts'
import { entityIndexes } from '../compile/indexes.ts'
import type { OrderKey } from '../compile/plan.ts'
import type { Predicate, Term } from '../model/expression.ts'
import type { Entity, Index, IndexPart, Model } from '../model/model.ts'
import { entityNamed } from '../model/model.ts'

/** How well an index can serve a condition: it pins rows down, bounds a range, or neither. */
type Service =
  | { readonly kind: 'pins' | 'bounds'; readonly entity: string; readonly field: string }
  | { readonly kind: 'none'; readonly field: string | null }

/** Refuses a list that no index serves. @throws Failure `index_required`, which says what to add. */
export function requireIndexes(
  model: Model,
  entity: Entity,
  asked: { readonly filters: readonly Predicate[]; readonly order: readonly OrderKey[]; readonly search: boolean },
): void {
  const conditions = asked.filters.flatMap(conjuncts).filter((p) => p.kind !== 'const')
  const pinned = conditions.flatMap((p) => pinnedFields(p))
  const services = conditions.map((p) => serviceOf(model, p, pinned))
  const narrowed = asked.search || services.some((s) => s.kind === 'pins')
  for (const [i, service] of services.entries()) {
    if (service.kind === 'none' && !narrowed)
      throw needed(
        `this filter${service.field === null ? '' : ` on ${service.field}`}`,
        service.field === null ? [] : [service.field],
        conditions[i],
      )
  }
  const keys = asked.order.map((key) => ({ field: key.name, descending: key.descending }))
  if (!sortServed(entity, keys, pinned)) {
    throw needed(
      `sorting by ${keys.slice(0, -1).map(spell).join(', ') || spell(keys[0])}`,
      [...new Set(pinned), ...keys.filter((k) => k.field !== 'id').map(spell)],
      undefined,
    )
  }
}

function needed(what: string, fields: readonly string[], condition: Predicate | undefined) {
  const unservable =
    condition !== undefined &&
    (condition.kind === 'text'
      ? condition.op !== 'startsWith'
      : condition.kind === 'not' || (condition.kind === 'compare' && condition.op === '!='))
  if (unservable || fields.length === 0) {
    return failure('index_required', {
      what: `${what} alone, as no index can; combine it with a filter by equality on an indexed field, or use search`,
      index: 'one for that field',
    })
  }
  return failure('index_required', { what, index: `[${fields.map((f) => `'${f}'`).join(', ')}]` })
}

function spell(part: IndexPart | undefined): string {
  return part === undefined ? '' : `${part.descending ? '-' : ''}${part.field}`
}

function conjuncts(p: Predicate): readonly Predicate[] {
  return p.kind === 'all' ? p.of.flatMap(conjuncts) : [p]
}

/** Fields of the row itself that a condition sets equal to a value. */
function pinnedFields(p: Predicate): readonly string[] {
  if (p.kind === 'compare' && p.op === '=') return [rootField(p.left) ?? rootField(p.right)].filter((f) => f !== null)
  if (p.kind === 'truth') return [rootField(p.of)].filter((f) => f !== null)
  if (p.kind === 'not' && p.of.kind === 'truth') return pinnedFields(p.of)
  return []
}

function rootField(term: Term): string | null {
  return term.kind === 'field' && term.row.binding === 'row' && term.row.hops.length === 0 ? term.field : null
}

function serviceOf(model: Model, p: Predicate, pinned: readonly string[]): Service {
  switch (p.kind) {
    case 'compare':
      return p.op === '!=' ? { kind: 'none', field: null } : byTerms(model, [p.left, p.right], p.op === '=' ? 'pins' : 'bounds', pinned)
    case 'member':
      return p.list.kind === 'field' ? byTerms(model, [p.list], 'pins', pinned) : byTerms(model, [p.of], 'pins', pinned)
    case 'truth':
      return byTerms(model, [p.of], 'pins', pinned)
    case 'missing':
      return byTerms(model, [p.of], 'pins', pinned)
    case 'text':
      return p.op === 'startsWith' ? byTerms(model, [p.of], 'bounds', pinned) : { kind: 'none', field: fieldOf(p.of) }
    case 'not':
      return p.of.kind === 'truth'
        ? serviceOf(model, p.of, pinned)
        : p.of.kind === 'missing'
          ? byTerms(model, [p.of.of], 'bounds', pinned)
          : { kind: 'none', field: null }
    case 'any': {
      const each = p.of.map((q) => serviceOf(model, q, pinned))
      return each.find((s) => s.kind === 'none') ?? each.find((s) => s.kind === 'bounds') ?? each[0] ?? { kind: 'none', field: null }
    }
    case 'all': {
      const each = p.of.map((q) => serviceOf(model, q, pinned))
      return each.find((s) => s.kind === 'pins') ?? each.find((s) => s.kind === 'bounds') ?? each[0] ?? { kind: 'none', field: null }
    }
    default:
      return { kind: 'none', field: null }
  }
}

function fieldOf(term: Term): string | null {
  return term.kind === 'field' ? term.field : null
}

function byTerms(model: Model, terms: readonly Term[], kind: 'pins' | 'bounds', pinned: readonly string[]): Service {
  for (const term of terms) {
    if (term.kind !== 'field' || term.row.binding !== 'row') continue
    const entity = entityNamed(model, term.row.entity)
    const path = [...term.row.hops.map((h) => h.field), term.field].join('.')
    return leads(entity, term.field, term.row.hops.length === 0 ? pinned : [])
      ? { kind, entity: entity.name, field: path }
      : { kind: 'none', field: path }
  }
  return { kind: 'none', field: null }
}

/** Some index of the entity has the field first, or after fields that are pinned down. */
function leads(entity: Entity, field: string, pinned: readonly string[]): boolean {
  return indexesOf(entity).some((index) => {
    for (const part of index.parts) {
      if (part.field === field) return true
      if (!pinned.includes(part.field)) return false
    }
    return false
  })
}

/** An index holds the order when its keys, after those pinned down, are the sort's, all as they are or all reversed; `id` breaks ties anywhere. */
function sortServed(entity: Entity, keys: readonly IndexPart[], pinned: readonly string[]): boolean {
  const wanted = keys.filter((k) => !pinned.includes(k.field) && k.field !== 'id')
  if (wanted.length === 0) return true
  return indexesOf(entity).some((index) => {
    if (index.method !== 'btree') return false
    const rest = index.parts.filter(
      (part, i) => !(pinned.includes(part.field) && index.parts.slice(0, i).every((p) => pinned.includes(p.field))),
    )
    const flip = rest[0]?.descending !== wanted[0]?.descending
    return wanted.every((key, i) => rest[i]?.field === key.field && rest[i]?.descending === (flip ? !key.descending : key.descending))
  })
}

const known = new WeakMap<Entity, readonly Pick<Index, 'method' | 'parts'>[]>()

function indexesOf(entity: Entity): readonly Pick<Index, 'method' | 'parts'>[] {
  let indexes = known.get(entity)
  if (indexes === undefined) {
    const part = (field: string) => ({ field, descending: false })
    indexes = [
      { method: 'btree', parts: [part('id')] },
      ...entity.uniques.map((unique) => ({ method: 'btree' as const, parts: unique.fields.map(part) })),
      ...entityIndexes(entity),
    ]
    known.set(entity, indexes)
  }
  return indexes
}
