/**
 * Encrypts the values of encrypted fields on their way to the database, and decrypts them in its answers. Everything above works with clear
 * text: rules of values, hooks, code and answers. Statements, their parameters and the log of PostgreSQL have none.
 *
 * Slots say which values are encrypted (`sealedSlot`), and results have encrypted values between marks of the process (`sealedJson`). The
 * executor refuses a statement with such slots whose values did not pass here.
 */

import { failure } from '../../base/failure.ts'
import { memo } from '../../base/memo.ts'
import { MARK_OF_PROCESS, type Rendered } from '../../base/sql/render.ts'
import type { SqlPart } from '../../base/sql/sql.ts'
import { asSealed, type Row, type Runner, type Statement, type Value, type Values } from '../../base/sql/statement.ts'
import { arrayItems, arrayLiteral } from '../../compile/values/encode.ts'
import type { Executor, PooledRunner } from '../../postgres/executor/execute.ts'
import type { FieldCipher } from './sealed-fields.ts'

/** The same executor for statements with encrypted values. */
export function sealingExecutor(executor: Executor, cipher: FieldCipher): Executor {
  const { run } = sealingRunner({ ...executor, run: executor.runReserved }, cipher)
  return {
    ...executor,
    ...sealingRunner(executor, cipher),
    forClient: (client) => sealingRunner(executor.forClient(client), cipher),
    runReserved: run,
  }
}

function sealingRunner(runner: PooledRunner, cipher: FieldCipher): PooledRunner {
  const sealing: Runner = {
    async run(statement, values) {
      const { slots, marks } = sealingOf(statement)
      const result = await runner.run(statement, slots.length === 0 ? values : sealed(slots, values, cipher))
      // A statement with marks has no reader, so its result is rows as text.
      return marks ? (revealed(result as readonly Row[], cipher) as typeof result) : result
    },
    async runAll(statement, batch) {
      const { slots, marks } = sealingOf(statement)
      const rows = await runner.runAll(statement, slots.length === 0 ? batch : batch.map((values) => sealed(slots, values, cipher)))
      return marks ? revealed(rows, cipher) : rows
    },
    async runInOrder(statements, values) {
      const all = statements.map(sealingOf)
      const slots = all.flatMap((one) => one.slots)
      const results = await runner.runInOrder(statements, slots.length === 0 ? values : sealed(slots, values, cipher))
      return results.map((rows, i) => (all[i]?.marks === true ? revealed(rows, cipher) : rows))
    },
    transaction: (work, options) => runner.transaction((within) => work(sealingRunner(within, cipher)), options),
  }
  return sealing
}

type Parameter = Rendered['slots'][number]

interface SealedParts {
  /** The slots whose values are encrypted or replaced by digests. */
  readonly slots: readonly Parameter[]
  /** Whether results have encrypted values. */
  readonly marks: boolean
}

const sealingOf = memo(({ sql, short, before }: Statement<unknown>): SealedParts => {
  const parts = [...sql.parts, ...(short?.parts ?? [])].flatMap(withInner)
  const first = before === undefined ? [] : sealingOf(before).slots
  const slots = new Map([...first, ...parts.filter((part) => part.kind === 'slot')].map((slot) => [slot.key, slot]))
  return { slots: [...slots.values()].filter((slot) => slot.sealed !== undefined), marks: parts.some(({ kind }) => kind === 'mark') }
})

function withInner(part: SqlPart): readonly SqlPart[] {
  return part.kind === 'shared' ? [...part.key.parts, ...part.body.parts].flatMap(withInner) : [part]
}

function sealed(slots: readonly Parameter[], values: Values, cipher: FieldCipher): Values {
  const sent: Record<string, Value> = { ...values }
  for (const slot of slots) sent[slot.key] = sealedValue(slot, values, cipher)
  return asSealed(sent)
}

function sealedValue({ key, sealed: how }: Parameter, values: Values, cipher: FieldCipher): Value {
  const value = values[key] ?? null
  if (value === null || how === undefined) return value
  if (how.by === 'digests') return arrayLiteral(arrayItems(String(value)).flatMap((item) => digestsOf(item, cipher)))
  const row = how.row === null ? null : (values[how.row] ?? null)
  return cipher.seal(String(value), { context: how.context, row: row === null ? null : String(row) })
}

/** The digests of an item `Customer.phone`, a line break, and the value: `readFilterValue` writes it. */
function digestsOf(item: string, cipher: FieldCipher): readonly string[] {
  const end = item.indexOf('\n')
  return cipher.digests(item.slice(end + 1), item.slice(0, end))
}

const SEALED = new RegExp(`\\u0002${MARK_OF_PROCESS}([^\\u0002]*)\\u0002([^\\u0002]*)\\u0002("[^\\u0003]*")\\u0003`, 'g')

function revealed(rows: readonly Row[], cipher: FieldCipher): readonly Row[] {
  return rows.map((row) => row.map((text) => (text?.includes('\u0002') === true ? clearOf(text, cipher) : text)))
}

/** The text with clear values in place of encrypted ones. @throws Failure `value_unreadable`. */
function clearOf(text: string, cipher: FieldCipher): string {
  return text.replace(SEALED, (_, context: string, row: string, json: string) => {
    const opened = cipher.open(JSON.parse(json) as string, { context, row })
    if (!opened.ok) throw failure('value_unreadable', { what: context }, `${context} of ${row}: ${opened.why}`)
    return JSON.stringify(opened.clear)
  })
}
