/**
 * Counts the included rows of an answer, and their bytes, while PostgreSQL makes it. The count is a setting that ends with the transaction
 * (`set_config(…, true)`), so a statement stops at the first list that exceeds a limit. A bound computed from full lists would be far above
 * the actual size.
 */

import { LIMITS } from '../../base/limits.ts'
import { literal, numberLiteral, type Sql, slot, sql, timesAmongCalls } from '../../base/sql/sql.ts'
import { MAX_ANSWER_BYTES, type Statement, TOO_MANY_BYTES, TOO_MANY_ROWS } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { ConnectionPlan, Include, Output } from './plan.ts'

const COUNTER = literal('plinth.answer')

/** One number holds both counts: rows above, bytes in the low 32 bits. */
const ROW = 2 ** 32

/** A nested list is counted again with each list around it, so the counted bytes may exceed those of an answer. */
const BYTES_UNDER_WAY = 4 * MAX_ANSWER_BYTES

/** A list that is to be counted: its text is never null and at most a gigabyte, the most that PostgreSQL puts into a text. */
export interface Counted {
  readonly text: Sql
  /** How many rows the list has. */
  readonly rows: Sql
  /** The `from …` clause of `text` and `rows`. */
  readonly from: Sql
}

/**
 * A merged statement counts rows that its calls share only once, for all of them together, so it may count this many times the limit. At
 * the end of each call, the limit of one call applies (`restartCount`).
 */
const AMONG_CALLS = 16

const COUNT = sql`coalesce(nullif(current_setting(${COUNTER}, true), ''), '0')::bigint`

function refuse(setting: typeof TOO_MANY_ROWS | typeof TOO_MANY_BYTES): Sql {
  return sql`current_setting(${literal(setting)})`
}

/** The text of a list, as a scalar query. The statement fails at the first list that exceeds a limit of rows or bytes. */
export function countedList({ text, rows, from }: Counted, weight: number): Sql {
  const many = timesAmongCalls(AMONG_CALLS)
  const total = sql`${COUNT} + listed.n * ${numberLiteral(weight * ROW)}::bigint + octet_length(listed.j)`
  const counting = sql`select listed.j, set_config(${COUNTER}, (${total})::text, true)::bigint as total`
  const all = sql`${counting} from (select ${text} as j, ${rows} as n ${from}) listed`
  const tooManyRows = sql`counted.total >= ${numberLiteral((LIMITS.answerRows + 1) * ROW)}${many}`
  const tooManyBytes = sql`counted.total & ${numberLiteral(ROW - 1)} > ${numberLiteral(BYTES_UNDER_WAY)}`
  const checked = sql`case when ${tooManyRows} then ${refuse(TOO_MANY_ROWS)} when ${tooManyBytes} then ${refuse(TOO_MANY_BYTES)}`
  return sql`(select ${checked} else counted.j end from (${all}) counted)`
}

/** Whether the lists so far have fewer bytes than an answer may have. */
export const hasByteRoom: Sql = sql`${COUNT} & ${numberLiteral(ROW - 1)} < ${numberLiteral(MAX_ANSWER_BYTES)}`

/** Ends the count of a call, so that the next call of the same statement begins at zero. Always true; it fails for too many rows. */
export const restartCount: Sql = (() => {
  const fits = sql`${COUNT} < ${numberLiteral((LIMITS.answerRows + 1) * ROW)}`
  return sql`set_config(${COUNTER}, case when ${fits} then '0' else ${refuse(TOO_MANY_ROWS)} end, true) = '0'`
})()

const ROOM = literal('plinth.room')

/** Tells the statements of the same transaction how many bytes their answers may have: the slot `bytes`. */
export const answerRoomStatement: Statement = {
  name: 'answer-room',
  sql: sql`select set_config(${ROOM}, (${slot('bytes', 'bigint')})::text, true)`,
}

/** The JSON of an answer; null when it is too large to be sent. */
export function withinRoom(json: Sql): Sql {
  const room = sql`coalesce(nullif(current_setting(${ROOM}, true), ''), ${literal(String(MAX_ANSWER_BYTES))})::bigint`
  return sql`case when octet_length(${json}) <= ${room} then ${json} end`
}

const BODIES = literal('plinth.bodies')

/**
 * The JSON of a row, null where it is null. The statement fails when it is too large: alone, or together with all other rows that the same
 * transaction answers (`of-all`).
 */
export function boundedBody(json: Sql, limit: 'of-one' | 'of-all'): Sql {
  const before = sql`coalesce(nullif(current_setting(${BODIES}, true), ''), '0')::bigint`
  const own = sql`coalesce(octet_length(made.j), 0)`
  const total = limit === 'of-one' ? own : sql`set_config(${BODIES}, (${before} + ${own})::text, true)::bigint`
  const measured = sql`select made.j, ${total} as total from (select ${json} as j offset 0) made offset 0`
  const fits = sql`body.total <= ${numberLiteral(MAX_ANSWER_BYTES)}`
  return sql`(select case when ${fits} then body.j else ${refuse(TOO_MANY_BYTES)} end from (${measured}) body)`
}

const ITEMS = literal('plinth.items')

/**
 * The JSON of an item of a list in the answer of an action. The statement fails at the first item that exceeds the bytes of an answer. The
 * place of the item is part of the query; otherwise PostgreSQL would count items that are all equal only once.
 */
export function countedItem(json: Sql, place: Sql): Sql {
  const before = sql`coalesce(nullif(current_setting(${ITEMS}, true), ''), '0')::bigint`
  const total = sql`set_config(${ITEMS}, (${before} + coalesce(octet_length(made.j), 0) + 0 * made.place)::text, true)::bigint`
  const measured = sql`select made.j, ${total} as total from (select ${json} as j, ${place} as place offset 0) made offset 0`
  const fits = sql`item.total <= ${numberLiteral(BYTES_UNDER_WAY)}`
  return sql`(select case when ${fits} then item.j else ${refuse(TOO_MANY_BYTES)} end from (${measured}) item)`
}

/** The number of rows that each row of a list counts as: itself, and the rows that its shown references lead to. */
export function rowWeight(output: Output): number {
  let weight = 1
  for (const include of output.includes) if (include.kind === 'to-one') weight += rowWeight(include.output)
  for (const extra of output.extras ?? []) if (extra.kind === 'row') weight += rowWeight(extra.output) - 1
  return weight
}

/** The same for a page, which may show each row more than once; 0 when it shows none. */
export function pageWeight(connection: ConnectionPlan): number {
  return outputsOf(connection).reduce((sum, output) => sum + rowWeight(output), 0)
}

/** The outputs in which a page shows its rows. */
export function outputsOf({ members }: ConnectionPlan): readonly Output[] {
  return members.flatMap((member) => {
    switch (member.kind) {
      case 'nodes':
        return [member.output]
      case 'edges':
        return member.members.flatMap((inner) => (inner.kind === 'node' ? [inner.output] : []))
      case 'page-info':
      case 'total-count':
      case 'constant':
        return []
      default:
        return unreachable(member)
    }
  })
}

/** Whether an output shows more than the fields of its row. */
export function showsOtherRows({ includes, extras = [] }: Output): boolean {
  return includes.length > 0 || extras.some(({ kind }) => kind === 'row')
}

/** Whether an output has lists that are counted. */
export function hasLists({ includes, extras = [] }: Output): boolean {
  return includes.some(includesList) || extras.some((extra) => extra.kind === 'row' && hasLists(extra.output))
}

function includesList(include: Include): boolean {
  return include.kind !== 'to-one' || hasLists(include.output)
}
