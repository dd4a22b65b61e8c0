/**
 * What an anonymous caller can make of a rule, found by working out which truth values it can take when every `auth.` is missing: once as Plinth decides,
 * with three values, and once as most programming languages would, where what is missing merely differs from everything.
 */

import { unreachable } from '../base/unreachable.ts'
import type { Predicate, Term } from '../model/expression.ts'
import { predicatesIn, termsIn, termsOf } from './walk.ts'

/** Which of true, false and unknown a condition can be. */
interface Truths {
  readonly yes: boolean
  readonly no: boolean
  readonly unknown: boolean
}

type Logic = 'three-valued' | 'two-valued'

const OPEN: Truths = { yes: true, no: true, unknown: false }
const YES: Truths = { yes: true, no: false, unknown: false }
const NO: Truths = { yes: false, no: true, unknown: false }
const UNKNOWN: Truths = { yes: false, no: false, unknown: true }

/** Whether some row lets an anonymous caller pass. */
export function anonymousMayPass(rule: Predicate): boolean {
  return truths(rule, 'three-valued').yes
}

/** Whether an anonymous caller would pass only if what is missing counted as different. */
export function passesOnlyByAbsence(rule: Predicate): boolean {
  return !anonymousMayPass(rule) && truths(rule, 'two-valued').yes
}

/** The claims that a rule mentions, in order of first mention. */
export function claimsIn(rule: Predicate): readonly string[] {
  const claims = new Set<string>()
  for (const predicate of predicatesIn(rule)) {
    for (const term of termsOf(predicate).flatMap((t) => [...termsIn(t)])) if (term.kind === 'auth') claims.add(term.claim)
  }
  return [...claims]
}

function truths(rule: Predicate, logic: Logic): Truths {
  switch (rule.kind) {
    case 'const':
      return rule.value === null ? UNKNOWN : rule.value ? YES : NO
    case 'compare':
      return compared(rule, logic)
    case 'missing':
      return isAbsent(rule.of) ? YES : OPEN
    case 'member':
    case 'text':
    case 'truth':
      return termsOf(rule).some(isAbsent) ? absent(logic) : OPEN
    case 'all':
      return rule.of.map((part) => truths(part, logic)).reduce(both, YES)
    case 'any':
      return not(rule.of.map((part) => not(truths(part, logic))).reduce(both, YES))
    case 'not':
      return not(truths(rule.of, logic))
    case 'choose':
      return chosen(rule, logic)
    // no rows at all make some false and every true
    case 'some':
    case 'someItem':
      return { ...truths(rule.where, logic), no: true }
    case 'every':
    case 'everyItem':
      return { ...truths(rule.where, logic), yes: true }
    case 'holds': {
      const inner = truths(rule.of, logic)
      return { yes: inner.yes, no: inner.no || inner.unknown, unknown: false }
    }
    case 'can':
      return OPEN
    default:
      return unreachable(rule)
  }
}

function compared(rule: Extract<Predicate, { kind: 'compare' }>, logic: Logic): Truths {
  const missing = [rule.left, rule.right].filter(isAbsent).length
  if (missing === 0) return OPEN
  if (logic === 'three-valued') return UNKNOWN
  const equal = missing === 2
  if (rule.op === '=') return equal ? YES : NO
  return rule.op === '!=' ? (equal ? NO : YES) : NO
}

function absent(logic: Logic): Truths {
  return logic === 'three-valued' ? UNKNOWN : NO
}

/** A value that an anonymous caller surely lacks: a claim, or something made of one. */
function isAbsent(term: Term): boolean {
  if (term.kind === 'auth') return true
  return term.kind === 'call' && term.args.some(isAbsent)
}

function not(t: Truths): Truths {
  return { yes: t.no, no: t.yes, unknown: t.unknown }
}

/** Kleene's "and". */
function both(a: Truths, b: Truths): Truths {
  return { yes: a.yes && b.yes, no: a.no || b.no, unknown: (a.unknown && (b.unknown || b.yes)) || (b.unknown && a.yes) }
}

function chosen(rule: Extract<Predicate, { kind: 'choose' }>, logic: Logic): Truths {
  const test = truths(rule.test, logic)
  const branches = [
    ...(test.yes ? [truths(rule.yes, logic)] : []),
    ...(test.no ? [truths(rule.no, logic)] : []),
    ...(test.unknown ? [UNKNOWN] : []),
  ]
  return { yes: branches.some((b) => b.yes), no: branches.some((b) => b.no), unknown: branches.some((b) => b.unknown) }
}
