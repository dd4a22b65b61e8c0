/** Simplifies a predicate where unknown and false both refuse. */

import { unreachable } from '../../base/unreachable.ts'
import { ALWAYS, NEVER, type Predicate } from '../../model/expression.ts'

/** Turns unknown into false: the result is true exactly where `p` is true. For whole rules and filters. */
export function refuseUnknown(p: Predicate): Predicate {
  switch (p.kind) {
    case 'const':
      return p.value === true ? ALWAYS : NEVER
    case 'all':
      return joined(p, refuseUnknown)
    case 'any':
      return joined(p, refuseUnknown)
    case 'not':
      return negated(acceptUnknown(p.of))
    case 'holds':
      return refuseUnknown(p.of)
    case 'choose':
      return chosen(p, refuseUnknown, NEVER)
    case 'some':
    case 'someItem': {
      const where = refuseUnknown(p.where)
      return where === NEVER ? NEVER : { ...p, where }
    }
    case 'every':
    case 'everyItem': {
      const where = refuseUnknown(p.where)
      return p.kind === 'every' && where === ALWAYS && p.over.of.hops.length === 0 ? ALWAYS : { ...p, where }
    }
    case 'compare':
    case 'missing':
    case 'member':
    case 'truth':
    case 'text':
    case 'can':
      return p
    default:
      return unreachable(p)
  }
}

/** Turns unknown into true: the result is false exactly where `p` is false. For predicates under `not`. */
function acceptUnknown(p: Predicate): Predicate {
  switch (p.kind) {
    case 'const':
      return p.value === false ? NEVER : ALWAYS
    case 'all':
      return joined(p, acceptUnknown)
    case 'any':
      return joined(p, acceptUnknown)
    case 'not':
      return negated(refuseUnknown(p.of))
    case 'holds': {
      const of = refuseUnknown(p.of)
      return of.kind === 'const' ? of : { kind: 'holds', of }
    }
    case 'choose':
      return chosen(p, acceptUnknown, ALWAYS)
    case 'some':
    case 'someItem': {
      const where = acceptUnknown(p.where)
      return p.kind === 'some' && where === NEVER && p.over.of.hops.length === 0 ? NEVER : { ...p, where }
    }
    case 'every':
    case 'everyItem': {
      const where = acceptUnknown(p.where)
      return where === ALWAYS ? ALWAYS : { ...p, where }
    }
    case 'compare':
    case 'missing':
    case 'member':
    case 'truth':
    case 'text':
    case 'can':
      return p
    default:
      return unreachable(p)
  }
}

function negated(p: Predicate): Predicate {
  if (p.kind === 'const') return p.value === true ? NEVER : ALWAYS
  return p.kind === 'not' ? p.of : { kind: 'not', of: p }
}

function joined(p: Extract<Predicate, { kind: 'all' | 'any' }>, form: (part: Predicate) => Predicate): Predicate {
  const [deciding, neutral] = p.kind === 'all' ? [NEVER, ALWAYS] : [ALWAYS, NEVER]
  const parts = p.of.map(form)
  if (parts.includes(deciding)) return deciding
  const kept = parts.filter((part) => part !== neutral)
  const [first] = kept
  if (first === undefined) return neutral
  return kept.length === 1 ? first : { kind: p.kind, of: kept }
}

/**
 * A branch that the test never selects counts as `unknown`. Equal branches replace the choice only if they also equal `unknown`, because
 * the test may be unknown.
 */
function chosen(p: Extract<Predicate, { kind: 'choose' }>, form: (part: Predicate) => Predicate, unknown: Predicate): Predicate {
  const yes = refuseUnknown(p.test) === NEVER ? unknown : form(p.yes)
  const no = acceptUnknown(p.test) === ALWAYS ? unknown : form(p.no)
  if (yes === unknown && no === unknown) return unknown
  return { ...p, yes, no }
}
