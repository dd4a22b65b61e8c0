/** The code of random designs: scripts as data. A function carries them out on the server, and the reference carries them out in memory. */

import { problem } from '../../../src/base/problem.ts'
import type { PlainRow } from '../../../src/verify/oracle/oracle-rows.ts'
import type { PlainValue } from '../../../src/verify/oracle/oracle-values.ts'

export type Right = 'caller' | 'system'

/** A change of a field: a value, or an amount that is added. */
export type ScriptChange = PlainValue | { readonly increment: number }

/** A part of a script. */
export type ScriptOp =
  /** Writes down the text, the label of the row and how many entries there were before. */
  | { readonly op: 'journal'; readonly as: Right; readonly text: string }
  /** Changes the row to which a reference leads, as system. */
  | { readonly op: 'touch'; readonly via: string; readonly to: string; readonly changes: Readonly<Record<string, ScriptChange>> }
  /** Refuses a value of a field. */
  | { readonly op: 'refuse'; readonly field: string; readonly is: PlainValue; readonly code: string }
  /** Refuses when there are more rows. */
  | { readonly op: 'limit'; readonly as: Right; readonly entity: string; readonly most: number; readonly code: string }
  /** Counts rows and adds up a field of them, for the answer of an action. */
  | { readonly op: 'sum'; readonly as: Right; readonly entity: string; readonly field: string | null }

/** A value that a hook sets. `same` is the value that the hook got, `plus` is added to it. */
export type ScriptValue =
  | { readonly kind: 'value'; readonly value: PlainValue }
  | { readonly kind: 'plus'; readonly amount: number }
  | { readonly kind: 'same' }

/** What code does, in order, and the values that it returns. */
export interface Script {
  /** Whether the script is about the row as it is now, and not about the row with the values that are written. */
  readonly isAfter: boolean
  readonly ops: readonly ScriptOp[]
  /** The values that a hook sets; null for code that returns none. */
  readonly sets: Readonly<Record<string, ScriptValue>> | null
}

/** The entity of the entries that scripts make. Its rows are compared without their ids. */
export const JOURNAL = 'Journal'

/** Who may make entries. */
export const JOURNAL_CREATE = 'auth.id != null'

/** The names and values that a script is about. An amount is as it was sent. */
export type Subject = Readonly<Record<string, unknown>>

/** The subject of a script. */
export function subjectOf({ isAfter }: Script, input: Subject, row: Subject | null): Subject {
  return isAfter ? { ...row } : { ...row, ...input }
}

/** The text by which entries name a row. */
export function labelIn({ title, name }: Subject): string {
  return String(title ?? name ?? 'none')
}

/** The values that a script returns, about a subject. */
export function returnedBy({ sets }: Script, subject: Subject): PlainRow | undefined {
  if (sets === null) return undefined
  return Object.fromEntries(
    Object.entries(sets).map(([field, set]): readonly [string, PlainValue] => {
      const now = (subject[field] ?? null) as PlainValue
      if (set.kind === 'value') return [field, set.value]
      return [field, set.kind === 'same' ? now : (typeof now === 'number' ? now : 0) + set.amount]
    }),
  )
}

/** The sums of an action of code. */
export interface Sums {
  readonly n: number
  readonly sum: number
}

interface Table {
  count(): Promise<number>
  list(options: object): Promise<readonly Subject[]>
  create(values: object): Promise<unknown>
  update(id: unknown, changes: object): Promise<unknown>
}

type Tables = { readonly [entity: string]: Table } & { readonly system: { readonly [entity: string]: Table } }

interface Context {
  readonly db: Tables
  readonly input?: Subject
  readonly row?: Subject
}

/** A function that carries out a script. */
export interface ScriptedCode {
  (context: Context): Promise<unknown>
  readonly script: Script
}

function tableOf({ db }: Context, as: Right, entity: string): Table {
  const table = (as === 'system' ? db.system : db)[entity]
  if (table === undefined) throw new Error(`no table ${entity}`)
  return table
}

/** The function of a script, for a hook. */
export function hookOf(script: Script): ScriptedCode {
  const code = async (context: Context): Promise<unknown> => {
    const subject = subjectOf(script, context.input ?? {}, context.row ?? null)
    for (const op of script.ops) await carryOut(op, context, subject)
    return returnedBy(script, subject)
  }
  return Object.assign(code, { script })
}

/** The function of a script, for an action. It answers how many rows and which sum its parts have found. */
export function actionCodeOf(script: Script): ScriptedCode {
  const code = async (context: Context): Promise<Sums> => {
    const subject = subjectOf(script, context.input ?? {}, context.row ?? null)
    const found: Sums[] = []
    for (const op of script.ops) found.push(await carryOut(op, context, subject))
    return together(found)
  }
  return Object.assign(code, { script })
}

/** The most rows that a script lists. */
export const MOST_LISTED = 500

const NONE: Sums = { n: 0, sum: 0 }

/** The sums of several parts. */
export function together(found: readonly Sums[]): Sums {
  return found.reduce((all, one) => ({ n: all.n + one.n, sum: all.sum + one.sum }), NONE)
}

/** Adds up a field of rows; a missing value counts as 0. */
export function sumOf(rows: readonly Subject[], field: string | null): Sums {
  return { n: rows.length, sum: rows.reduce((sum, row) => sum + (field === null ? 0 : Number(row[field] ?? 0)), 0) }
}

async function carryOut(op: ScriptOp, context: Context, subject: Subject): Promise<Sums> {
  switch (op.op) {
    case 'journal': {
      const journal = tableOf(context, op.as, JOURNAL)
      await journal.create({ text: `${op.text} ${labelIn(subject)}`, nth: await journal.count() })
      return NONE
    }
    case 'touch':
      if ((subject[op.via] ?? null) !== null) await tableOf(context, 'system', op.to).update(subject[op.via], op.changes)
      return NONE
    case 'refuse':
      if (subject[op.field] === op.is) throw problem(op.code)
      return NONE
    case 'limit':
      if ((await tableOf(context, op.as, op.entity).count()) > op.most) throw problem(op.code)
      return NONE
    case 'sum':
      return sumOf(await tableOf(context, op.as, op.entity).list({ limit: MOST_LISTED }), op.field)
  }
}
