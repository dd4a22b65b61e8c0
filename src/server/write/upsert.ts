/**
 * Changes the row that has certain values, or creates it when there is none. It is the list, the update and the create that the
 * caller could also send one after the other, each with its own rules, repeated when another request comes between them. A row that
 * the caller may not read, or may not find by these values, counts as missing: the create then answers that the value is taken, as
 * for any other caller.
 */

import { Failure, failure, invalid, ofPart } from '../../base/failure.ts'
import type { Runner } from '../../base/sql/statement.ts'
import { readListed } from '../../compile/statements/row-columns.ts'
import { encodeJson } from '../../compile/values/encode.ts'
import type { Caller } from '../../model/caller.ts'
import type { Entity, Field } from '../../model/model.ts'
import { type Body, type CreateIntent, EVERYTHING, type ListIntent, type UpdateIntent } from '../plan/intent.ts'
import { planRead } from '../plan/plan.ts'
import { unlessTaken } from '../plan/plan-write.ts'
import { idValue, type PlannedRead, type PlannedWrite } from '../plan/planning.ts'
import { explained } from '../run/database-failure.ts'
import type { Stack } from '../run/stack.ts'
import { isTaken } from './judge-write.ts'
import { type ReadyWrite, readyWrite, runWrite, type Written } from './run-write.ts'

/** The change of the row that has the values of a key, or its creation. */
export interface Upsert {
  readonly kind: 'upsert'
  readonly entity: Entity
  /** The values of a key: fields that no two rows have the same values of. */
  readonly key: readonly { readonly field: Field; readonly value: unknown }[]
  /** The values of the key are added to its body. */
  readonly create: CreateIntent
  /** Without an id. */
  readonly update: UpdateIntent
}

/** An upsert that is ready to run: all three steps are planned, and passwords are hashed. */
export interface ReadyUpsert {
  readonly of: Upsert
  readonly find: PlannedRead
  readonly create: ReadyWrite
  readonly update: ReadyWrite
}

/**
 * Plans both writes, whether the row exists or not, so that a mistake in either is always reported. @throws Failure for what is
 * refused.
 */
export async function prepareUpsert(stack: Stack, caller: Caller, upsert: Upsert): Promise<ReadyUpsert> {
  const { entity, key } = upsert
  const values: Body = Object.fromEntries(key.map(({ field, value }) => [field.name, value]))
  const body = { ...values, ...(upsert.create.body as Body) }
  const create = await under('/create', () => readyWrite(stack, caller, { ...upsert.create, body }))
  const differing = key.filter(({ field, value }) => !isEqual(field, value, create.planned))
  if (differing.length > 0)
    throw invalid(
      differing.map(({ field }) => ({ pointer: `/create/${field.name}`, rule: 'const', message: 'must be the value in where' })),
    )
  const update = await under('/update', () => readyWrite(stack, caller, upsert.update))
  return { of: upsert, find: planRead(stack.context, caller, findIntent(entity, key)), create, update }
}

/** Compares values as they are stored: an email address in capitals equals the one in small letters. */
function isEqual(field: Field, value: unknown, { calls: [call] }: PlannedWrite): boolean {
  const encoded = encodeJson(field.type, value)
  return encoded.ok && encoded.value === call?.[`value.${field.name}`]
}

function findIntent(entity: Entity, key: Upsert['key']): ListIntent {
  return {
    kind: 'list',
    entity,
    names: { filter: 'where', expression: 'where', sort: 'where', after: 'where' },
    conditions: key.map(({ field, value }) => ({ parameter: `where.${field.name}`, path: [field.name], op: 'eq', value: String(value) })),
    expressions: [],
    sort: [],
    after: null,
    search: null,
    size: 1,
    count: false,
    selection: { ...EVERYTHING, fields: ['id'] },
  }
}

/** How many times it looks for the row, when other requests create or delete it meanwhile. */
const MAX_TRIES = 4

/**
 * Runs an upsert. Two upserts that create the same row at the same moment both succeed: PostgreSQL lets the second wait for the
 * first, its insert then does nothing and raises no error (`on conflict do nothing`), and the next try finds the row.
 *
 * @returns the write that took place.
 * @throws Failure of the update or the create; pointers begin with `/update` or `/create`.
 */
export async function runUpsert(stack: Stack, { of, find, create, update }: ReadyUpsert, runner: Runner): Promise<Written> {
  const careful: ReadyWrite = { ...create, planned: unlessTaken(stack.context, create.planned) }
  let misses = 0
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const id = await findId(find, runner)
    if (id !== null) {
      const written = await under('/update', () => ifFound(runWrite(stack, withId(update, of, id), runner)))
      if (written !== null) return written
    } else {
      // Twice the value was taken and the row not found: the caller cannot read the row that has it.
      if (++misses > 2) break
      const written = await under('/create', () => runWrite(stack, careful, runner))
      if (!isTaken(written.planned, written.rows)) return written
    }
  }
  if (misses === 0) throw failure('write_conflict', {})
  // The plain create fails with the field whose value is taken.
  return under('/create', () => runWrite(stack, create, runner))
}

/** Finds the row on the runner of the write, because its own transaction may have created it. */
async function findId({ statement, calls }: PlannedRead, runner: Runner): Promise<string | null> {
  const [row] = await explained(runner.run)(statement, calls[0] ?? {})
  const { data } = readListed(row ?? [])
  const [found]: readonly { readonly id?: unknown }[] = JSON.parse(data ?? '[]')
  return found?.id === undefined || found.id === null ? null : String(found.id)
}

function withId({ caller, planned }: ReadyWrite, { entity, update }: Upsert, id: string): ReadyWrite {
  const calls = planned.calls.map((call) => ({ ...call, id: idValue(entity, id) }))
  return { caller, intent: { ...update, id }, planned: { ...planned, calls } }
}

/** Null when the row does not exist any more. */
async function ifFound<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Failure && error.code === 'not_found') return null
    throw error
  }
}

async function under<T>(pointer: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof Failure && error.errors.length > 0 ? ofPart(error, pointer) : error
  }
}
