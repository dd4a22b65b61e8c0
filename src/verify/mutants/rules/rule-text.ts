/**
 * A predicate of the model as text of the design's language, so that the oracle can judge a changed rule. Null for what the language cannot
 * say, or what this writer does not know. That the text means the same is checked wherever it is used.
 */

import type { FunctionName, Predicate, RowPath, Term } from '../../../model/expression.ts'

const OPERATORS: Partial<Record<FunctionName, string>> = { add: '+', subtract: '-', multiply: '*', divide: '/', modulo: '%' }
/** Functions that are written behind their first value. */
const METHODS: ReadonlySet<FunctionName> = new Set(['size', 'lowerAscii', 'upperAscii', 'trim', 'getFullYear', 'getMonth', 'getDayOfMonth'])
const PLAIN: ReadonlySet<string> = new Set(['text', 'integer', 'number', 'boolean', 'uuid', 'bigint'])

/** A condition as text. */
export function conditionText(p: Predicate): string | null {
  switch (p.kind) {
    case 'const':
      return p.value === null ? null : String(p.value)
    case 'compare':
      return written`${termText(p.left)} ${p.op === '=' ? '==' : p.op} ${termText(p.right)}`
    case 'missing':
      return written`${termText(p.of)} == null`
    case 'member':
      return written`${termText(p.of)} in ${termText(p.list)}`
    case 'truth':
      return termText(p.of)
    case 'text':
      return written`${termText(p.of)}.${p.op}(${termText(p.with)})`
    case 'all':
    case 'any':
      return p.of.length === 0 ? String(p.kind === 'all') : joined(p.of.map(conditionText), p.kind === 'all' ? ' && ' : ' || ')
    case 'not':
      return written`!(${conditionText(p.of)})`
    case 'choose':
      return written`(${conditionText(p.test)} ? ${conditionText(p.yes)} : ${conditionText(p.no)})`
    case 'some':
    case 'every': {
      if (p.over.via === null) return null
      const of = rowText(p.over.of)
      const set = of === '' ? p.over.relation : `${of}.${p.over.relation}`
      return written`${set}.${p.kind === 'some' ? 'exists' : 'all'}(${p.as}, ${conditionText(p.where)})`
    }
    case 'can':
      return p.row.hops.length === 0 ? null : `can(${JSON.stringify(p.operation)}, ${rowText(p.row)})`
    case 'someItem':
    case 'everyItem':
    case 'holds':
      return null
  }
}

/** A value as text. */
export function termText(t: Term): string | null {
  switch (t.kind) {
    case 'literal':
      return literalText(t)
    case 'null':
      return 'null'
    case 'field': {
      const row = rowText(t.row)
      return row === '' ? t.field : `${row}.${t.field}`
    }
    case 'auth':
      return `auth.${t.claim}`
    case 'input':
      return `input.${t.field}`
    case 'now':
      return 'now()'
    case 'if':
      return written`(${conditionText(t.test)} ? ${termText(t.yes)} : ${termText(t.no)})`
    case 'list':
      return t.of.length === 0 ? '[]' : bracketed(joined(t.of.map(termText), ', '))
    case 'call':
      return callText(t)
    case 'predicate':
      return conditionText(t.of)
    case 'param':
    case 'item':
    case 'count':
    case 'aggregate':
    case 'aggregateItems':
    case 'derived':
      return null
  }
}

function literalText({ type, value }: Extract<Term, { kind: 'literal' }>): string | null {
  if (!PLAIN.has(type.scalar)) return null
  if (typeof value === 'object') return `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
  return JSON.stringify(value)
}

function callText({ name, args }: Extract<Term, { kind: 'call' }>): string | null {
  const [first = null, second = null] = args.map(termText)
  const operator = OPERATORS[name]
  if (operator !== undefined) return written`(${first} ${operator} ${second})`
  return METHODS.has(name) && args.length === 1 ? written`${first}.${name}()` : null
}

/** The row of a path; empty for the row that the rule is about. */
function rowText({ binding, hops }: RowPath): string {
  return [...(binding === 'row' ? [] : [binding]), ...hops.map(({ field }) => field)].join('.')
}

function bracketed(text: string | null): string | null {
  return text === null ? null : `[${text}]`
}

function joined(parts: readonly (string | null)[], by: string): string | null {
  return parts.includes(null) ? null : `(${parts.join(by)})`
}

/** The text; null if a part has none. */
function written(strings: TemplateStringsArray, ...parts: readonly (string | null)[]): string | null {
  return parts.includes(null) ? null : String.raw({ raw: strings }, ...parts)
}
