/**
 * Partial evaluation of rules for a caller. Conditions that depend only on the caller are decided before SQL, so a
 * statement has a few variants (anonymous, owner, staff), each with its own plan. Values that only select rows, as in `auth.id == author`,
 * stay parameters.
 */

import { memo } from '../../base/memo.ts'
import { unreachable } from '../../base/unreachable.ts'
import { type Caller, claimOf } from '../../model/caller.ts'
import { ALWAYS, NEVER, type Predicate, type Term, UNKNOWN } from '../../model/expression.ts'
import type { Entity, Model } from '../../model/model.ts'
import { isAlways, isLeaf, type LeafPredicate } from '../../model/predicate.ts'
import { mapPredicate, mapTerm, type Parts, visitPredicate } from '../../model/tree.ts'
import { callerTruth } from './caller-value.ts'
import { refuseUnknown } from './refuse-unknown.ts'
import { writeRulesOf } from './write-rules.ts'

/**
 * The rule for one caller. The result is true for exactly the rows for which the rule is true. For other rows it may be false or unknown,
 * because both refuse. If the rule holds for no row, and this is known without reading rows, the result is `NEVER`.
 */
export function specialise(p: Predicate, caller: Caller): Predicate {
  return refuseUnknown(fold(p, caller))
}

/** The rule for one caller; all three truth values are kept. */
export function fold(p: Predicate, caller: Caller): Predicate {
  const parts: Parts = {
    predicate: (inner) => {
      const mapped = mapPredicate(inner, parts)
      return isLeaf(mapped) ? foldLeaf(mapped, inner, caller) : foldLogic(mapped)
    },
    term: (inner) => foldTerm(mapTerm(inner, parts), caller),
    row: (row) => row,
  }
  return parts.predicate(p)
}

/** A condition as far as its parts, which are folded, decide it. */
export function foldLogic(p: Exclude<Predicate, LeafPredicate>): Predicate {
  switch (p.kind) {
    case 'all':
      return foldMany(p, NEVER, ALWAYS)
    case 'any':
      return foldMany(p, ALWAYS, NEVER)
    case 'not':
      if (p.of.kind === 'const') return p.of.value === null ? UNKNOWN : p.of.value ? NEVER : ALWAYS
      return p.of.kind === 'not' ? p.of.of : p
    case 'holds':
      return p.of.kind === 'const' ? (p.of.value === true ? ALWAYS : NEVER) : p
    case 'choose':
      if (p.test.kind !== 'const') return p
      return p.test.value === null ? UNKNOWN : p.test.value ? p.yes : p.no
    case 'some':
      return p.where.kind === 'const' && p.where.value === false && p.over.of.hops.length === 0 ? NEVER : p
    case 'every':
      return isAlways(p.where) && p.over.of.hops.length === 0 ? ALWAYS : p
    case 'someItem':
    case 'everyItem':
      return p.over.kind === 'null' ? UNKNOWN : p
    case 'const':
    case 'can':
      return p
    default:
      return unreachable(p)
  }
}

/** `all` and `any`: a deciding part replaces the whole, neutral parts are left out, and unknown is kept once. */
function foldMany(p: Extract<Predicate, { kind: 'all' | 'any' }>, deciding: Predicate, neutral: Predicate): Predicate {
  const is = (part: Predicate, what: Predicate): boolean => part.kind === 'const' && what.kind === 'const' && part.value === what.value
  if (p.of.some((part) => is(part, deciding))) return deciding
  const open = p.of.filter((part) => part.kind !== 'const')
  const kept = p.of.some((part) => is(part, UNKNOWN)) ? [...open, UNKNOWN] : open
  const [first] = kept
  if (first === undefined) return neutral
  return kept.length === 1 ? first : { kind: p.kind, of: kept }
}

/**
 * Decides a condition only if the original reads nothing but the caller, because `variantKey` covers exactly these conditions. `p` is
 * `original` with its parts folded.
 */
function foldLeaf(p: LeafPredicate, original: Predicate, caller: Caller): Predicate {
  const truth = asksOnlyCaller(original) ? callerTruth(p, caller) : undefined
  if (truth !== undefined) return { kind: 'const', value: truth }
  switch (p.kind) {
    case 'missing':
      if (p.of.kind === 'null') return ALWAYS
      return p.of.kind === 'auth' || p.of.kind === 'literal' ? NEVER : p
    case 'compare':
      return p.left.kind === 'null' || p.right.kind === 'null' ? UNKNOWN : p
    case 'member':
      return p.of.kind === 'null' || p.list.kind === 'null' ? UNKNOWN : p
    case 'text':
      return p.of.kind === 'null' || p.with.kind === 'null' ? UNKNOWN : p
    case 'truth':
      return p
    default:
      return unreachable(p)
  }
}

function foldTerm(t: Term, caller: Caller): Term {
  switch (t.kind) {
    case 'auth':
      return claimOf(caller, t.claim) === null ? { kind: 'null', type: t.type } : t
    case 'call':
      return t.args.some((arg) => arg.kind === 'null') ? { kind: 'null', type: t.type } : t
    case 'if': {
      const test = t.no.kind === 'null' ? refuseUnknown(t.test) : t.test
      if (test.kind === 'const') return test.value === null ? { kind: 'null', type: t.type } : test.value ? t.yes : t.no
      return { ...t, test }
    }
    case 'predicate':
      if (t.of.kind !== 'const') return t
      return t.of.value === null ? { kind: 'null', type: t.type } : { kind: 'literal', type: t.type, value: t.of.value }
    case 'derived':
      return t.of.kind === 'null' || t.of.kind === 'literal' ? t.of : t
    case 'literal':
    case 'null':
    case 'param':
    case 'field':
    case 'item':
    case 'input':
    case 'now':
    case 'list':
    case 'count':
    case 'aggregate':
      return t
    case 'aggregateItems':
      return t.over.kind === 'null' ? { kind: 'null', type: t.type } : t
    default:
      return unreachable(t)
  }
}

interface CallerTraits {
  readonly claims: readonly string[]
  /** Conditions in any rule that the caller alone may decide. */
  readonly conditions: readonly LeafPredicate[]
}

/** Everything about a caller that the rules of a model read. */
const callerTraits = memo((model: Model): CallerTraits => {
  const found = new Map<string, LeafPredicate>()
  const predicate = (p: Predicate): void => {
    if (isLeaf(p) && asksOnlyCaller(p)) found.set(JSON.stringify(p), p)
  }
  for (const rule of [...model.entities.flatMap(rulesOf), ...model.actions.map(({ allow }) => allow)]) visitPredicate(rule, { predicate })
  return { claims: model.claims.map((claim) => claim.name), conditions: [...found.values()] }
})

function rulesOf(entity: Entity): readonly Predicate[] {
  const { access } = entity
  const { create, updateFrom, updateTo, delete: remove } = writeRulesOf(entity)
  const own = [access.read, create, updateFrom, updateTo, remove, ...entity.checks.map((check) => check.rule)]
  return [...own, ...entity.fields.flatMap((field) => [field.read, field.write]), ...entity.derived.map((field) => field.read)]
}

/** Whether a predicate reads no row, input, clock or parameter. */
function asksOnlyCaller(p: Predicate): boolean {
  let only = true
  visitPredicate(p, {
    predicate: (inner) => {
      if ('over' in inner || inner.kind === 'can') only = false
    },
    term: (t) => {
      if (t.kind === 'field' || t.kind === 'item' || t.kind === 'input' || t.kind === 'now' || t.kind === 'param' || t.kind === 'count')
        only = false
    },
  })
  return only
}

/**
 * The caller's kind, as a short text. For callers of one kind, `specialise` turns every rule of the model into equal predicates, so their
 * calls share statements. Cheap enough for every request.
 */
export function variantKey(model: Model, caller: Caller): string {
  const { claims, conditions } = callerTraits(model)
  let key = ''
  for (const claim of claims) key += claimOf(caller, claim) === null ? '-' : '+'
  for (const condition of conditions) {
    const folded = fold(condition, caller)
    key += folded.kind !== 'const' ? 'x' : folded.value === null ? 'u' : folded.value ? 't' : 'f'
  }
  return key
}
