/** SQL as text: one spelling for one call, another for many calls at once. */

import type { Slot, Sql } from './sql.ts'
import { unreachable } from './unreachable.ts'

/** Text and parameters as the driver takes them. */
export interface Rendered {
  readonly text: string
  readonly slots: readonly Slot[]
}

/**
 * Renders for one call: parameters are `$1, $2, …` in order of first use, each cast where it stands, so PostgreSQL never guesses a type.
 *
 * @throws TypeError when one key is used with two types.
 */
export function render(value: Sql): Rendered {
  const slots = slotsOf(value)
  const index = new Map(slots.map((slot, i) => [slot.key, i + 1]))
  const slotText = (slot: Slot) => `$${index.get(slot.key)}::${slot.type}`
  return { text: spell(value, { slotText, callsText: 'select 1 as ord', among: false }), slots }
}

/**
 * Renders for many calls at once: each parameter is a text array with one item a call, and a slot is a column of `call`.
 *
 * @throws TypeError when one key is used with two types.
 */
export function renderCalls(value: Sql): Rendered {
  const slots = slotsOf(value)
  const index = new Map(slots.map((slot, i) => [slot.key, i + 1]))
  const source = `select * from unnest(${slots.map((_, i) => `$${i + 1}::text[]`).join(', ')}) with ordinality as c(${[...slots.map((_, i) => `p${i + 1}`), 'ord'].join(', ')})`
  const slotText = (slot: Slot) => `call.p${index.get(slot.key)}::${slot.type}`
  return { text: spell(value, { slotText, callsText: source, among: true }), slots }
}

function slotsOf(value: Sql): readonly Slot[] {
  const slots = new Map<string, Slot>()
  for (const part of value.parts) {
    if (part.kind !== 'slot') continue
    const known = slots.get(part.key)
    if (known === undefined) slots.set(part.key, { key: part.key, type: part.type })
    else if (known.type !== part.type) throw new TypeError(`slot ${part.key} is used as ${known.type} and as ${part.type}`)
  }
  return [...slots.values()]
}

interface Spelling {
  readonly slotText: (slot: Slot) => string
  readonly callsText: string
  /** Whether the statement answers many calls. */
  readonly among: boolean
}

function spell(value: Sql, { slotText, callsText, among }: Spelling): string {
  let text = ''
  for (const part of value.parts) {
    switch (part.kind) {
      case 'text':
        text += part.text
        break
      case 'slot':
        text += slotText(part)
        break
      case 'calls':
        text += callsText
        break
      case 'among-calls':
        if (among) text += part.text
        break
      default:
        unreachable(part)
    }
  }
  return text
}
