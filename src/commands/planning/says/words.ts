/** Conditions and values of rules in words. What has no words gives null: the sentence then quotes the rule as its author wrote it. */

import { unreachable } from '../../../base/unreachable.ts'
import { type CompareOp, isArithmetic, type Predicate, type RowPath, type Term, type TextOp } from '../../../model/expression.ts'
import { isAlways } from '../../../model/predicate.ts'
import { plainText } from '../../terminal/layout.ts'

/** The most characters of a text of the design within a sentence. */
const LONGEST = 40

const COMPARED: Readonly<Record<CompareOp, string>> = {
  '=': 'is',
  '!=': 'is not',
  '<': 'is less than',
  '<=': 'is at most',
  '>': 'is more than',
  '>=': 'is at least',
}

const IN_TIME: Readonly<Record<CompareOp, string>> = {
  ...COMPARED,
  '<': 'is before',
  '<=': 'is not after',
  '>': 'is after',
  '>=': 'is not before',
}

const TEXT_TEST: Readonly<Record<TextOp, string>> = {
  startsWith: 'starts with',
  endsWith: 'ends with',
  contains: 'contains',
  matches: 'matches',
}

const SIGNS = { add: '+', subtract: '-', multiply: '*', divide: '/', modulo: '%' } as const

/** A condition in words, such as `state is "draft" and dueAt is after now`. */
export function conditionWords(p: Predicate): string | null {
  switch (p.kind) {
    case 'const':
      return p.value === true ? 'always' : 'never'
    case 'compare':
      return joined([termWords(p.left), isInTime(p.left) ? IN_TIME[p.op] : COMPARED[p.op], termWords(p.right)])
    case 'missing':
      return isCaller(p.of) ? 'the caller is not signed in' : joined([termWords(p.of), 'is missing'])
    case 'member':
      return joined([termWords(p.of), 'is one of', termWords(p.list)])
    case 'truth':
      return joined([termWords(p.of), 'is true'])
    case 'text':
      return joined([termWords(p.of), TEXT_TEST[p.op], termWords(p.with)])
    case 'all':
      return listed(p.of, ' and ')
    case 'any':
      return listed(p.of, ' or ')
    case 'not':
      return denied(p.of)
    case 'holds':
      return conditionWords(p.of)
    case 'can':
      return `the caller may ${p.operation} ${rowWords(p.row)}`
    case 'some':
      return p.over.via === null ? null : someWords(p.over.relation, p.where)
    case 'every':
    case 'someItem':
    case 'everyItem':
    case 'choose':
      return null
    default:
      return unreachable(p)
  }
}

/** Only the number of the rows has words: those of a condition on them would not say whose fields they name. */
function someWords(relation: string, where: Predicate): string | null {
  return isAlways(where) ? `it has at least one of its ${relation}` : null
}

function denied(p: Predicate): string | null {
  if (p.kind === 'missing') return isCaller(p.of) ? 'the caller is signed in' : joined([termWords(p.of), 'is not missing'])
  if (p.kind === 'truth') return joined([termWords(p.of), 'is false'])
  const words = conditionWords(p)
  return words === null ? null : `it is not so that ${words}`
}

function listed(of: readonly Predicate[], between: string): string | null {
  const words = of.map((one) => (one.kind === 'any' || one.kind === 'all' ? bracketed(conditionWords(one)) : conditionWords(one)))
  return words.includes(null) ? null : words.join(between)
}

function bracketed(words: string | null): string | null {
  return words === null ? null : `(${words})`
}

function joined(parts: readonly (string | null)[]): string | null {
  return parts.includes(null) ? null : parts.join(' ')
}

/** A value in words, such as `the state of its visit`. */
export function termWords(term: Term): string | null {
  switch (term.kind) {
    case 'literal':
      if (Array.isArray(term.value)) return term.value.map(literal).join(', ')
      return term.type.scalar === 'duration' ? spanWords(String(term.value)) : literal(term.value as string | number | boolean)
    case 'null':
      return 'nothing'
    case 'field':
      return term.row.binding === 'row' ? fieldWords(term.row, term.field) : null
    case 'auth':
      return isCaller(term) ? 'the caller' : `the ${term.claim} of the caller`
    case 'input':
      return `the ${term.field} that is sent`
    case 'now':
      return 'now'
    case 'list':
      return joinedList(term.of)
    case 'call':
      return callWords(term)
    case 'count':
      return isAlways(term.where) ? `the number of its ${term.over.relation}` : null
    case 'derived':
      return term.row.binding === 'row' ? fieldWords(term.row, term.field) : null
    case 'param':
    case 'item':
    case 'if':
    case 'aggregate':
    case 'aggregateItems':
    case 'predicate':
      return null
    default:
      return unreachable(term)
  }
}

function callWords({ name, args }: Extract<Term, { kind: 'call' }>): string | null {
  const words = args.map(termWords)
  if (words.includes(null)) return null
  if (isArithmetic(name)) return words.join(` ${SIGNS[name]} `)
  return `${name}(${words.join(', ')})`
}

function joinedList(of: readonly Term[]): string | null {
  const words = of.map(termWords)
  return words.includes(null) ? null : words.join(', ')
}

/** `24 h` of `PT86400S`; another form of ISO 8601 as it is. */
function spanWords(value: string): string {
  const seconds = Number(/^PT(\d+)S$/.exec(value)?.[1])
  if (Number.isNaN(seconds)) return value
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}

function literal(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value)
  return JSON.stringify(value.length > LONGEST ? `${plainText(value).slice(0, LONGEST)}…` : plainText(value))
}

/** `state`, `its author` or `the state of its visit`. */
export function fieldWords(row: RowPath, field: string): string {
  if (row.hops.length === 0) return field
  return field === 'id' ? rowWords(row) : `the ${field} of ${rowWords(row)}`
}

/** The row that a path leads to: `its visit`, or `the org of its author`. */
export function rowWords({ hops }: RowPath): string {
  const [first, ...others] = hops.map(({ field }) => field)
  return first === undefined ? 'the row' : others.reduce((before, name) => `the ${name} of ${before}`, `its ${first}`)
}

/** Whether a value is the id of the caller. */
export function isCaller(term: Term): boolean {
  return term.kind === 'auth' && term.claim === 'id'
}

function isInTime({ type }: Term): boolean {
  return !type.list && ['timestamp', 'date', 'time'].includes(type.scalar)
}
