/**
 * SQL as a value. Only this file makes one, so a bare string can never reach the database as code: names go through
 * `ident`, request values through `slot`, and a template accepts nothing else.
 */

import { unreachable } from './unreachable.ts'

declare const brand: unique symbol

/** A piece of SQL: fixed text, quoted names and parameter slots. Immutable. */
export interface Sql {
  readonly [brand]: 'sql'
  readonly parts: readonly SqlPart[]
}

export type SqlPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'slot'; readonly key: string; readonly type: string }
  | { readonly kind: 'calls' }
  | { readonly kind: 'among-calls'; readonly text: string }

/** A parameter of a rendered statement: which value of the call fills it, and its PostgreSQL type. */
export interface Slot {
  readonly key: string
  readonly type: string
}

const made = new WeakSet<object>()

function make(parts: readonly SqlPart[]): Sql {
  const value = Object.freeze({ parts }) as unknown as Sql
  made.add(value)
  return value
}

/**
 * Template tag. Fixed text becomes SQL as written; every `${}` must itself be an `Sql`.
 *
 * @throws TypeError when a slot holds anything but `Sql` (the message names the slot).
 */
export function sql(strings: TemplateStringsArray, ...values: readonly Sql[]): Sql {
  const parts: SqlPart[] = []
  strings.forEach((text, i) => {
    if (text !== '') parts.push({ kind: 'text', text })
    if (i >= values.length) return
    const value = values[i]
    if (value === undefined || !made.has(value)) throw new TypeError(`slot ${i} is not Sql; wrap it in slot(), literal() or ident()`)
    parts.push(...value.parts)
  })
  return make(parts)
}

/** Nothing at all; the neutral element of concatenation. */
export const empty: Sql = make([])

/**
 * A quoted identifier, or several joined by dots (`ident('plinth', 'sessions')`). Quotes inside a name are doubled.
 *
 * @throws TypeError for an empty name or one with a NUL, which PostgreSQL cannot hold.
 */
export function ident(...names: readonly string[]): Sql {
  const quoted = names.map((name) => {
    if (name === '' || name.includes('\u0000')) throw new TypeError('a name must not be empty or hold NUL')
    return `"${name.replaceAll('"', '""')}"`
  })
  return make([{ kind: 'text', text: quoted.join('.') }])
}

/**
 * A string constant, quoted per the SQL standard; with a backslash inside, in PostgreSQL's `E''` form so that it reads the same under
 * any `standard_conforming_strings`. For values of the *design* (choice values, JSON keys); values of a *request* are slots.
 *
 * @throws TypeError when it holds NUL.
 */
export function literal(value: string): Sql {
  if (value.includes('\u0000')) throw new TypeError('a text must not hold NUL')
  const body = value.replaceAll("'", "''")
  return make([{ kind: 'text', text: body.includes('\\') ? `E'${body.replaceAll('\\', '\\\\')}'` : `'${body}'` }])
}

/** A numeric constant of the design. @throws TypeError unless finite. */
export function number(value: number | bigint): Sql {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('a number must be finite')
  const text = String(value)
  return make([{ kind: 'text', text: text.startsWith('-') ? `(${text})` : text }])
}

/** A parameter: the value that a call supplies under `key`, of the PostgreSQL type `type` (`uuid`, `text[]`, `numeric(10,2)`). The same key is the same parameter. */
export function slot(key: string, type: string): Sql {
  assertType(type)
  return make([{ kind: 'slot', key, type }])
}

/**
 * The calls that one statement answers, as the body of a common table expression named `call`: one row a call, `ord` from 1. Wherever a slot stands,
 * `call` must be in scope, because a statement that answers many calls reads its parameters from there.
 */
export const calls: Sql = make([{ kind: 'calls' }])

/**
 * ` skip locked`, where a statement answers many calls at once; nothing where it answers one. Together they wait for no lock that another transaction has on
 * one row: whose row is left out goes again alone.
 */
export const skipLockedAmongCalls: Sql = make([{ kind: 'among-calls', text: ' skip locked' }])

/** A PostgreSQL type name as SQL, from the closed spelling that the facts tables use. @throws TypeError for anything else. */
export function typeName(type: string): Sql {
  assertType(type)
  return make([{ kind: 'text', text: type }])
}

const TYPE_NAME = /^[a-z][a-z0-9_ ]*(\(\d+(,\d+)?\))?( (with|without) time zone)?(\[\])?$/

function assertType(type: string): void {
  if (!TYPE_NAME.test(type)) throw new TypeError(`not a type name: ${type}`)
}

/** Joins pieces with a separator; `whenEmpty` is required because a lost condition must never compile to nothing. */
export function join(pieces: readonly Sql[], separator: ' and ' | ' or ' | ', ' | '\n' | ' union all ' | ' || ', whenEmpty: Sql): Sql {
  if (pieces.length === 0) return whenEmpty
  const parts: SqlPart[] = []
  pieces.forEach((piece, i) => {
    if (i > 0) parts.push({ kind: 'text', text: separator })
    parts.push(...piece.parts)
  })
  return make(parts)
}

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
