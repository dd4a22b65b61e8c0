/** Proposes indexes for a statement whose cost grows, from its plan. PostgreSQL then decides which of them helps. Pure. */

import { isDeepStrictEqual } from 'node:util'
import { unreachable } from '../../base/unreachable.ts'
import type { Include, Plan } from '../../compile/statements/plan.ts'
import { entityIndexes } from '../../compile/tables/indexes.ts'
import type { Predicate, Term } from '../../model/expression.ts'
import { type Entity, entityNamed, fieldNamed, type IndexPart, type Model, storedScalar } from '../../model/model.ts'
import { indexAdvice } from '../../model/names/index-width.ts'
import { SCALARS } from '../../model/scalar.ts'
import { conjuncts, visitPredicate } from '../../model/tree.ts'

/** An index that might serve a statement. */
export interface CandidateIndex {
  readonly entity: Entity
  readonly parts: readonly IndexPart[]
}

/** A candidate that the design can declare, with instructions for the author. */
export interface PossibleIndex extends CandidateIndex {
  readonly advice: string
}

/** The fields of an index in the spelling of a design. */
export function spelledIndex({ parts }: Pick<CandidateIndex, 'parts'>): readonly string[] {
  return parts.map(({ field, descending }) => `${descending ? '-' : ''}${field}`)
}

/** Candidates for a plan, most promising first, without indexes that the entity already has. */
export function candidatesFor(model: Model, plan: Plan): readonly PossibleIndex[] {
  const rules = rulesOf(plan)
  const found = [...(plan.kind === 'list' ? pageCandidates(plan, rules) : []), ...rules.flatMap((rule) => relatedCandidates(model, rule))]
  const included = includesOf(plan).flatMap(includeCandidates)
  const unique = new Map([...found, ...included].map((candidate) => [`${candidate.entity.name} ${spelledIndex(candidate)}`, candidate]))
  return [...unique.values()].flatMap((candidate) => possible(model, candidate))
}

/** The candidate with its advice; empty if no design can declare the index or the entity already has it. */
export function possible(model: Model, candidate: CandidateIndex): readonly PossibleIndex[] {
  if (candidate.parts.length === 0 || !isOrdered(candidate) || isThere(candidate)) return []
  const advice = indexAdvice(model, candidate.entity, spelledIndex(candidate))
  return advice === null ? [] : [{ ...candidate, advice }]
}

/** Related rows that a plan shows, at any depth. */
export function includesOf(plan: Plan): readonly Exclude<Include, { kind: 'connection' }>[] {
  const within = (includes: readonly Include[]): readonly Exclude<Include, { kind: 'connection' }>[] =>
    includes.flatMap((include) => (include.kind === 'connection' ? [] : [include, ...within(include.output.includes)]))
  return plan.kind === 'get' || plan.kind === 'list' ? within(plan.output.includes) : []
}

/** The conditions on the rows that a plan itself reads or writes, without its related rows. */
export function rulesOf(plan: Plan): readonly Predicate[] {
  switch (plan.kind) {
    case 'get':
      return [plan.visible]
    case 'list':
      return [plan.visible, plan.filter]
    case 'create':
      return [plan.allowed, plan.visible, ...plan.fields.map((field) => field.write)]
    case 'update':
      return [plan.readable, plan.from, plan.to, ...plan.fields.map((field) => field.write)]
    case 'delete':
      return [plan.readable, plan.allowed]
    default:
      return unreachable(plan)
  }
}

/** Indexes on the fields with a fixed value, followed by the order: with all these fields, with each one alone, and with none. */
function pageCandidates(plan: Extract<Plan, { kind: 'list' }>, rules: readonly Predicate[]): readonly CandidateIndex[] {
  const pinned = [...new Set(rules.flatMap(conjuncts).flatMap((p) => pinnedFields(p, 'row')))].toSorted()
  const order = plan.order.flatMap((key): readonly IndexPart[] =>
    key.name === 'id' || key.term.kind !== 'field' ? [] : [{ field: key.name, descending: key.descending }],
  )
  const withOrder = (fields: readonly string[]): CandidateIndex => ({
    entity: plan.entity,
    parts: [...fields.map(ascending), ...order.filter(({ field }) => !fields.includes(field))],
  })
  return [pinned, ...pinned.map((field) => [field]), []].map(withOrder)
}

/** A field in ascending order, the default of an index. */
export function ascending(field: string): IndexPart {
  return { field, descending: false }
}

/** Indexes for related rows that a rule finds by the reference and one more field. */
function relatedCandidates(model: Model, rule: Predicate): readonly CandidateIndex[] {
  const found: CandidateIndex[] = []
  visitPredicate(rule, {
    predicate: (p) => {
      if ((p.kind !== 'some' && p.kind !== 'every') || p.over.via === null) return
      const { via } = p.over
      const entity = entityNamed(model, p.over.entity)
      for (const field of conjuncts(p.where).flatMap((part) => pinnedFields(part, p.as)))
        found.push({ entity, parts: [via, field].map(ascending) }, { entity, parts: [field, via].map(ascending) })
    },
    term: () => {},
  })
  return found
}

function includeCandidates(include: Include): readonly CandidateIndex[] {
  return include.kind === 'to-many' ? [{ entity: include.output.entity, parts: [ascending(include.via.name)] }] : []
}

/** Fields of the bound row itself that a condition sets equal to something. */
function pinnedFields(p: Predicate, binding: string): readonly string[] {
  const own = (term: Term): readonly string[] =>
    term.kind === 'field' && term.row.binding === binding && term.row.hops.length === 0 ? [term.field] : []
  switch (p.kind) {
    case 'compare':
      return p.op === '=' ? [...own(p.left), ...own(p.right)] : []
    case 'member':
    case 'truth':
    case 'missing':
      return own(p.of)
    case 'not':
      return p.of.kind === 'truth' ? own(p.of.of) : []
    case 'const':
    case 'text':
    case 'all':
    case 'any':
    case 'choose':
    case 'some':
    case 'every':
    case 'someItem':
    case 'everyItem':
    case 'holds':
    case 'can':
      return []
    default:
      return unreachable(p)
  }
}

function isOrdered({ entity, parts }: CandidateIndex): boolean {
  return parts.every(({ field }) => {
    const { type } = fieldNamed(entity, field)
    return type.kind !== 'list' && SCALARS[storedScalar(type)].ordered
  })
}

function isThere({ entity, parts }: CandidateIndex): boolean {
  const form = formOf({ entity, parts })
  const uniques = entity.uniques.map((unique) => unique.fields.map(ascending))
  return [...entityIndexes(entity).map((index) => index.parts), ...uniques].some((known) => isDeepStrictEqual(known, form))
}

/** The keys that the index would have if the design declared it. */
export function formOf({ entity, parts }: CandidateIndex): readonly IndexPart[] {
  const [made] = entityIndexes({ ...entity, indexes: [{ parts, method: 'btree' }] })
  return made?.parts ?? parts
}
