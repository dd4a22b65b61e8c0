/**
 * SQL as a value. Only this file makes one, so a bare string can never reach the database as code: names go through
 * `ident`, request values through `slot`, and a template accepts nothing else.
 */

declare const brand: unique symbol

/** A piece of SQL: fixed text, quoted names and parameter slots. Immutable. */
export interface Sql {
  readonly [brand]: 'sql'
  readonly parts: readonly SqlPart[]
}

/** A piece of SQL: fixed text, a slot for a value of the call, or a place that depends on how many calls are rendered. */
export type SqlPart =
  | { readonly kind: 'text'; readonly text: string }
  | ({ readonly kind: 'slot' } & Slot)
  | { readonly kind: 'mark' }
  | { readonly kind: 'calls' }
  | { readonly kind: 'among-calls'; readonly text: string }
  | { readonly kind: 'key' }
  | { readonly kind: 'shared'; readonly key: Sql; readonly type: KeyType; readonly body: Sql }

/** The types whose texts hold no character that would have to be escaped. */
export type KeyType = 'uuid' | 'bigint'

/** A parameter of a rendered statement: which value of the call fills it, and its PostgreSQL type. */
export interface Slot {
  readonly key: string
  readonly type: string
  /** What must be done with the value before the database gets it; absent for a value that it may read. */
  readonly sealed?: Sealed
}

/**
 * A value that the database may not read. `cipher`: it is encrypted for a field of a row, whose id is the value of the slot `row` (null
 * where the database makes the id). `digests`: the keyed
 * digests of each text of the list are sent.
 */
export type Sealed = { readonly by: 'cipher'; readonly context: string; readonly row: string | null } | { readonly by: 'digests' }

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

/** SQL without text; the neutral element of concatenation. */
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
export function numberLiteral(value: number | bigint): Sql {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('a number must be finite')
  const text = String(value)
  return make([{ kind: 'text', text: text.startsWith('-') ? `(${text})` : text }])
}

/**
 * A parameter: the value that a call supplies under `key`, of the PostgreSQL type `type` (`uuid`, `text[]`, `numeric(10,2)`). The
 * same key is the same parameter.
 */
export function slot(key: string, type: string): Sql {
  assertType(type)
  return make([{ kind: 'slot', key, type }])
}

/** A parameter whose value is encrypted, or replaced by its digests, before it is sent. */
export function sealedSlot(key: string, type: string, sealed: Sealed): Sql {
  assertType(type)
  return make([{ kind: 'slot', key, type, sealed }])
}

/** A text constant that only this process knows (`MARK_OF_PROCESS`). What it marks in a result, no value of a row can imitate. */
export const processMark: Sql = make([{ kind: 'mark' }])

/**
 * The calls that one statement answers, as the body of a common table expression named `call`: one row per call, `ord` from 1. `call` must
 * be in scope at every slot, because a statement that answers many calls reads its parameters from there.
 */
export const calls: Sql = make([{ kind: 'calls' }])

/**
 * ` skip locked` in a statement that answers many calls at once; no text in a statement for one call. So a merged statement does not wait
 * for a row that another transaction has locked: the call of that row is run again singly.
 */
export const skipLockedAmongCalls: Sql = make([{ kind: 'among-calls', text: ' skip locked' }])

/** ` * factor`, where a statement answers many calls at once; nothing where it answers one. @throws TypeError unless finite. */
export function timesAmongCalls(factor: number): Sql {
  if (!Number.isFinite(factor)) throw new TypeError('a number must be finite')
  return make([{ kind: 'among-calls', text: ` * ${factor}` }])
}

const KEY: Sql = make([{ kind: 'key' }])

/**
 * An expression of type `text`, never null, that depends only on the column `key`, which is never null. A statement for many calls
 * evaluates it once for each key, however many calls show it. An expression that reads a parameter differs between calls, so it is
 * evaluated for each call.
 */
export function sharedAmongCalls(key: Sql, type: KeyType, of: (key: Sql) => Sql): Sql {
  const body = of(KEY)
  const isShared = !body.parts.some((part) => part.kind === 'slot')
  return isShared
    ? make([{ kind: 'shared', key, type, body }])
    : make(body.parts.flatMap((part) => (part.kind === 'key' ? key.parts : [part])))
}

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
export function join(
  pieces: readonly Sql[],
  separator: ' and ' | ' or ' | ', ' | '\n' | ' union all ' | ' || ' | ' + ' | '',
  whenEmpty: Sql,
): Sql {
  if (pieces.length === 0) return whenEmpty
  const parts: SqlPart[] = []
  pieces.forEach((piece, i) => {
    if (i > 0) parts.push({ kind: 'text', text: separator })
    parts.push(...piece.parts)
  })
  return make(parts)
}

/** The same piece with other SQL in place of some of its slots. @param by gives the SQL; null keeps the slot */
export function replaceSlots(of: Sql, by: (slot: Slot) => Sql | null): Sql {
  const parts = of.parts.flatMap((part): readonly SqlPart[] => {
    if (part.kind === 'slot') return by(part)?.parts ?? [part]
    return part.kind === 'shared' ? [{ ...part, key: replaceSlots(part.key, by), body: replaceSlots(part.body, by) }] : [part]
  })
  return make(parts)
}
