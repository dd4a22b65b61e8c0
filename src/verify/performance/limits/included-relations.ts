/** Limits by included relations: what related rows cost, now and with more of them. Pure. */

import { LIMITS } from '../../../base/limits.ts'
import type { ResourceLimit } from '../performance-report.ts'
import { type FoundLimit, type MeasuredLimits, meanOf, type WeighedOperation } from './measured-limits.ts'

/** An included relation is the cause of a limit if requests with it need at least so many times what the others need … */
const DEARER = 2
/** … and the limit would come later without it, by this factor at least. */
const MOVED = 1.1
/** An included relation may have as many rows for each row. */
const MOST_RELATED = LIMITS.pageSizeMax

/** What a request of an operation needs of a resource, in milliseconds. */
export type NeedOf = (operation: WeighedOperation) => number | null

/** Why a resource ends, if most of it is used for a relation: the operation that needs most beside the same one without the relation. */
export function relationCause({ operations }: MeasuredLimits, needOf: NeedOf, of: string): FoundLimit['cause'] {
  const seen = meanOf(operations, needOf)
  if (seen === null) return null
  const { operation, part } = seen.most
  const plain = operations.find(({ id }) => id === operation.without)
  const [own, bare] = [needOf(operation), plain === undefined ? null : needOf(plain)]
  if (plain === undefined || own === null || bare === null || own < DEARER * bare) return null
  // All operations together, if these requests needed as little as those without the relation.
  if (1 / (1 - part + (part * bare) / own) < MOVED) return null
  return {
    resource: 'an included relation',
    where: operation.what,
    why: `a request with it needs ${digits(own)} ms of ${of}, and one without it ${digits(bare)} ms${sizeText(operation, plain)}; it is ${percent(part)} of the load`,
    change: `a page of its own for the related rows, or fewer of their fields (fields[…]); an answer has up to ${MOST_RELATED} of them for each row`,
  }
}

/**
 * What comes with more related rows: each costs as much as one of those that are there, up to as many as an answer may have. Only relations
 * that one serving process can answer now, and could not then.
 */
export function relationLimits({ operations, expected, rows }: MeasuredLimits): readonly ResourceLimit[] {
  const weights = operations.reduce((sum, { weight }) => sum + weight, 0)
  const all = meanOf(operations, ({ cost }) => cost.serverMs)
  return operations.flatMap((operation) => {
    const plain = operations.find(({ id }) => id === operation.without)
    const [own, bare] = [operation.cost.serverMs, plain?.cost.serverMs ?? null]
    const related = plain === undefined ? null : relatedRows(operation, plain)
    if (all === null || own === null || bare === null || related === null || related <= 0 || own <= bare) return []
    // With m times the related rows, a request of all costs all.mean + (m - 1) × added.
    const added = ((own - bare) * operation.weight) / weights
    const times = 1 + (1_000 / expected.perSecond - all.mean) / added
    if (times <= 1 || times > MOST_RELATED / related) return []
    return [
      {
        ...{ resource: 'an included relation', axis: 'rows', where: operation.what, basis: 'extrapolated', isProven: true },
        ...{ at: digits(times * (rows.get(operation.relation ?? '') ?? 0)), unit: 'rows', times: digits(times) },
        why: `an answer has ${digits(related)} related rows of up to ${MOST_RELATED}, and ${kilobytes(operation.cost.bytes)}; with ${digits(times)} times as many, ${Math.round(expected.perSecond).toLocaleString('en')} requests a second take all of one serving process`,
        change: 'a page of its own for the related rows, or fewer of their fields (fields[…])',
      } as const,
    ]
  })
}

function relatedRows({ cost }: WeighedOperation, plain: WeighedOperation): number | null {
  return cost.answerRows === null || plain.cost.answerRows === null ? null : cost.answerRows - plain.cost.answerRows
}

/** `, reads 211 rows and answers 100 kB with 101 rows (without it 10 rows and 0.2 kB)`. */
function sizeText({ cost }: WeighedOperation, plain: WeighedOperation): string {
  if (cost.rowsRead === null || cost.bytes === null || cost.answerRows === null) return ''
  return `; it reads ${cost.rowsRead} rows and answers ${cost.answerRows} in ${kilobytes(cost.bytes)} (without it ${plain.cost.rowsRead ?? 'unknown'} and ${kilobytes(plain.cost.bytes)})`
}

function kilobytes(bytes: number | null): string {
  return bytes === null ? 'unknown bytes' : `${digits(bytes / 1_000)} kB`
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`
}

function digits(value: number): number {
  return Number(value.toPrecision(3))
}
