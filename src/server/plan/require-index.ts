/**
 * Checks that an index serves a list. An index serves a condition when the condition selects a range of the index. Other conditions are
 * allowed only together with a condition that selects rows by equality, membership or search.
 */

import { failure } from '../../base/failure.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { OrderKey } from '../../compile/statements/plan.ts'
import { servingIndexes } from '../../compile/tables/indexes.ts'
import type { Predicate, Term } from '../../model/expression.ts'
import type { Entity, Model } from '../../model/model.ts'
import { indexAdvice } from '../../model/names/index-width.ts'
import { SCALARS, type ScalarKind } from '../../model/scalar.ts'
import { conjuncts, visitTerm } from '../../model/tree.ts'
import { type FieldPlace, placeOf } from './indexed-field.ts'
import { requireOrder } from './served-order.ts'

/** How an index serves a condition. */
type Service =
  /** An index finds the rows (`pins`) or a range of them (`bounds`). */
  | { readonly kind: Served; readonly path: string }
  /** An index would serve the condition, but the design does not have the index. */
  | { readonly kind: 'unindexed'; readonly place: FieldPlace; readonly would: Served }
  /** No index can serve the condition. */
  | { readonly kind: 'unservable'; readonly place: FieldPlace | null }
  /**
   * The parts of an "or" need indexes of different tables, which PostgreSQL cannot combine. `rows` are the paths of references; the empty
   * path is the row itself.
   */
  | { readonly kind: 'divided'; readonly rows: readonly string[] }

type Served = 'pins' | 'bounds'
type Unserved = Exclude<Service, { readonly kind: Served }>

interface Conditions {
  readonly model: Model
  /** The paths of fields that some condition fixes to one value. */
  readonly pinned: readonly string[]
}

/**
 * Refuses a list that no index serves. `filters` are specialised to the caller and include the conditions that hide values. So the result
 * depends on the kind of caller, but not on hidden rows.
 *
 * @throws Failure `index_required`, which names the index to add.
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
  const open = firstToMend(services)
  if (open !== null && !narrowed) throw needed(model, entity, open)
  const own = pinned.filter((name) => !name.includes('.'))
  requireOrder(model, entity, { order: asked.order, pinned: own })
}

/**
 * The condition to report: a condition that a new index would serve, else one that no index can serve, else any other. Null when all
 * conditions are served.
 */
function firstToMend(services: readonly Service[]): Unserved | null {
  const open = services.filter(isUnserved)
  const hopeless = open.find((s) => s.kind !== 'unindexed')
  return open.find((s) => s.kind === 'unindexed' && s.would === 'pins') ?? hopeless ?? open[0] ?? null
}

function isUnserved(service: Service): service is Unserved {
  return service.kind !== 'pins' && service.kind !== 'bounds'
}

const BESIDE = 'combine it with a filter by equality on an indexed field'

function needed(model: Model, entity: Entity, open: Unserved) {
  if (open.kind === 'divided') {
    const rows = open.rows.map((path) => (path === '' ? entity.name : path)).join(' and ')
    const remedy = `send a request for each condition, or ${BESIDE}`
    return failure('index_required', { what: `an "or" of conditions on ${rows}, because an index covers only one of them`, remedy })
  }
  const { place } = open
  const what = `this filter${place === null ? '' : ` on ${[...place.path, place.field].join('.')}`}`
  if (open.kind === 'unservable') return failure('index_required', { what: `${what} alone`, remedy: `${BESIDE}, or use search` })
  const advice = indexAdvice(model, open.place.entity, [open.place.field])
  return failure('index_required', { what, remedy: advice ?? `its values may be too long for an index, so ${BESIDE}, or use search` })
}

/** The fields that a condition fixes to one value. */
function pinnedFields(model: Model, p: Predicate): readonly string[] {
  const named = (place: FieldPlace | null) => (place === null ? [] : [[...place.path, place.field].join('.')])
  if (p.kind === 'compare' && p.op === '=') return named(comparedField(model, p))
  if (p.kind === 'truth') return named(placeOf(model, p.of))
  if (p.kind === 'not' && p.of.kind === 'truth') return pinnedFields(model, p.of)
  return []
}

/** Whether a term has the same value for every row. */
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

/** The field that a comparison with a constant tests, if the comparison keeps the type of the field. */
function comparedField(model: Model, p: Extract<Predicate, { kind: 'compare' }>): FieldPlace | null {
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

/**
 * Whether PostgreSQL compares the field in the field's own type; otherwise it cannot use the index. PostgreSQL converts whole numbers to
 * other number types, and compares a uuid with a text as text.
 */
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
      // Conditions compare texts by code point, but indexes sort them by the collation of the database.
      return isText(p.left) || isText(p.right) ? unservable(place) : byIndex(place, 'bounds', all)
    }
    case 'member':
      return memberService(p, all)
    case 'truth':
      return byIndex(placeOf(model, p.of), 'pins', all)
    case 'missing': {
      // A value also counts as missing when its row is missing or when it is hidden, and no index contains these cases.
      const place = placeOf(model, p.of)
      return place === null || place.masked || place.path.length > 0 ? unservable(place) : byIndex(place, 'pins', all)
    }
    case 'text':
      return unservable(placeOf(model, p.of))
    case 'not':
      if (p.of.kind === 'truth') return serviceOf(p.of, all)
      return p.of.kind === 'missing' ? byIndex(placeOf(model, p.of.of), 'bounds', all) : unservable(null)
    case 'any':
      return p.of.length === 0 ? unservable(null) : anyService(p.of.map((q) => serviceOf(q, all)))
    case 'all': {
      const each = p.of.map((q) => serviceOf(q, all))
      return each.find((s) => s.kind === 'pins') ?? each.find((s) => s.kind === 'bounds') ?? firstToMend(each) ?? unservable(null)
    }
    case 'const':
    case 'choose':
    case 'some':
    case 'every':
    case 'someItem':
    case 'everyItem':
    case 'holds':
    case 'can':
      return unservable(null)
    default:
      return unreachable(p)
  }
}

/** An "or" is served when indexes of one table serve all its parts. */
function anyService(each: readonly Service[]): Service {
  const hopeless = each.find((s) => s.kind === 'unservable') ?? each.find((s) => s.kind === 'divided')
  if (hopeless !== undefined) return hopeless
  const rows = [...new Set(each.flatMap(rowOf))]
  if (rows.length > 1) return { kind: 'divided', rows: rows.toSorted() }
  const bounds = each.some((s) => s.kind === 'bounds' || (s.kind === 'unindexed' && s.would === 'bounds'))
  const kind = bounds ? 'bounds' : 'pins'
  const open = each.find((s) => s.kind === 'unindexed')
  return open === undefined ? { kind, path: rows[0] ?? '' } : { ...open, would: kind }
}

/** The path of the row whose index serves it. */
function rowOf(service: Service): readonly string[] {
  if (service.kind === 'unindexed') return [service.place.path.join('.')]
  return isUnserved(service) ? [] : [service.path]
}

function memberService({ of, list }: Extract<Predicate, { kind: 'member' }>, all: Conditions): Service {
  const held = placeOf(all.model, list)
  if (held !== null) return isConstant(of) ? byIndex(held, 'pins', all) : unservable(held)
  return isConstant(list) && keepsType(of.type.scalar, list.type.scalar) ? byIndex(placeOf(all.model, of), 'pins', all) : unservable(null)
}

function isText(term: Term): boolean {
  return SCALARS[term.type.scalar].column === 'text'
}

function unservable(place: FieldPlace | null): Service {
  return { kind: 'unservable', place }
}

/** Whether an index of the entity begins with the field, or has the field directly after fields that are fixed to one value. */
function byIndex(place: FieldPlace | null, kind: Served, { pinned }: Conditions): Service {
  if (place === null) return unservable(null)
  const path = place.path.join('.')
  const isPinned = (field: string): boolean => pinned.includes(path === '' ? field : `${path}.${field}`)
  const served = servingIndexes(place.entity).some((index) => {
    const first = index.parts.findIndex((part) => part.field === place.field || !isPinned(part.field))
    return index.parts[first]?.field === place.field
  })
  return served ? { kind, path } : { kind: 'unindexed', place, would: kind }
}
