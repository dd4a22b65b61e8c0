/** Defects of one rule: each node of its predicate, changed alone. */

import { unreachable } from '../../../base/unreachable.ts'
import { ALWAYS, type CompareOp, NEVER, type Operation, type Predicate, type Term } from '../../../model/expression.ts'
import type { MutantKind } from '../kinds.ts'
import { conditionText, termText } from './rule-text.ts'

const TURNED: Readonly<Record<CompareOp, readonly CompareOp[]>> = {
  '<': ['<=', '>'],
  '<=': ['<', '>='],
  '>': ['>=', '<'],
  '>=': ['>', '<='],
  '=': [],
  '!=': [],
}
const OTHER_QUANTIFIER = { some: 'every', every: 'some', someItem: 'everyItem', everyItem: 'someItem' } as const
const OPERATIONS: readonly Operation[] = ['read', 'update', 'delete']

/** A rule with one defect. */
export interface RuleChange {
  readonly kind: MutantKind
  /** Which node was changed, and how: `published`, `auth.role==admin:moderator`. Not unique. */
  readonly at: string
  readonly what: string
  readonly rule: Predicate
}

/** The values of a choice or role that a term can have; empty for any other term. */
export type ChoicesOf = (term: Term) => readonly string[]

/** A node of a rule, and the rule with another node in its place. */
interface Spot {
  readonly node: Predicate
  readonly put: (node: Predicate) => Predicate
  /** What the node can be replaced by to leave it out. */
  readonly neutral: Predicate
}

/** Every defect of a rule; none for a constant one. */
export function ruleChanges(rule: Predicate, choicesOf: ChoicesOf): readonly RuleChange[] {
  return spotsOf({ node: rule, put: (node) => node, neutral: ALWAYS }).flatMap((spot) => changesAt(spot, choicesOf))
}

/** The node itself and the nodes inside, also those of quantifiers. */
function spotsOf(spot: Spot): readonly Spot[] {
  const { node, put } = spot
  switch (node.kind) {
    case 'all':
    case 'any': {
      const neutral = node.kind === 'all' ? ALWAYS : NEVER
      const parts = node.of.map((part, i): Spot => ({ node: part, put: (next) => put({ ...node, of: node.of.with(i, next) }), neutral }))
      return [spot, ...parts.flatMap(spotsOf)]
    }
    case 'not':
      return [spot, ...spotsOf({ node: node.of, put: (of) => put({ ...node, of }), neutral: NEVER })]
    case 'holds':
      return [spot, ...spotsOf({ node: node.of, put: (of) => put({ ...node, of }), neutral: ALWAYS })]
    case 'choose':
      return (['test', 'yes', 'no'] as const).flatMap((part) =>
        spotsOf({ node: node[part], put: (next) => put({ ...node, [part]: next }), neutral: ALWAYS }),
      )
    case 'some':
    case 'every':
    case 'someItem':
    case 'everyItem':
      return [spot, ...spotsOf({ node: node.where, put: (where) => put({ ...node, where }), neutral: ALWAYS })]
    case 'const':
    case 'compare':
    case 'missing':
    case 'member':
    case 'truth':
    case 'text':
    case 'can':
      return [spot]
    default:
      return unreachable(node)
  }
}

function changesAt(spot: Spot, choicesOf: ChoicesOf): readonly RuleChange[] {
  const { node, put } = spot
  const at = conditionText(node) ?? node.kind
  const change = (kind: MutantKind, next: Predicate, what: string, detail = ''): RuleChange => ({
    kind,
    at: `${at.replaceAll(/\s+/g, '')}${detail}`,
    what,
    rule: put(next),
  })
  switch (node.kind) {
    case 'const':
    case 'not':
    case 'holds':
    case 'choose':
      return []
    case 'all':
    case 'any':
      return node.of.length < 2
        ? []
        : [
            change(
              'and-or-swapped',
              { ...node, kind: node.kind === 'all' ? 'any' : 'all' },
              `${at} is joined by ${node.kind === 'all' ? 'or' : 'and'}`,
            ),
          ]
    case 'compare':
    case 'missing':
    case 'member':
    case 'truth':
    case 'text':
    case 'some':
    case 'every':
    case 'someItem':
    case 'everyItem':
    case 'can': {
      const negated: Predicate = { kind: 'not', of: node }
      const general = [
        change('atom-dropped', spot.neutral, `${at} is left out`),
        change('atom-negated', negated, `${at} is negated`),
        ...(node.kind === 'missing'
          ? []
          : [change('missing-is-true', { kind: 'not', of: { kind: 'holds', of: negated } }, `${at} also holds where a value is missing`)]),
      ]
      return [...general, ...ownChanges(node, { change, choicesOf })]
    }
    default:
      return unreachable(node)
  }
}

interface Changing {
  readonly change: (kind: MutantKind, next: Predicate, what: string, detail?: string) => RuleChange
  readonly choicesOf: ChoicesOf
}

type Atom = Exclude<Predicate, { readonly kind: 'const' | 'all' | 'any' | 'not' | 'holds' | 'choose' }>

function ownChanges(node: Atom, { change, choicesOf }: Changing): readonly RuleChange[] {
  switch (node.kind) {
    case 'compare': {
      const turned =
        isNumber(node.left) || isNumber(node.right)
          ? [...TURNED[node.op], ...(node.op === '=' ? (['<=', '>='] as const) : [])]
          : TURNED[node.op]
      return [
        ...turned.map((op) => change('comparison-turned', { ...node, op }, `${node.op} becomes ${op}`, `:${op}`)),
        ...constants(node.left).map(([next, text]) =>
          change('constant-moved', { ...node, left: next }, `the number becomes ${text}`, `:${text}`),
        ),
        ...constants(node.right).map(([next, text]) =>
          change('constant-moved', { ...node, right: next }, `the number becomes ${text}`, `:${text}`),
        ),
        ...swaps(node.left, node.right, choicesOf).map(([next, text]) =>
          change('choice-swapped', { ...node, right: next }, `${termText(node.right) ?? 'the value'} becomes ${text}`, `:${text}`),
        ),
      ]
    }
    case 'member':
      return memberChanges(node, { change, choicesOf })
    case 'some':
    case 'every':
      return [
        change(
          'quantifier-swapped',
          { ...node, kind: OTHER_QUANTIFIER[node.kind] as 'some' },
          `${node.kind} becomes ${OTHER_QUANTIFIER[node.kind]}`,
        ),
      ]
    case 'someItem':
    case 'everyItem':
      return [change('quantifier-swapped', { ...node, kind: OTHER_QUANTIFIER[node.kind] as 'someItem' }, 'the quantifier is the other one')]
    case 'can':
      return OPERATIONS.filter((operation) => operation !== node.operation).map((operation) =>
        change('can-swapped', { ...node, operation }, `can() asks for ${operation}`, `:${operation}`),
      )
    case 'missing':
    case 'truth':
    case 'text':
      return []
    default:
      return unreachable(node)
  }
}

/** Membership in a list of the design: each item left out, and each item another one. */
function memberChanges(node: Extract<Predicate, { kind: 'member' }>, { change, choicesOf }: Changing): readonly RuleChange[] {
  const { list } = node
  const items = list.kind === 'literal' && Array.isArray(list.value) ? (list.value as readonly (string | number | boolean)[]) : null
  if (list.kind === 'list') {
    const without = list.of.map((item, i) => {
      const text = termText(item) ?? String(i)
      return change('atom-dropped', { ...node, list: { ...list, of: list.of.toSpliced(i, 1) } }, `${text} is left out`, `:${text}`)
    })
    const swapped = list.of.flatMap((item, i) =>
      swaps(node.of, item, choicesOf)
        .filter(([, text]) => !list.of.some((one) => termText(one) === text))
        .map(([next, text]) => {
          const from = termText(item) ?? String(i)
          return change(
            'choice-swapped',
            { ...node, list: { ...list, of: list.of.with(i, next) } },
            `${from} becomes ${text}`,
            `:${from}:${text}`,
          )
        }),
    )
    return [...without, ...swapped]
  }
  if (items === null || list.kind !== 'literal') return []
  const withItems = (next: readonly (string | number | boolean)[]): Predicate => ({ ...node, list: { ...list, value: next } })
  return [
    ...items.map((item, i) => change('atom-dropped', withItems(items.toSpliced(i, 1)), `${item} is left out`, `:${item}`)),
    ...items.flatMap((item, i) =>
      choicesOf(node.of)
        .filter((other) => !items.includes(other))
        .map((other) => change('choice-swapped', withItems(items.with(i, other)), `${item} becomes ${other}`, `:${item}:${other}`)),
    ),
  ]
}

function isNumber(term: Term): boolean {
  return term.kind === 'literal' && typeof term.value === 'number'
}

/** A number, one more and one less. */
function constants(term: Term): readonly (readonly [next: Term, text: string])[] {
  if (term.kind !== 'literal' || typeof term.value !== 'number') return []
  const { value } = term
  return [value - 1, value + 1].map((next) => [{ ...term, value: next }, String(next)])
}

/** A constant that is compared with a choice, as each other value of the choice. */
function swaps(other: Term, term: Term, choicesOf: ChoicesOf): readonly (readonly [next: Term, text: string])[] {
  if (term.kind !== 'literal' || typeof term.value !== 'string') return []
  return choicesOf(other)
    .filter((value) => value !== term.value)
    .map((value) => [{ ...term, value }, value])
}
