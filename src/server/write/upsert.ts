/**
 * Updates the row that has the values of a key, or creates it. It runs a list, then an update or a create, each with its own rules, as if
 * the caller had sent them one by one. It repeats them when another request changes the row in between. A row that the caller may not
 * read, or may not find by these values, counts as missing; the create then fails because the value is taken.
 */

import { Failure, failure, invalid, ofPart } from '../../base/failure.ts'
import type { Runner } from '../../base/sql/statement.ts'
import type { MaybePromise } from '../../base/waiting/when-ready.ts'
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
import { isCausedByHook } from './execute-hooked.ts'
import { isTaken } from './judge-write.ts'
import type { ReadyWrite } from './ready-write.ts'
import { readyWrite, runWrite, type Written } from './run-write.ts'

/** A request to update the row that has the values of a key, or to create it. */
export interface Upsert {
  readonly kind: 'upsert'
  readonly entity: Entity
  /** The values of a key. No two rows have equal values in all these fields. */
  readonly key: readonly { readonly field: Field; readonly value: unknown }[]
  /** The create; the values of the key are added to its body. */
  readonly create: CreateIntent
  /** The update, without an id. */
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
 * Plans both writes before it is known whether the row exists, so that a mistake in either is always reported. @throws Failure when either
 * is refused.
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
  const update = await under('/update', () => readyWrite(stack, caller, { ...upsert.update, ...loginIn(stack, upsert) }))
  return { of: upsert, find: planRead(stack.context, caller, findIntent(entity, key)), create, update }
}

/** The login in the key of an upsert of an account. */
function loginIn({ model: { identity } }: Stack, { entity, key }: Upsert): Pick<UpdateIntent, 'login'> {
  const login = identity?.entity === entity.name ? key.find(({ field }) => field.name === identity.login)?.value : undefined
  return typeof login === 'string' ? { login } : {}
}

/** Compares values in their stored form: email addresses are equal in capitals and small letters. */
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

/** The maximum number of tries, because other requests may create or delete the row at the same time. */
const MAX_TRIES = 4

/**
 * Runs an upsert. When two upserts create the same row at the same moment, both succeed: the second insert waits for the first and then
 * inserts nothing (`on conflict do nothing`), and the next try finds the row.
 *
 * @returns the successful write.
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
      // The value was taken twice, but the row was not found: the caller may not read this row.
      if (++misses > 2) break
      const written = await under('/create', () => runWrite(stack, careful, runner))
      if (!isTaken(written.planned, written.rows)) return written
    }
  }
  if (misses === 0) throw failure('write_conflict', {})
  // The plain create fails and names the field whose value is taken.
  return under('/create', () => runWrite(stack, create, runner))
}

/** Finds the row on the runner of the write, because the same transaction may have created it. */
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

/** Gives null when the row no longer exists. */
async function ifFound<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Failure && error.code === 'not_found' && !isCausedByHook(error)) return null
    throw error
  }
}

async function under<T>(pointer: string, work: () => MaybePromise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof Failure && error.errors.length > 0 ? ofPart(error, pointer) : error
  }
}
