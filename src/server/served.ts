/**
 * Whether an index serves what a list asks for. A condition is served when it bounds the range of some index; conditions that bound none are allowed only
 * beside one that pins rows down by equality, membership or search.
 */

import { failure } from '../base/failure.ts'
import { servingIndexes } from '../compile/indexes.ts'
import type { OrderKey } from '../compile/plan.ts'
import type { Predicate, Term } from '../model/expression.ts'
import { type Entity, entityNamed, type Model } from '../model/model.ts'
import { SCALARS, type ScalarKind } from '../model/scalar.ts'
import { conjuncts, visitTerm } from '../model/tree.ts'
import { requireOrder } from './served-order.ts'

/** A field that a condition is about: of the row itself (`path` is empty) or of the row at the end of a path of references. */
interface Place {
  readonly path: readonly string[]
  readonly entity: Entity
  readonly field: string
  /** Whether the caller may read it on some rows only. */
  readonly guarded: boolean
}

/** How well an index can serve a condition: it pins rows down, bounds a range, or neither; and what would have to have an index for it. */
type Service =
  | { readonly kind: 'pins' | 'bounds'; readonly path: string }
  | { readonly kind: 'none'; readonly place: Place | null; readonly why: 'unindexed' | 'unservable' }

interface Conditions {
  readonly model: Model
  /** Fields that are equal to a value, with their paths. */
  readonly pinned: readonly string[]
}

/**
 * Refuses a list that no index serves. `filters` are what is left of them for the caller, with what hides values: hidden rows have no say, but the kind of
 * caller has.
 *
 * @throws Failure `index_required`, which says what to add.
 */
export function requireIndexes(
  model: Model,
  entity: Entity,
  asked: { readonly filters: readonly Predicate[]; readonly order: readonly OrderKey[]; readonly search: boolean },
): void {
  const conditions = asked.filters.flatMap(conjuncts).filter((p) => p.kind !== 'const')
  const pinned = conditions.flatMap((p) => pinnedFields(model, p))
  const services = conditions.map((p) => serviceOf(p, { model, pinned }))
  const narrowed = asked.search || services.some((s) => s.kind === 'pins')
  const open = services.find((s) => s.kind === 'none')
  if (open?.kind === 'none' && !narrowed) throw needed(open)
  requireOrder(
    entity,
    asked.order,
    pinned.filter((name) => !name.includes('.')),
  )
}

function needed({ place, why }: Extract<Service, { kind: 'none' }>) {
  const what = `this filter${place === null ? '' : ` on ${[...place.path, place.field].join('.')}`}`
  if (why === 'unservable' || place === null) {
    return failure('index_required', {
      what: `${what} alone, as no index can`,
      remedy: 'combine it with a filter by equality on an indexed field, or use search',
    })
  }
  return failure('index_required', { what, remedy: `add ['${place.field}'] to the indexes of ${place.entity.name}` })
}

/** Fields that a condition sets equal to a value. */
function pinnedFields(model: Model, p: Predicate): readonly string[] {
  const named = (place: Place | null) => (place === null ? [] : [[...place.path, place.field].join('.')])
  if (p.kind === 'compare' && p.op === '=') return named(comparedField(model, p))
  if (p.kind === 'truth') return named(placeOf(model, p.of))
  if (p.kind === 'not' && p.of.kind === 'truth') return pinnedFields(model, p.of)
  return []
}

/** The field in a term; null for anything else. What hides it stands beside the condition and changes nothing about its index. */
function placeOf(model: Model, term: Term): Place | null {
  if (term.kind === 'if' && term.no.kind === 'null') {
    const inner = placeOf(model, term.yes)
    return inner === null ? null : { ...inner, guarded: true }
  }
  if (term.kind !== 'field' || term.row.binding !== 'row') return null
  const { hops, root } = term.row
  const owner = entityNamed(model, term.row.entity)
  const last = hops.at(-1)
  const path = hops.map((hop) => hop.field)
  if (last === undefined || term.field !== 'id' || owner.softDelete) return { path, entity: owner, field: term.field, guarded: false }
  // The id of a row that a reference leads to is what the reference holds.
  return { path: path.slice(0, -1), entity: entityNamed(model, hops.at(-2)?.entity ?? root), field: last.field, guarded: false }
}

/** Whether a term is the same for every row. */
function isConstant(term: Term): boolean {
  let constant = true
  visitTerm(term, {
    predicate: () => {
      constant = false
    },
    term: (t) => {
      if (t.kind === 'field' || t.kind === 'item' || t.kind === 'count') constant = false
    },
  })
  return constant
}

/** The field that is compared with something that is the same for every row, in the type of the field. */
function comparedField(model: Model, p: Extract<Predicate, { kind: 'compare' }>): Place | null {
  for (const [one, other] of [
    [p.left, p.right],
    [p.right, p.left],
  ] as const) {
    if (isConstant(other) && keepsType(one.type.scalar, other.type.scalar)) {
      const place = placeOf(model, one)
      if (place !== null) return place
    }
  }
  return null
}

const NUMBERS: readonly string[] = ['bigint', 'numeric', 'double precision']

/** Beside a value of this type the field stays what its index holds: PostgreSQL turns whole numbers into others, and a uuid is compared with a text as text. */
function keepsType(field: ScalarKind, value: ScalarKind): boolean {
  const [column, other] = [SCALARS[field].column, SCALARS[value].column]
  if (column === 'uuid') return other === 'uuid'
  return !NUMBERS.includes(column) || NUMBERS.indexOf(column) >= NUMBERS.indexOf(other)
}

function serviceOf(p: Predicate, all: Conditions): Service {
  const { model } = all
  switch (p.kind) {
    case 'compare': {
      const place = comparedField(model, p)
      if (place === null || p.op === '!=') return unservable(place)
      if (p.op === '=') return byIndex(place, 'pins', all)
      // Texts are ordered by code point in conditions, and by the database's collation in indexes.
      return isText(p.left) || isText(p.right) ? unservable(place) : byIndex(place, 'bounds', all)
    }
    case 'member':
      return memberService(p, all)
    case 'truth':
      return byIndex(placeOf(model, p.of), 'pins', all)
    case 'missing': {
      // A row that is not there, and a value that is hidden, are missing as well: no index has them.
      const place = placeOf(model, p.of)
      return place === null || place.guarded || place.path.length > 0 ? unservable(place) : byIndex(place, 'pins', all)
    }
    case 'text':
      return unservable(placeOf(model, p.of))
    case 'not':
      if (p.of.kind === 'truth') return serviceOf(p.of, all)
      return p.of.kind === 'missing' ? byIndex(placeOf(model, p.of.of), 'bounds', all) : unservable(null)
    case 'any': {
      const each = p.of.map((q) => serviceOf(q, all))
      const paths = new Set(each.flatMap((s) => (s.kind === 'none' ? [] : [s.path])))
      const none = each.find((s) => s.kind === 'none')
      // Indexes of two tables cannot be read together for an "or".
      return none ?? (paths.size === 1 ? (each.find((s) => s.kind === 'bounds') ?? each[0]) : undefined) ?? unservable(null)
    }
    case 'all': {
      const each = p.of.map((q) => serviceOf(q, all))
      return each.find((s) => s.kind === 'pins') ?? each.find((s) => s.kind === 'bounds') ?? each[0] ?? unservable(null)
    }
    default:
      return unservable(null)
  }
}

function memberService({ of, list }: Extract<Predicate, { kind: 'member' }>, all: Conditions): Service {
  const held = placeOf(all.model, list)
  if (held !== null) return isConstant(of) ? byIndex(held, 'pins', all) : unservable(held)
  return isConstant(list) && keepsType(of.type.scalar, list.type.scalar) ? byIndex(placeOf(all.model, of), 'pins', all) : unservable(null)
}

function isText(term: Term): boolean {
  return SCALARS[term.type.scalar].column === 'text'
}

function unservable(place: Place | null): Service {
  return { kind: 'none', place, why: 'unservable' }
}

/** Some index of the field's entity has it first, or after fields that are pinned down. */
function byIndex(place: Place | null, kind: 'pins' | 'bounds', { pinned }: Conditions): Service {
  if (place === null) return unservable(null)
  const path = place.path.join('.')
  const isPinned = (field: string): boolean => pinned.includes(path === '' ? field : `${path}.${field}`)
  const served = servingIndexes(place.entity).some((index) => {
    const first = index.parts.findIndex((part) => part.field === place.field || !isPinned(part.field))
    return index.parts[first]?.field === place.field
  })
  return served ? { kind, path } : { kind: 'none', place, why: 'unindexed' }
}
