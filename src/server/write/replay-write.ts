/** Repeats a write without writing: reads the rows that the first request wrote, with the rules of this moment. */

import { failure } from '../../base/failure.ts'
import type { Runner } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { WrittenRow } from '../../compile/statements/row-columns.ts'
import type { Caller } from '../../model/caller.ts'
import type { CreateIntent, UpdateIntent, WriteIntent } from '../plan/intent.ts'
import { planWrite } from '../plan/plan.ts'
import type { PlannedWrite } from '../plan/planning.ts'
import type { Journal, KeptWrite } from '../run/journal.ts'
import type { Stack } from '../run/stack.ts'
import { readAgain } from './run-batch.ts'
import type { Written } from './run-write.ts'
import { prepareUpsert, type Upsert } from './upsert.ts'

/** A planned write whose rows are read again. */
interface Repeatable {
  readonly intent: WriteIntent
  readonly planned: PlannedWrite
}

/**
 * Plans the repetition of a write; no password is hashed.
 *
 * @throws Failure as for a new request, if the caller may no longer make the write; when it runs, `not_found` if the caller may no longer
 *   read a row that the first answer held.
 */
export async function prepareReplay(
  { stack, journal }: { readonly stack: Stack; readonly journal: Journal },
  caller: Caller,
  intent: WriteIntent | Upsert,
): Promise<(runner: Runner) => Promise<Written>> {
  const forKind = await repeatable(stack, caller, intent)
  return async (runner) => {
    const kept = journal.next()
    const { intent: own, planned } = forKind(kept.kind)
    const rows = await rowsOf(stack, { planned, kept }, runner)
    return { intent: own, planned, rows, after: async () => {} }
  }
}

async function repeatable(stack: Stack, caller: Caller, intent: WriteIntent | Upsert): Promise<(kind: KeptWrite['kind']) => Repeatable> {
  switch (intent.kind) {
    case 'create':
    case 'update':
    case 'delete': {
      const own = intent.kind === 'delete' ? intent : later(intent)
      const planned = planWrite(stack.context, caller, own)
      return () => ({ intent: own, planned })
    }
    case 'upsert': {
      const { create, update } = await prepareUpsert(stack, caller, {
        ...intent,
        create: later(intent.create),
        update: later(intent.update),
      })
      return (kind) => (kind === 'create' ? create : update)
    }
    default:
      return unreachable(intent)
  }
}

/** The same intent, planned so that a separate statement reads its rows. */
function later<I extends CreateIntent | UpdateIntent>(intent: I): I {
  return intent.returning === 'row' ? { ...intent, returning: 'later' } : intent
}

async function rowsOf(
  stack: Stack,
  { planned, kept }: { readonly planned: PlannedWrite; readonly kept: KeptWrite },
  runner: Runner,
): Promise<readonly WrittenRow[]> {
  const rows = kept.rows.map(({ id, version }): WrittenRow => ({ id, version, body: null }))
  const reading = planned.sequel?.reading ?? null
  if (reading === null || kept.rows.every(({ shown }) => !shown)) return rows
  const read = await readAgain(stack, { prepared: reading, planned, rows }, runner)
  if (read.some(({ body }, i) => body === null && kept.rows[i]?.shown === true))
    throw failure('not_found', { entity: planned.plan.entity.name }, 'the answer was kept, but the caller may no longer read the row')
  return read.map((row, i) => (kept.rows[i]?.shown === true ? row : { ...row, body: null }))
}
