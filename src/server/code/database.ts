/** The `db` of code. Its calls are planned and run like those of requests, in the transaction of the code, with the rules of its caller. */

import { Failure, invalid } from '../../base/failure.ts'
import { memo } from '../../base/memo.ts'
import { viewOf } from '../../compile/rules/view.ts'
import { withoutRules } from '../../compile/rules/without-rules.ts'
import type { WrittenRow } from '../../compile/statements/row-columns.ts'
import type { Caller } from '../../model/caller.ts'
import { type Entity, fieldNamed } from '../../model/model.ts'
import type { ReadIntent, WriteIntent } from '../plan/intent.ts'
import { EVERYTHING } from '../plan/intent.ts'
import { openPlanContext } from '../plan/plan-context.ts'
import type { PlanContext } from '../plan/planning.ts'
import { type Found, prepareRead, runRead } from '../read/read.ts'
import { tooManyBytes } from '../run/answer-size.ts'
import type { Stack } from '../run/stack.ts'
import { prepareWrite } from '../write/prepare-write.ts'
import type { CodeCalls } from './code-calls.ts'
import { countIntentOf, getSelectionOf, listIntentOf, versionsOf } from './read-options.ts'

/** What the tables of one run of code need. */
export interface Calling {
  readonly stack: Stack
  readonly caller: Caller
  readonly calls: CodeCalls
  /** Whether the code may write. */
  readonly writes: boolean
}

/** The tables of the design by the names of entities; with `as: system` also `system`, the same tables without rules. */
export type CodeTables = Readonly<Record<string, unknown>>

/** Rows that one run of code may write. */
const MAX_ROWS = 10_000

/** Makes the tables. */
export function openTables({ stack, ...calling }: Calling, as: 'caller' | 'system'): CodeTables {
  const { journal: _, ruled = stack, ...rest } = stack
  const { model } = ruled
  const plain: Stack = { ...rest, model, context: ruled.context }
  const own = tablesOf({ ...calling, stack: plain })
  if (as === 'caller') return Object.freeze(own)
  const context = systemContext(ruled.context)
  // The hooks of a write as system have the rules of the caller again.
  const system = Object.freeze(
    tablesOf({ ...calling, stack: { ...plain, model: context.model, context, ruled: { model, context: ruled.context } } }),
  )
  return Object.freeze(Object.assign(own, { system }))
}

/** The planning context without rules that belongs to a context. */
export const systemContext = memo((context: PlanContext): PlanContext => {
  const { newId, columns, explainDenials, short } = context
  return openPlanContext(withoutRules(context.model), { newId, columns, explainDenials, short })
})

function tablesOf(calling: Calling): Record<string, unknown> {
  const tables: Record<string, unknown> = Object.create(null)
  for (const entity of calling.stack.model.entities) tables[entity.name] = Object.freeze(tableOf(calling, entity))
  return tables
}

function tableOf(calling: Calling, entity: Entity) {
  const read = (call: string, intent: () => ReadIntent): Promise<Found> => readRows(calling, { call: `${entity.name}.${call}`, intent })
  const write = (intent: () => WriteIntent): Promise<readonly WrittenRow[]> => writeRows(calling, intent)
  const many = async (options: unknown, most: 'one' | 'many'): Promise<readonly unknown[]> => {
    const found = await read(most === 'one' ? 'find' : 'list', () => listIntentOf(entity, options, most))
    return found.kind === 'page' ? (parsed(found.page.data) as readonly unknown[]) : []
  }
  return {
    async get(id: unknown, options?: unknown): Promise<unknown> {
      const intent = (): ReadIntent => ({ kind: 'get', entity, id: idText(id), selection: getSelectionOf(options) })
      const found = await read('get', intent).catch((error: unknown) => {
        if (error instanceof Failure && error.code === 'not_found') return null
        throw error
      })
      return found?.kind === 'row' ? parsed(found.row.body) : null
    },
    find: async (options?: unknown) => (await many(options, 'one'))[0] ?? null,
    list: (options?: unknown) => many(options, 'many'),
    async count(options?: unknown): Promise<number> {
      const found = await read('count', () => countIntentOf(entity, options))
      return found.kind === 'page' ? Number(found.page.count) : 0
    },
    async create(values: unknown): Promise<unknown> {
      const rows = await write(() => {
        requireTold(calling, entity)
        return { kind: 'create', entity, body: jsonOf(values), selection: EVERYTHING, returning: 'row' }
      })
      const made = rows.map((row) => rowOf(entity, row))
      return Array.isArray(values) ? made : made[0]
    },
    async update(id: unknown, changes: unknown, options?: unknown): Promise<unknown> {
      const [row] = await write(() => {
        const versions = versionsOf(options)
        return {
          kind: 'update',
          entity,
          id: idText(id),
          mode: 'patch',
          body: jsonOf(changes),
          versions,
          selection: EVERYTHING,
          returning: 'row',
        }
      })
      return row === undefined ? null : rowOf(entity, row)
    },
    async delete(id: unknown, options?: unknown): Promise<void> {
      await write(() => ({ kind: 'delete', entity, id: idText(id), versions: versionsOf(options) }))
    },
  }
}

interface ReadCall {
  /** For error messages, such as `Order.list`. */
  readonly call: string
  readonly intent: () => ReadIntent
}

/** Reads rows. A read that names what does not exist is a mistake of the code, not of the request. */
async function readRows({ stack, caller, calls }: Calling, { call, intent }: ReadCall): Promise<Found> {
  const at = new Error()
  return calls.inTurn(async () => {
    try {
      return await runRead(calls.runner.run, prepareRead(stack, caller, intent()))
    } catch (error) {
      if (!(error instanceof Failure) || error.status !== 400 || error.code === 'answer_too_large') throw error
      const wrong = new TypeError(`ctx.db.${call}: ${error.detail}`)
      wrong.stack = `${wrong.name}: ${wrong.message}\n${at.stack?.split('\n').slice(1).join('\n') ?? ''}`
      throw wrong
    }
  })
}

async function writeRows({ stack, caller, calls, writes }: Calling, intent: () => WriteIntent): Promise<readonly WrittenRow[]> {
  return calls.inTurn(async () => {
    try {
      if (!writes) throw new Error('an action with reads: true writes nothing')
      const write = await prepareWrite(stack, caller, intent())
      const { rows, after } = await write(calls.runner)
      calls.afterwards(after)
      if (calls.count(rows.length) > MAX_ROWS)
        throw invalid([{ pointer: '', rule: 'maxItems', message: `changes at most ${MAX_ROWS} rows`, limit: MAX_ROWS }])
      return rows
    } catch (error) {
      calls.refuse(error)
      throw error
    }
  })
}

/** @throws Error when the caller must not learn whether another account has the login, so that the create cannot return a row. */
function requireTold({ stack, caller }: Calling, entity: Entity): void {
  if (viewOf(stack.context.viewFor(caller).view, entity.name).hidesTakenLogin)
    throw new Error(`${entity.name}.create would tell the caller whether the login is taken: use ctx.db.system, or takenLogin: conflict`)
}

/** @throws Failure `answer_too_large` for rows that are too large together. */
function parsed(json: string | null): unknown {
  if (json === null) throw tooManyBytes()
  return JSON.parse(json)
}

/** A written row; its id alone when the caller may not read it. */
function rowOf(entity: Entity, { id, body }: WrittenRow): unknown {
  if (body !== null) return JSON.parse(body)
  const { type } = fieldNamed(entity, 'id')
  return { id: type.kind === 'scalar' && type.scalar === 'integer' ? Number(id) : id }
}

function idText(id: unknown): string {
  if (typeof id === 'string' || typeof id === 'number') return String(id)
  throw new TypeError('the id of a row is a text or a number')
}

/** The values as JSON: dates become texts, and what is undefined is left out. @throws TypeError for values that JSON does not have. */
function jsonOf(values: unknown): unknown {
  const text = JSON.stringify(values)
  if (text === undefined) throw new TypeError('the values of a row are an object')
  return JSON.parse(text)
}
