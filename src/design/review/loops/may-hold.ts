/** Whether a condition can hold after an update of which the written fields are known. */

import type { CompareOp, Predicate, Term } from '../../../model/expression.ts'
import type { Field } from '../../../model/model.ts'
import { ROW_BEFORE } from '../../../model/reaction.ts'
import type { WrittenFields } from './effects.ts'

/** Whether a condition may be true, and whether it may be false. It may also be unknown. */
interface Possible {
  readonly true: boolean
  readonly false: boolean
}

const BOTH: Possible = { true: true, false: true }
const ONLY_TRUE: Possible = { true: true, false: false }
const ONLY_FALSE: Possible = { true: false, false: true }
const UNKNOWN: Possible = { true: false, false: false }

/** An update: what it writes, and the fields of its entity. */
export interface KnownUpdate {
  readonly change: WrittenFields
  readonly fields: readonly Field[]
}

/** Whether a condition may be true after an update. False only where the written fields show that it cannot. */
export function mayHold(when: Predicate, update: KnownUpdate): boolean {
  return possible(when, update).true
}

function possible(p: Predicate, update: KnownUpdate): Possible {
  switch (p.kind) {
    case 'const':
      return p.value === null ? UNKNOWN : p.value ? ONLY_TRUE : ONLY_FALSE
    case 'not': {
      const inner = possible(p.of, update)
      return { true: inner.false, false: inner.true }
    }
    case 'all': {
      const parts = p.of.map((part) => possible(part, update))
      return { true: parts.every((part) => part.true) && !contradicts(p.of, update), false: parts.some((part) => part.false) }
    }
    case 'any': {
      const parts = p.of.map((part) => possible(part, update))
      return { true: parts.some((part) => part.true), false: parts.every((part) => part.false) }
    }
    case 'compare':
      return compared(p.op, knownOf(p.left, update), knownOf(p.right, update))
    case 'missing':
      return isOne(knownOf(p.of, update), null)
    case 'truth':
      return isOne(knownOf(p.of, update), true)
    default:
      return BOTH
  }
}

/** What is known of a value: the value itself, or a name that equal values share. */
type Known = { readonly is: string | number | boolean | null } | { readonly named: string } | null

function knownOf(term: Term, { change, fields }: KnownUpdate): Known {
  if (term.kind === 'null') return { is: null }
  if (term.kind === 'literal') return Array.isArray(term.value) ? null : { is: term.value as string | number | boolean }
  if (term.kind !== 'field' || term.row.hops.length > 0) return null
  const field = fields.find(({ name }) => name === term.field)
  if (field === undefined || field.type.kind === 'computed') return null
  // Plinth changes its own fields at each update.
  const isSame = !change.has(term.field) && (field.system === null || field.system === 'id')
  if (isSame) return { named: term.field }
  const given = term.row.binding === ROW_BEFORE ? undefined : change.get(term.field)
  if (given?.kind === 'null') return { is: null }
  if (given?.kind === 'literal' && !Array.isArray(given.value)) return { is: given.value as string | number | boolean }
  return { named: `${term.row.binding}.${term.field}` }
}

function compared(op: CompareOp, left: Known, right: Known): Possible {
  if (left === null || right === null) return BOTH
  if ('named' in left || 'named' in right) {
    const isOneValue = 'named' in left && 'named' in right && left.named === right.named
    if (!isOneValue) return BOTH
    return op === '=' || op === '<=' || op === '>=' ? ONLY_TRUE : ONLY_FALSE
  }
  if (left.is === null || right.is === null) return UNKNOWN
  if (op !== '=' && op !== '!=') return BOTH
  // A decimal may be written in several ways.
  if (typeof left.is !== typeof right.is) return BOTH
  return (left.is === right.is) === (op === '=') ? ONLY_TRUE : ONLY_FALSE
}

function isOne(value: Known, wanted: boolean | null): Possible {
  if (value === null || 'named' in value) return BOTH
  return value.is === wanted ? ONLY_TRUE : ONLY_FALSE
}

/** Whether two conditions say different things about one value, such as `status == "placed" && before.status == "open"`. */
function contradicts(all: readonly Predicate[], update: KnownUpdate): boolean {
  const wanted = new Map<string, string>()
  const refused = new Set<string>()
  let isContradiction = false
  const want = (term: Term, value: string | number | boolean | null): void => {
    const known = knownOf(term, update)
    if (known === null || !('named' in known)) return
    const text = JSON.stringify(value)
    isContradiction ||= (wanted.get(known.named) ?? text) !== text
    wanted.set(known.named, text)
  }
  const refuse = (term: Term, value: string | number | boolean | null): void => {
    const known = knownOf(term, update)
    if (known !== null && 'named' in known) refused.add(JSON.stringify([known.named, value]))
  }
  for (const { p, isTrue } of conjuncts(all)) {
    const says = isTrue ? want : refuse
    if (p.kind === 'missing') says(p.of, null)
    else if (p.kind === 'truth') want(p.of, isTrue)
    else if (p.kind === 'compare' && (p.op === '=' || p.op === '!=')) {
      const isEqual = (p.op === '=') === isTrue
      for (const [term, other] of [[p.left, p.right] as const, [p.right, p.left] as const]) {
        const value = knownOf(other, update)
        if (value === null || 'named' in value || value.is === null) continue
        if (isEqual) want(term, value.is)
        else refuse(term, value.is)
      }
    }
  }
  return isContradiction || [...wanted].some(([name, text]) => refused.has(`[${JSON.stringify(name)},${text}]`))
}

/** The conditions that must hold, or must not, for all of these to hold. */
function* conjuncts(all: readonly Predicate[]): Generator<{ readonly p: Predicate; readonly isTrue: boolean }> {
  for (const p of all) {
    if (p.kind === 'all') yield* conjuncts(p.of)
    else if (p.kind === 'not') yield { p: p.of, isTrue: false }
    else yield { p, isTrue: true }
  }
}
