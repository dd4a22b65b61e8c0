/**
 * Runs a write of an entity with hooks: row by row, each with its hooks before and after it, as if it had been sent alone. The order is:
 * lock the row and judge what is known of it, the hook before, the statement with all rules, the hook after. All of it is one transaction.
 */

import { Failure, failure } from '../../base/failure.ts'
import { sql } from '../../base/sql/sql.ts'
import type { Runner, Statement } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { MaybePromise } from '../../base/waiting/when-ready.ts'
import type { CreatePlan, DeletePlan, UpdatePlan, WritePlan } from '../../compile/statements/plan.ts'
import { readHeld, type WrittenRow } from '../../compile/statements/row-columns.ts'
import { heldRowStatement, hookedRowStatement } from '../../compile/statements/write/held-row.ts'
import type { Entity } from '../../model/model.ts'
import { HOOK_MOMENTS, hasHooksFor } from '../../model/model.ts'
import { type Batch, denied, idValue, type PlannedWrite } from '../plan/planning.ts'
import { explained } from '../run/database-failure.ts'
import { openDeferredChecks } from '../run/deferred-checks.ts'
import type { HookSubject, JsonRow } from '../run/hook-call.ts'
import type { Stack } from '../run/stack.ts'
import { changedFrom, hookInput, type Single, withChanges } from './hooked-values.ts'
import { isTaken } from './judge-write.ts'
import type { ReadyWrite } from './ready-write.ts'
import { readAgain, runBatch, underParents } from './run-batch.ts'

/** The maximum depth of hooks whose writes run further hooks. */
const MAX_DEPTH = 5

/** The rows of a write, and the work of its hooks for after the commit. */
export interface Executed {
  /** One per row of the request; see `isTaken` for a create that inserted nothing. */
  readonly rows: readonly WrittenRow[]
  readonly after: () => MaybePromise<void>
}

/** Whether hooks run in a write. */
export function isHooked({ plan, sequel }: PlannedWrite): boolean {
  return hasHooks(plan) || (sequel?.children.some((children) => hasHooks(children.plan)) ?? false)
}

function hasHooks({ entity, kind }: WritePlan): boolean {
  return hasHooksFor(entity.hooks, kind)
}

/** Failures that hooks have caused. An upsert does not take them for a missing row. */
const causedByHooks = new WeakSet<Failure>()

/** Whether the code of a hook has refused the write. */
export function isCausedByHook(error: Failure): boolean {
  return causedByHooks.has(error)
}

/** A write under way. */
interface Hooking {
  readonly stack: Stack
  readonly ready: ReadyWrite
  readonly runner: Runner
  /** The moment at which the transaction began. */
  readonly now: Date
  /** Adds work for after the commit. */
  readonly afterwards: (work: () => Promise<void>) => void
}

/**
 * Runs a write with its hooks in the transaction of a runner.
 *
 * @throws Failure when the rules, the database or a hook refuse the write.
 */
export async function executeHooked(stack: Stack, ready: ReadyWrite, runner: Runner): Promise<Executed> {
  const { planned } = ready
  const follow: (() => Promise<void>)[] = []
  // A hook may complete what the check of a row needs, so checks over relations are judged at the end.
  const deferred = stack.deferred ?? openDeferredChecks(stack.context.model)
  const own = { ...deeper(stack, planned.plan.entity), deferred }
  const hooking: Hooking = { stack: own, ready, runner, now: await beganAt(runner), afterwards: (work) => void follow.push(work) }
  const after = async (): Promise<void> => {
    for (const work of follow) await work()
  }
  const rows = await runHooked(hooking, planned)
  if (isTaken(planned, rows)) return { rows, after }
  const created = [rows]
  for (const children of planned.sequel?.children ?? []) {
    created.push(await runHooked(hooking, underParents(children, created[children.of] ?? [])))
  }
  if (stack.deferred === undefined) await deferred.judge(runner)
  const reading = planned.sequel?.reading ?? null
  return { rows: reading === null ? rows : await readAgain(stack, { prepared: reading, planned, rows }, runner), after }
}

/** The stack for the writes of the hooks of an entity. @throws Failure `internal_error` when hooks call one another without end. */
export function deeper(stack: Stack, { name }: Entity): Stack {
  const hookDepth = (stack.hookDepth ?? 0) + 1
  if (hookDepth <= MAX_DEPTH) return { ...stack, hookDepth }
  throw failure('internal_error', {}, `hooks of ${name} cause one another more than ${MAX_DEPTH} levels deep`)
}

async function runHooked(hooking: Hooking, batch: Batch<WritePlan>): Promise<readonly WrittenRow[]> {
  if (!hasHooks(batch.plan)) return write(hooking, batch)
  const rows: WrittenRow[] = []
  for (const [i, call] of batch.calls.entries()) {
    const single = { ...batch, calls: [call], pointers: batch.pointers.slice(i, i + 1) }
    rows.push(...(await runOne(hooking, single)))
  }
  return rows
}

/** Runs the statement of a batch. Its checks over relations are judged at the end of the write. */
function write({ stack, runner }: Hooking, batch: Batch<WritePlan>): Promise<readonly WrittenRow[]> {
  stack.deferred?.add(batch.guard?.judges ?? [])
  return runBatch(stack, batch, runner)
}

function runOne(hooking: Hooking, { plan, ...single }: Single): Promise<readonly WrittenRow[]> {
  switch (plan.kind) {
    case 'create':
      return createOne(hooking, { ...single, plan })
    case 'update':
      return updateOne(hooking, { ...single, plan })
    case 'delete':
      return deleteOne(hooking, { ...single, plan })
    default:
      return unreachable(plan)
  }
}

/** The beginning of the transaction, as an instant that JavaScript reads. */
const NOW: Statement = { name: 'now', sql: sql`select to_json(now() at time zone 'utc') #>> '{}' || 'Z'` }

/** The moment at which the transaction of a runner began. */
export async function beganAt(runner: Runner): Promise<Date> {
  const [[began = null] = []] = await explained(runner.run)(NOW, {})
  return new Date(began ?? '')
}

const SAVE: Statement = { name: 'save', sql: sql`savepoint "plinth hook"` }
const UNDO: Statement = { name: 'undo', sql: sql`rollback to savepoint "plinth hook"` }
const FORGET: Statement = { name: 'forget', sql: sql`release savepoint "plinth hook"` }

async function createOne(hooking: Hooking, single: Single<CreatePlan>): Promise<readonly WrittenRow[]> {
  const { runner, ready } = hooking
  const { plan } = single
  // Such a create may insert nothing and not fail. What the hook before it has written is then undone.
  const mayBeTaken = plan.unlessTaken === true || plan.hiddenLogin !== undefined
  if (mayBeTaken) await runner.run(SAVE, {})
  const input = hookInput(single, bodyOf(ready))
  const changes = await runHook(hooking, { plan, when: 'before' }, { input })
  const rows = await write(hooking, changes === null ? single : withChanges(hooking.stack.context, single, changes))
  const [{ id = null } = {}] = rows
  if (id !== null) await runHook(hooking, { plan, when: 'after' }, () => rowOf(hooking, plan.entity, id).then((row) => ({ input, row })))
  else if (mayBeTaken) await runner.run(UNDO, {})
  if (mayBeTaken) await runner.run(FORGET, {})
  return rows
}

async function updateOne(hooking: Hooking, single: Single<UpdatePlan>): Promise<readonly WrittenRow[]> {
  const { stack, ready } = hooking
  const { plan } = single
  // Nothing was sent, so nothing is written.
  if (plan.fields.length === 0) return write(hooking, single)
  const before = await hold(hooking, single)
  const input = hookInput(single, bodyOf(ready))
  const changes = await runHook(hooking, { plan, when: 'before' }, { input, row: before })
  const fresh = withoutVersions(single)
  const rows = await write(hooking, changes === null ? fresh : withChanges(stack.context, fresh, changes))
  const id = rows[0]?.id ?? null
  if (id !== null)
    await runHook(hooking, { plan, when: 'after' }, () => rowOf(hooking, plan.entity, id).then((row) => ({ input, row, before })))
  return rows
}

async function deleteOne(hooking: Hooking, single: Single<DeletePlan>): Promise<readonly WrittenRow[]> {
  const row = await hold(hooking, single)
  await runHook(hooking, { plan: single.plan, when: 'before' }, { row })
  const rows = await write(hooking, withoutVersions(single))
  await runHook(hooking, { plan: single.plan, when: 'after' }, { row })
  return rows
}

function bodyOf({ intent }: ReadyWrite): unknown {
  return intent.kind === 'delete' ? null : intent.body
}

/** The version was compared under the lock, and a hook may have changed the row since. */
function withoutVersions<P extends WritePlan>(single: Single<P>): Single<P> {
  return { ...single, calls: single.calls.map((call) => ({ ...call, versions: null })) }
}

/**
 * Locks the row of an update or a delete and gives it.
 *
 * @throws Failure `not_found`, `forbidden`, `stale_version`, in the order of a write without hooks.
 */
async function hold({ stack, runner }: Hooking, { plan, calls }: Single<UpdatePlan | DeletePlan>): Promise<JsonRow> {
  const { entity } = plan
  const [found] = await explained(runner.run)(heldRowStatement(stack.context.model, plan), calls[0] ?? {})
  const held = found === undefined ? null : readHeld(found)
  if (held === null || !held.readable) throw failure('not_found', { entity: entity.name })
  if (!held.allowed) throw denied(stack.context, entity, plan.kind)
  if (!held.fresh) throw failure('stale_version', { entity: entity.name })
  return JSON.parse(held.row)
}

/** The row of an id, as it is now. */
async function rowOf({ stack, runner }: Hooking, entity: Entity, id: string): Promise<JsonRow> {
  const [found] = await explained(runner.run)(hookedRowStatement(stack.context.model, entity), { id: idValue(entity, id) })
  return JSON.parse(found?.[0] ?? 'null')
}

interface Due {
  readonly plan: WritePlan
  readonly when: 'before' | 'after'
}

/** Runs the hook of a moment, if there is one. It gives the values that the hook sets; null for none. */
async function runHook(
  { stack, ready, runner, now, afterwards }: Hooking,
  { plan: { entity, kind }, when }: Due,
  about: HookSubject | (() => Promise<HookSubject>),
): Promise<JsonRow | null> {
  const hook = entity.hooks.find(({ moment }) => moment === HOOK_MOMENTS[kind][when])
  if (hook === undefined) return null
  const subject = typeof about === 'function' ? await about() : about
  try {
    const ran = await stack.runHook(stack, { entity, hook, caller: ready.caller, runner, now, about: subject })
    afterwards(ran.after)
    return ran.changes === null ? null : changedFrom(subject.input ?? {}, ran.changes)
  } catch (error) {
    if (error instanceof Failure) causedByHooks.add(error)
    throw error
  }
}
