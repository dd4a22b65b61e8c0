/** The index proof as text: a table for each entity, equal statements of several callers on one line, and problems as sentences. */

import { unreachable } from '../../../base/unreachable.ts'
import { BADNESS } from '../../../verify/indexes/judge.ts'
import type { AskedCallers, ExpectedRows, GrowthReason, IndexProof, ProvedOperation, Remedy } from '../../../verify/indexes/proof.ts'
import { columns, count } from '../../terminal/layout.ts'
import type { Style } from '../../terminal/style.ts'
import type { ProofOutcome } from './index-proof.ts'

/** Returns the part of a plan's text about indexes, with its heading. */
export function indexProofLines(proof: ProofOutcome, style: Style): readonly string[] {
  if (proof.kind === 'skipped') return [style.bold('Indexes'), `  not proved: ${proof.reason}`]
  if (proof.rows.length === 0) return [style.bold('Indexes'), '  nothing to prove: the design has no entities']
  const entities = [...new Set([...proof.operations, ...proof.refused].map(({ entity }) => entity))]
  return [
    style.bold(`Indexes: ${summary(proof)}`),
    `  ${proof.rows.map(expectation).join(', ')}; plans of PostgreSQL ${proof.server} for these sizes, costs in its unit`,
    ...leftOutLines(proof.callers),
    ...entities.flatMap((entity) => [`  ${style.cyan(entity)}`, ...tableLines(proof, entity, style), ...refusedLines(proof, entity)]),
    ...(proof.left.length === 0 ? [] : [`  not proved, because time ran out: ${proof.left.join(', ')}`]),
  ]
}

function summary({ operations }: IndexProof): string {
  const of = (growth: ProvedOperation['growth']): number => operations.filter((operation) => operation.growth === growth).length
  return `${count(operations.length, 'statement')}, ${of('grows')} grow with a table, ${of('depends')} depend on the data`
}

function expectation({ entity, rows, from }: ExpectedRows): string {
  return `${entity} ${rows.toLocaleString('en')}${from === 'assumed' ? ' (assumed)' : ''}`
}

const MOST_NAMED = 10

/** The maximum number of names in a column, because the longest line sets the width of the column. The JSON has all names. */
const MOST_IN_COLUMN = 4

/** Lists the callers that the proof does not cover. */
function leftOutLines({ left, unseen, without }: AskedCallers): readonly string[] {
  const among = without.length === 0 ? '' : `, among them all with ${few(without, MOST_NAMED)}`
  return [
    ...(left.length === 0 ? [] : [`  not proved for ${count(left.length, 'kind')} of caller: ${few(left, MOST_NAMED)}`]),
    ...(unseen === 0 ? [] : [`  not covered: ${count(unseen, 'combination')} of claims${among}`]),
  ]
}

function few(names: readonly string[], most: number): string {
  const more = names.length - most
  return `${names.slice(0, most).join(', ')}${more > 0 ? ` and ${more.toLocaleString('en')} more` : ''}`
}

/** Equal operations of several callers. */
interface Line {
  readonly operation: string
  readonly callers: readonly string[]
  readonly reads: string
  readonly cost: number
  readonly remark: string
  readonly growth: ProvedOperation['growth']
}

function tableLines({ operations, callers: { asked } }: IndexProof, entity: string, style: Style): readonly string[] {
  const own = operations.filter((operation) => operation.entity === entity)
  const alike = Map.groupBy(withNextPages(own).map(lineOf), ({ operation, reads, remark }) => JSON.stringify([operation, reads, remark]))
  const lines = [...Map.groupBy([...alike.values()].map(together), (line) => line.operation).values()].flat()
  const rows = lines.map(({ operation, callers, reads, cost, remark }) => [
    operation,
    callerWords(callers, asked),
    reads,
    cost.toFixed(1),
    remark,
  ])
  return columns(rows, '    ').map((line, i) => painted(line, lines[i]?.growth ?? 'flat', style))
}

const ANONYMOUS = 'anonymous'

function callerWords(callers: readonly string[], asked: readonly string[]): string {
  if (callers.length > 0 && callers.length === asked.length) return 'any caller'
  const known = asked.filter((label) => label !== ANONYMOUS)
  return known.length > 1 && callers.length === known.length && !callers.includes(ANONYMOUS)
    ? 'any signed-in caller'
    : few(callers, MOST_IN_COLUMN)
}

const NEXT_PAGE = /, next page$/

/** Merges a list and its next pages (two statements) into one line, which shows the worse statement. */
function withNextPages(operations: readonly ProvedOperation[]): readonly ProvedOperation[] {
  const groups = Map.groupBy(operations, ({ operation, callers }) => JSON.stringify([operation.replace(NEXT_PAGE, ''), callers]))
  return [...groups.values()].map((group) =>
    group.reduce((worst, one) => ((BADNESS[one.growth] - BADNESS[worst.growth] || one.cost - worst.cost) > 0 ? one : worst)),
  )
}

function together(same: readonly Line[]): Line {
  const [first] = same
  if (first === undefined) throw new Error('a group has a member')
  return { ...first, callers: [...new Set(same.flatMap((line) => line.callers))], cost: Math.max(...same.map((line) => line.cost)) }
}

function painted(line: string, growth: ProvedOperation['growth'], style: Style): string {
  return growth === 'grows' ? style.red(line) : growth === 'depends' ? style.yellow(line) : line
}

function lineOf(operation: ProvedOperation): Line {
  return {
    operation: operation.operation.replace(NEXT_PAGE, ''),
    callers: operation.callers,
    reads: readsOf(operation),
    cost: operation.cost,
    remark: remarkOf(operation),
    growth: operation.growth,
  }
}

function readsOf({ reads }: ProvedOperation): string {
  if (reads.length === 0) return 'no table'
  return reads.map(({ table, index }) => index ?? `all of ${table}`).join(', ')
}

function remarkOf({ growth, growsWith, reason, remedy, either }: ProvedOperation): string {
  if (growth === 'flat') return ''
  const verdict = growth === 'grows' ? `GROWS with ${growsWith.join(', ')}` : 'depends'
  return [
    `${verdict}${reason === null ? '' : `: ${reasonWords(reason, growth)}`}`,
    ...(remedy === null ? [] : [remedyWords(remedy)]),
    ...(either === null ? [] : [eitherWords(either)]),
  ].join('; ')
}

function reasonWords(reason: GrowthReason, growth: 'depends' | 'grows'): string {
  switch (reason.kind) {
    case 'counts':
      return 'counts every row that matches'
    case 'scans':
      return `reads every row of ${reason.table}${where(reason.condition)}`
    case 'sorts':
      return `sorts some ${reason.rows.toLocaleString('en')} rows of ${reason.table}`
    case 'reads':
      return `reads more of ${reason.table} the more rows there are${where(reason.condition)}`
    case 'passes':
      return [
        `reads ${growth === 'grows' ? 'far too much of ' : ''}${reason.table} until enough rows pass`,
        ...(reason.condition === null ? [] : [short(reason.condition)]),
      ].join(' ')
    default:
      return unreachable(reason)
  }
}

function where(condition: string | null): string {
  return condition === null ? '' : ` for ${short(condition)}`
}

const LONGEST = 80

/** Shortens a condition. A subplan in EXPLAIN stands for a condition on other rows. */
function short(condition: string): string {
  const words = condition.replaceAll(/\((hashed )?SubPlan \d+\)/g, '(…)')
  return words.length <= LONGEST ? words : `${words.slice(0, LONGEST)}…`
}

function remedyWords({ advice, cost, growth }: Remedy): string {
  return `${advice} (${growth === 'flat' ? `then flat, ${cost.toFixed(1)}` : 'then it depends'})`
}

/** Advice for an "or" that no index serves: only another design helps. Example: docs/guide/indexes.md. */
function eitherWords(rows: readonly string[]): string {
  if (rows.length < 2) return 'no index holds an order and serves an "or"'
  return `no index serves an "or" about ${rows.join(' and ')}: keep what it asks on one row`
}

function refusedLines({ refused, callers: { asked } }: IndexProof, entity: string): readonly string[] {
  const own = refused
    .filter((one) => one.entity === entity)
    .map(
      ({ label, callers, servedToOthers }) => `${label.replace(LIST, '')}${servedToOthers ? ` (for ${callerWords(callers, asked)})` : ''}`,
    )
  return own.length === 0 ? [] : [`    refused, because no index serves them: ${[...new Set(own)].join(', ')}`]
}

const LIST = /^list /
