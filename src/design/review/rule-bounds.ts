/**
 * Bounds on the truth value of a rule for a kind of caller, without rows or requests. An unknown value may be any value, so the result
 * "cannot pass" is certain and the result "may pass" is not.
 */

import { unreachable } from '../../base/unreachable.ts'
import { ALWAYS, NEVER, type Predicate, type Term, UNKNOWN as UNKNOWN_RULE } from '../../model/expression.ts'
import { isLeaf } from '../../model/predicate.ts'
import { mapPredicate } from '../../model/tree.ts'
import { predicatesIn, termsIn, termsOf } from './walk.ts'

/** Which of true, false and unknown a condition can be; `yes` is true and `no` is false. */
interface Truths {
  readonly yes: boolean
  readonly no: boolean
  readonly unknown: boolean
}

/**
 * - `anonymous`: every claim is missing, and comparisons with a claim are unknown.
 * - `two-valued`: the same with two-valued logic, where a missing value differs from every value.
 * - `signed-in`: a caller with an id and no other claim that a rule asks for, about any row.
 * - `own-row`: the same caller about its own row of the identity.
 * - `another`: a caller with an id and every claim that a rule asks for, about the row of another account.
 */
type RuleCaller = 'anonymous' | 'two-valued' | 'signed-in' | 'own-row' | 'another'

const OPEN: Truths = { yes: true, no: true, unknown: false }
const YES: Truths = { yes: true, no: false, unknown: false }
const NO: Truths = { yes: false, no: true, unknown: false }
const UNKNOWN: Truths = { yes: false, no: false, unknown: true }

/** Whether some row lets an anonymous caller pass. */
export function anonymousMayPass(rule: Predicate): boolean {
  return truths(rule, 'anonymous').yes
}

/** Whether an anonymous caller would pass only if a missing value counted as different from every value. */
export function passesOnlyByAbsence(rule: Predicate): boolean {
  return !anonymousMayPass(rule) && truths(rule, 'two-valued').yes
}

/**
 * Whether a signed-in caller may pass without any role that the rule asks for. `row` is the caller's own row of the identity, or any
 * row.
 */
export function signedInMayPass(rule: Predicate, row: 'own-row' | 'any-row'): boolean {
  return truths(rule, row === 'own-row' ? row : 'signed-in').yes
}

/** Whether every signed-in caller passes, without any role that the rule asks for. */
export function everyoneSignedInPasses(rule: Predicate, row: 'own-row' | 'any-row'): boolean {
  const { yes, no, unknown } = truths(rule, row === 'own-row' ? row : 'signed-in')
  return yes && !no && !unknown
}

/** Whether a caller other than the account itself, in any role, may satisfy all of these rules about an update of its row. */
export function othersMayUpdate(rules: readonly Predicate[]): boolean {
  const rule: Predicate = { kind: 'all', of: rules.map(ofLaterVersion) }
  return truths(rule, 'another').yes || anonymousMayPass(rule)
}

/** The rule for a row after an update: `version == 1` is false, because only a new row has version 1. */
function ofLaterVersion(rule: Predicate): Predicate {
  if (rule.kind === 'compare' && rule.op === '=' && [rule.left, rule.right].some(isOwnVersion) && [rule.left, rule.right].some(isOne))
    return NEVER
  return mapPredicate(rule, { predicate: ofLaterVersion, term: (term) => term, row: (row) => row })
}

function isOwnVersion(term: Term): boolean {
  return term.kind === 'field' && term.field === 'version' && term.row.hops.length === 0 && term.row.binding === 'row'
}

function isOne(term: Term): boolean {
  return term.kind === 'literal' && term.value === 1
}

/**
 * A kind of caller who may pass the rules and for whom the value is missing: `anonymous`, or the first claim of `claims` without which the
 * value is missing; null when there is no such caller.
 */
export function callerWithout(rules: readonly Predicate[], value: Term, claims: readonly string[]): string | null {
  const rule: Predicate = { kind: 'all', of: rules }
  if (anonymousMayPass(rule) && isMissing(value, null)) return 'anonymous'
  return claims.find((claim) => truths(withoutClaim(rule, claim), 'another').yes && isMissing(value, claim)) ?? null
}

/** Whether a value may be missing for a caller without the claim; if `claim` is null, for a caller without any claim. */
function isMissing(value: Term, claim: string | null): boolean {
  switch (value.kind) {
    case 'auth':
      return claim === null || value.claim === claim
    case 'null':
      return true
    case 'call':
      return value.args.some((arg) => isMissing(arg, claim))
    case 'if': {
      const test = claim === null ? truths(value.test, 'anonymous') : truths(withoutClaim(value.test, claim), 'another')
      return test.unknown || (test.yes && isMissing(value.yes, claim)) || (test.no && isMissing(value.no, claim))
    }
    case 'derived':
      return isMissing(value.of, claim)
    case 'predicate':
      return (claim === null ? truths(value.of, 'anonymous') : truths(withoutClaim(value.of, claim), 'another')).unknown
    case 'literal':
    case 'now':
    case 'list':
    case 'param':
    case 'field':
    case 'item':
    case 'input':
    case 'count':
    case 'aggregate':
    case 'aggregateItems':
      return false
    default:
      return unreachable(value)
  }
}

/** The rule for a caller who lacks the claim: a comparison with it is unknown. */
function withoutClaim(rule: Predicate, claim: string): Predicate {
  const uses = (term: Term): boolean => [...termsIn(term)].some((part) => part.kind === 'auth' && part.claim === claim)
  if (rule.kind === 'missing' && rule.of.kind === 'auth' && rule.of.claim === claim) return ALWAYS
  if (isLeaf(rule) && termsOf(rule).some(uses)) return UNKNOWN_RULE
  return mapPredicate(rule, { predicate: (part) => withoutClaim(part, claim), term: (term) => term, row: (row) => row })
}

/**
 * Whether a signed-in caller without any role that the rules ask for, or an anonymous one, may write a row in which `path`, one or more
 * fields one after the other, leads to another value than the claim. `before` are rules about the row before the write.
 */
export function mayNameOthers(
  rules: readonly Predicate[],
  { path, claim, binding = 'row' }: Named,
  before: readonly Predicate[] = [],
): boolean {
  const rule: Predicate = { kind: 'all', of: [...before, ...rules.map((one) => aboutOthers(one, { path, claim, binding }))] }
  return truths(rule, 'signed-in').yes || anonymousMayPass(rule)
}

/** Fields that lead from the row of a name to a value, and the claim that the value should be. */
export interface Named {
  readonly path: readonly string[]
  readonly claim: string
  /** The name of the row; `row` unless given. */
  readonly binding?: string
}

/** The rule for a row whose path leads to another value than the claim: `path == auth.claim` is false there. */
function aboutOthers(rule: Predicate, named: Named): Predicate {
  if (rule.kind === 'compare' && (rule.op === '=' || rule.op === '!=')) {
    const sides = [rule.left, rule.right]
    const isClaimed = sides.some((side) => side.kind === 'auth' && side.claim === named.claim)
    if (isClaimed && sides.some((side) => isNamed(side, named))) return rule.op === '=' ? NEVER : ALWAYS
  }
  return mapPredicate(rule, { predicate: (part) => aboutOthers(part, named), term: (term) => term, row: (row) => row })
}

/** The value at the path, as `field`, `field.id` or `input.field`. */
function isNamed(term: Term, { path, binding }: Named): boolean {
  if (term.kind === 'input') return path.length === 1 && term.field === path[0]
  if (term.kind !== 'field' || term.row.binding !== binding) return false
  const fields = [...term.row.hops.map(({ field }) => field), term.field]
  const named = fields.length === path.length + 1 && term.field === 'id' ? fields.slice(0, -1) : fields
  return named.length === path.length && named.every((field, i) => field === path[i])
}

/** The claims that a rule mentions, in order of first mention. */
export function claimsIn(rule: Predicate): readonly string[] {
  const claims = new Set<string>()
  for (const predicate of predicatesIn(rule)) {
    for (const term of termsOf(predicate).flatMap((t) => [...termsIn(t)])) if (term.kind === 'auth') claims.add(term.claim)
  }
  return [...claims]
}

function truths(rule: Predicate, caller: RuleCaller): Truths {
  switch (rule.kind) {
    case 'const':
      return rule.value === null ? UNKNOWN : rule.value ? YES : NO
    case 'compare':
      return compared(rule, caller)
    case 'missing':
      return isClaim(rule.of) ? missing(rule.of, caller) : OPEN
    case 'member':
    case 'text':
    case 'truth':
      return termsOf(rule).some(isClaim) ? withClaim(rule, caller) : OPEN
    case 'all':
      return rule.of.map((part) => truths(part, caller)).reduce(and, YES)
    case 'any':
      return not(rule.of.map((part) => not(truths(part, caller))).reduce(and, YES))
    case 'not':
      return not(truths(rule.of, caller))
    case 'choose':
      return chosen(rule, caller)
    // over no rows, `some` is false and `every` is true
    case 'some':
    case 'someItem':
      return { ...truths(rule.where, caller), no: true }
    case 'every':
    case 'everyItem':
      return { ...truths(rule.where, caller), yes: true }
    case 'holds': {
      const inner = truths(rule.of, caller)
      return { yes: inner.yes, no: inner.no || inner.unknown, unknown: false }
    }
    case 'can':
      return OPEN
    default:
      return unreachable(rule)
  }
}

function compared(rule: Extract<Predicate, { kind: 'compare' }>, caller: RuleCaller): Truths {
  const claims = [rule.left, rule.right].filter(isClaim).length
  if (claims === 0) return OPEN
  switch (caller) {
    case 'anonymous':
      return UNKNOWN
    case 'two-valued':
      if (rule.op === '=') return claims === 2 ? YES : NO
      return rule.op === '!=' && claims === 1 ? YES : NO
    case 'signed-in':
    case 'own-row':
      if (!mentionsId(rule)) return rule.op === '!=' ? YES : NO
      if (caller === 'signed-in' || !isOwnId(rule)) return OPEN
      return rule.op === '=' ? YES : NO
    case 'another':
      if (!isOwnId(rule)) return OPEN
      return rule.op === '=' ? NO : YES
    default:
      return unreachable(caller)
  }
}

function mentionsId({ left, right }: Extract<Predicate, { kind: 'compare' }>): boolean {
  return [...termsIn(left), ...termsIn(right)].some((term) => term.kind === 'auth' && term.claim === 'id')
}

/** `id == auth.id`, either way round, or its opposite. */
function isOwnId({ op, left, right }: Extract<Predicate, { kind: 'compare' }>): boolean {
  const [claim, field] = left.kind === 'auth' ? [left, right] : [right, left]
  const isOwn = field.kind === 'field' && field.field === 'id' && field.row.hops.length === 0 && field.row.binding === 'row'
  return (op === '=' || op === '!=') && isOwn && claim.kind === 'auth' && claim.claim === 'id'
}

function missing(claim: Term, caller: RuleCaller): Truths {
  if (caller === 'anonymous' || caller === 'two-valued') return YES
  return claim.kind === 'auth' && claim.claim === 'id' ? NO : OPEN
}

/** A condition on a claim, other than a comparison. */
function withClaim(rule: Predicate, caller: RuleCaller): Truths {
  if (caller === 'anonymous') return UNKNOWN
  if (caller === 'another') return OPEN
  const isId =
    caller !== 'two-valued' && termsOf(rule).some((term) => [...termsIn(term)].some((t) => t.kind === 'auth' && t.claim === 'id'))
  return isId ? OPEN : NO
}

/** Whether a term is a claim or computed from one, so that it is missing for an anonymous caller. */
function isClaim(term: Term): boolean {
  if (term.kind === 'auth') return true
  return term.kind === 'call' && term.args.some(isClaim)
}

function not(t: Truths): Truths {
  return { yes: t.no, no: t.yes, unknown: t.unknown }
}

/** Kleene's "and". */
function and(a: Truths, b: Truths): Truths {
  return { yes: a.yes && b.yes, no: a.no || b.no, unknown: (a.unknown && (b.unknown || b.yes)) || (b.unknown && a.yes) }
}

function chosen(rule: Extract<Predicate, { kind: 'choose' }>, caller: RuleCaller): Truths {
  const test = truths(rule.test, caller)
  const branches = [
    ...(test.yes ? [truths(rule.yes, caller)] : []),
    ...(test.no ? [truths(rule.no, caller)] : []),
    ...(test.unknown ? [UNKNOWN] : []),
  ]
  return { yes: branches.some((b) => b.yes), no: branches.some((b) => b.no), unknown: branches.some((b) => b.unknown) }
}
