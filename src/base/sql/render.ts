/** Renders SQL as text, for one call or for many calls at once. */

import { unreachable } from '../unreachable.ts'
import type { Slot, Sql, SqlPart } from './sql.ts'
import { MAX_ANSWER_BYTES } from './statement.ts'

/** Text and parameters as the driver takes them. */
export interface Rendered {
  readonly text: string
  readonly slots: readonly Slot[]
  /** Whether a slot takes a value that must be encrypted first. */
  readonly sealed: boolean
}

/**
 * Renders for one call: parameters are `$1, $2, …` in order of first use. Each use has a cast, so PostgreSQL never guesses a type.
 *
 * @throws TypeError when one key is used with two types.
 */
export function render(value: Sql): Rendered {
  const { slots, index } = slotsOf(value)
  const slotText = (slot: Slot) => `$${index.get(slot.key)}::${slot.type}`
  return {
    text: spell(value, { slotText, callsText: 'select 1 as ord', among: false, sharedText: spellWhole }),
    slots,
    sealed: isSealed(slots),
  }
}

/**
 * Renders for many calls at once: each parameter is an array with one item per call, and a slot is a column of `call`.
 *
 * @throws TypeError when one key is used with two types.
 */
export function renderCalls(value: Sql): Rendered {
  const { slots, index } = slotsOf(value)
  return { text: spell(value, amongCalls(slots, index)), slots, sealed: isSealed(slots) }
}

/** A query for many calls at once. */
export interface RenderedEach extends Rendered {
  /**
   * Whether the rows end with two more columns, for shared texts. A row that holds only these two has a key and its shared text; the text
   * is null when all shared texts together are too large to be sent.
   */
  readonly shares: boolean
}

/** The character before and after the key of a shared text. No JSON contains this character. */
export const MARK = '\u0001'
const MARK_SQL = "E'\\x01'"

/**
 * The first character of a key is the number of a shared expression in the statement. Expressions beyond the last of these characters are
 * not shared.
 */
const PLACES = '0123456789abcdefghijklmnopqrstuvwxyz'

/**
 * Renders a query for one call so that it answers many calls. Each row begins with the `ord` of its call. A text that calls share is made
 * once. In the named columns, its key between two `MARK`s replaces it.
 *
 * @throws TypeError when one key is used with two types.
 */
export function renderEach(value: Sql, columns: readonly string[]): RenderedEach {
  const { slots, index } = slotsOf(value)
  const spelling = amongCalls(slots, index)
  const shared: Shared[] = []
  const sharedText = (part: Shared, outer: Spelling): string => {
    if (shared.length === PLACES.length || columns.length === 0) return spellWhole(part, outer)
    shared.push(part)
    return `(${MARK_SQL} || '${PLACES[shared.length - 1]}' || (${spell(part.key, outer)})::text || ${MARK_SQL})`
  }
  const each = `select call.ord, r.* from call cross join lateral (${spell(value, { ...spelling, sharedText })}) r`
  if (shared.length === 0) return { text: `with call as (${spelling.callsText}) ${each}`, slots, sealed: isSealed(slots), shares: false }
  // Two marks between two columns separate the marks of one column from those of the next.
  const all = columns.map((column) => `coalesce(a."${column}", '')`).join(` || ${MARK_SQL} || ${MARK_SQL} || `)
  const tokens = `select distinct t.token from "#answer" a cross join lateral string_to_table(${all}, ${MARK_SQL}) with ordinality t(token, place) where t.place % 2 = 0 and t.token <> ''`
  const whole = shared.map((part, i) => {
    const keyText = `substr("#shared".token, 2)::${part.type}`
    return `when '${PLACES[i]}' then ${spell(part.body, { ...spelling, keyText })}`
  })
  const pieces = `select "#shared".token, (case left("#shared".token, 1) ${whole.join(' ')} end) as piece from "#shared" offset 0`
  const bounded = `select p.token, (case when sum(octet_length(p.piece)) over () <= ${MAX_ANSWER_BYTES} then p.piece end) as piece, null::bigint as never from (${pieces}) p`
  // A full join on a condition that is never true keeps both kinds of rows, and the rows of answers keep all their columns.
  const text = `with call as (${spelling.callsText}), "#answer" as materialized (${each}), "#shared" as (${tokens}) select a.*, p.token, p.piece from "#answer" a full join (${bounded}) p on p.never = a.ord`
  return { text, slots, sealed: isSealed(slots), shares: true }
}

/** A random text, which tells the marks of this process from texts of rows. It never leaves the process and its database. */
export const MARK_OF_PROCESS = crypto.randomUUID().replaceAll('-', '')

interface Slots {
  readonly slots: readonly Slot[]
  /** The number of each slot's parameter, from 1. */
  readonly index: ReadonlyMap<string, number>
}

function isSealed(slots: readonly Slot[]): boolean {
  return slots.some(({ sealed }) => sealed !== undefined)
}

function slotsOf(value: Sql): Slots {
  const slots = new Map<string, Slot>()
  for (const part of value.parts) {
    if (part.kind !== 'slot') continue
    const known = slots.get(part.key)
    const { kind: _, ...slot } = part
    if (known === undefined) slots.set(part.key, slot)
    else if (known.type !== part.type) throw new TypeError(`slot ${part.key} is used as ${known.type} and as ${part.type}`)
    else if ((known.sealed === undefined) !== (part.sealed === undefined)) throw new TypeError(`slot ${part.key} is also sent unsealed`)
  }
  return { slots: [...slots.values()], index: new Map([...slots.keys()].map((key, i) => [key, i + 1])) }
}

type Shared = Extract<SqlPart, { kind: 'shared' }>

interface Spelling {
  readonly slotText: (slot: Slot) => string
  readonly callsText: string
  /** Whether the statement answers many calls. */
  readonly among: boolean
  readonly sharedText: (part: Shared, outer: Spelling) => string
  /** The key of the shared text that is being spelled. */
  readonly keyText?: string
}

function amongCalls(slots: readonly Slot[], index: ReadonlyMap<string, number>): Spelling {
  const columns = [...slots.map((_, i) => `p${i + 1}`), 'ord'].join(', ')
  return {
    slotText: (slot) => `call.p${index.get(slot.key)}::${slot.type}`,
    callsText: `select * from unnest(${slots.map(arrayOf).join(', ')}) with ordinality as c(${columns})`,
    among: true,
    sharedText: spellWhole,
  }
}

/**
 * The parameter with the values of a slot for all calls. It has the type of the slot, so that PostgreSQL reads each value once, not once
 * for each row. `unnest` would take arrays of arrays apart, so the values of a slot for arrays stay text.
 */
function arrayOf({ type }: Slot, i: number): string {
  return `$${i + 1}::${type.endsWith('[]') ? 'text' : type}[]`
}

/** Renders a shared text like any other text, without sharing. */
function spellWhole(part: Shared, outer: Spelling): string {
  return spell(part.body, { ...outer, sharedText: spellWhole, keyText: spell(part.key, outer) })
}

function spell(value: Sql, spelling: Spelling): string {
  let text = ''
  for (const part of value.parts) {
    switch (part.kind) {
      case 'text':
        text += part.text
        break
      case 'slot':
        text += spelling.slotText(part)
        break
      case 'mark':
        text += `'${MARK_OF_PROCESS}'`
        break
      case 'calls':
        text += spelling.callsText
        break
      case 'among-calls':
        if (spelling.among) text += part.text
        break
      case 'key':
        text += spelling.keyText
        break
      case 'shared':
        text += spelling.sharedText(part, spelling)
        break
      default:
        unreachable(part)
    }
  }
  return text
}
