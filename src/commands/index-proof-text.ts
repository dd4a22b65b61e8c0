/** The index proof as text: a table an entity, the same statements of several callers on one line, and what is wrong in words. */

import { unreachable } from '../base/unreachable.ts'
import type { ExpectedRows, IndexProof, ProvedOperation, Reason, Remedy } from '../verify/indexes/proof.ts'
import type { ProofOutcome } from './index-proof.ts'
import { columns, count } from './layout.ts'
import type { Style } from './style.ts'

/** The part of a plan's text that is about indexes, its heading first. */
export function indexProofLines(proof: ProofOutcome, style: Style): readonly string[] {
  if (proof.kind === 'skipped') return [style.bold('Indexes'), `  not proved: ${proof.reason}`]
  const entities = [...new Set([...proof.operations, ...proof.refused].map(({ entity }) => entity))]
  return [
    style.bold(`Indexes: ${summary(proof)}`),
    `  ${proof.rows.map(expectation).join(', ')}; plans of PostgreSQL ${proof.server} for these sizes, costs in its unit`,
    ...entities.flatMap((entity) => [`  ${style.cyan(entity)}`, ...tableLines(proof, entity, style), ...refusedLines(proof, entity)]),
  ]
}

function summary({ operations }: IndexProof): string {
  const of = (growth: ProvedOperation['growth']): number => operations.filter((operation) => operation.growth === growth).length
  return `${count(operations.length, 'statement')}, ${of('grows')} grow with a table, ${of('depends')} depend on the data`
}

function expectation({ entity, rows, from }: ExpectedRows): string {
  return `${entity} ${rows.toLocaleString('en')}${from === 'assumed' ? ' (assumed)' : ''}`
}

/** Operations that come to the same, whoever asks, and their next pages. */
interface Line {
  readonly operation: string
  readonly callers: readonly string[]
  readonly reads: string
  readonly cost: number
  readonly remark: string
  readonly growth: ProvedOperation['growth']
}

function tableLines({ operations }: IndexProof, entity: string, style: Style): readonly string[] {
  const own = operations.filter((operation) => operation.entity === entity)
  const everyone = new Set(own.flatMap((operation) => operation.callers)).size
  const lines = Map.groupBy(own.map(lineOf), ({ operation, reads, remark }) => JSON.stringify([operation, reads, remark]))
  const merged = [...lines.values()].map((same): Line => {
    const [first] = same
    if (first === undefined) throw new Error('a group has a member')
    return { ...first, callers: [...new Set(same.flatMap((line) => line.callers))], cost: Math.max(...same.map((line) => line.cost)) }
  })
  const rows = merged.map(({ operation, callers, reads, cost, remark }) => [
    operation,
    callers.length === everyone ? 'everyone' : callers.join(', '),
    reads,
    cost.toFixed(1),
    remark,
  ])
  return columns(rows, '    ').map((line, i) => painted(line, merged[i]?.growth ?? 'flat', style))
}

function painted(line: string, growth: ProvedOperation['growth'], style: Style): string {
  return growth === 'grows' ? style.red(line) : growth === 'depends' ? style.yellow(line) : line
}

function lineOf(operation: ProvedOperation): Line {
  return {
    operation: operation.operation.replace(/, next page$/, ''),
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

function remarkOf({ growth, growsWith, reason, remedy }: ProvedOperation): string {
  if (growth === 'flat') return ''
  const verdict = growth === 'grows' ? `GROWS with ${growsWith.join(', ')}` : 'depends'
  return [`${verdict}${reason === null ? '' : `: ${reasonWords(reason)}`}`, ...(remedy === null ? [] : [remedyWords(remedy)])].join('; ')
}

function reasonWords(reason: Reason): string {
  switch (reason.kind) {
    case 'counts':
      return 'counts every row that matches'
    case 'scans':
      return `reads every row of ${reason.table}${where(reason.condition)}`
    case 'sorts':
      return `sorts some ${reason.rows.toLocaleString('en')} rows of ${reason.table}`
    case 'reads':
      return `reads some ${reason.rows.toLocaleString('en')} rows of ${reason.table}${where(reason.condition)}`
    case 'passes':
      return `reads ${reason.table} until enough rows pass${reason.condition === null ? '' : ` ${short(reason.condition)}`}`
    default:
      return unreachable(reason)
  }
}

function where(condition: string | null): string {
  return condition === null ? '' : ` for ${short(condition)}`
}

const LONGEST = 80

function short(condition: string): string {
  return condition.length <= LONGEST ? condition : `${condition.slice(0, LONGEST)}…`
}

function remedyWords({ entity, fields, cost, growth }: Remedy): string {
  const index = `[${fields.map((field) => `'${field}'`).join(', ')}]`
  return `add ${index} to the indexes of ${entity} (${growth === 'flat' ? `then flat, ${cost.toFixed(1)}` : 'then it depends'})`
}

function refusedLines({ refused }: IndexProof, entity: string): readonly string[] {
  const labels = refused.filter((one) => one.entity === entity).map(({ label }) => label.replace(/^list /, ''))
  return labels.length === 0 ? [] : [`    refused, with the index to add: ${labels.join('; ')}`]
}
