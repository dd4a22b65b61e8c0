/**
 * Changing the row that has certain values, or creating it when there is none: the list, the update and the create that anybody could send one after the
 * other, each with its own rules, repeated when somebody else was in between. A row that the caller may not read, or not by these values, is as if it were
 * not there: he then creates, and is told what everybody is told who creates a row with a value that is taken.
 */

import { Failure, failure, invalid, ofPart } from '../../base/failure.ts'
import type { Row, Runner } from '../../base/sql/statement.ts'
import { encodeJson } from '../../compile/values/encode.ts'
import type { Caller } from '../../model/caller.ts'
import type { Entity, Field } from '../../model/model.ts'
import { type Body, EVERYTHING, type Intent } from '../plan/intent.ts'
import { planIntent } from '../plan/plan.ts'
import { unlessTaken } from '../plan/plan-write.ts'
import { idValue, type Planned } from '../plan/planning.ts'
import { execute } from '../run/execute.ts'
import { isTaken, judgeCreated, judgeUpdated } from '../run/judge-write.ts'
import { sealPasswords } from './hash-passwords.ts'
import type { Stack } from './perform.ts'

type Of<K extends Intent['kind']> = Extract<Intent, { readonly kind: K }>

export interface Upsert {
  readonly entity: Entity
  /** Values that no two rows have in common. */
  readonly key: readonly { readonly field: Field; readonly value: unknown }[]
  /** Gets the values of the key where it has none. */
  readonly create: Of<'create'>
  /** Without an id. */
  readonly update: Of<'update'>
}

/** An upsert as it will be carried out; nothing in it waits for anything but the database. */
export interface PlannedUpsert {
  readonly of: Upsert
  readonly find: Planned
  readonly create: Planned
  readonly update: Planned
}

/** What an upsert has come to: one of its two writes, and the rows that the database gave. */
export interface Upserted {
  readonly intent: Of<'create'> | Of<'update'>
  readonly planned: Planned
  readonly rows: readonly Row[]
}

/** Plans both writes, so that neither depends on what is there: what is wrong with one is told in either case. @throws Failure for whatever is refused. */
export async function prepareUpsert(stack: Stack, caller: Caller, upsert: Upsert): Promise<PlannedUpsert> {
  const { entity, key } = upsert
  const plan = (intent: Intent) => sealPasswords(stack, planIntent(stack.context, caller, intent))
  const values: Body = Object.fromEntries(key.map(({ field, value }) => [field.name, value]))
  const create = await under('/create', () => plan({ ...upsert.create, body: { ...values, ...(upsert.create.body as Body) } }))
  const differing = key.filter(({ field, value }) => !isEqual(field, value, create))
  if (differing.length > 0)
    throw invalid(
      differing.map(({ field }) => ({ pointer: `/create/${field.name}`, rule: 'const', message: 'must be the value in where' })),
    )
  const update = await under('/update', () => plan(upsert.update))
  return { of: upsert, find: planIntent(stack.context, caller, findIntent(entity, key)), create, update }
}

/** Values are compared as they are stored: an address in capitals is the one in small letters. */
function isEqual(field: Field, value: unknown, { calls: [call] }: Planned): boolean {
  const encoded = encodeJson(field.type, value)
  return encoded.ok && encoded.value === call?.[`value.${field.name}`]
}

function findIntent(entity: Entity, key: Upsert['key']): Of<'list'> {
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

/** How often somebody else may be in between. */
const MOST_TRIES = 4

/**
 * Carries out an upsert. Two that create the same row at the same moment never fail for it: PostgreSQL makes the second wait for the first and then create
 * nothing, without an error that would end its transaction, and the second finds the row.
 *
 * @throws Failure of the update or the create, pointers beginning with `/update` or `/create`.
 */
export async function runUpsert(stack: Stack, { of, find, create, update }: PlannedUpsert, runner: Runner): Promise<Upserted> {
  const { context } = stack
  const careful = unlessTaken(context, create)
  let misses = 0
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const id = await findId(stack, find, runner)
    if (id !== null) {
      const planned = withId(of.entity, update, id)
      const rows = await under('/update', () => ifThere(changed(stack, planned, runner)))
      if (rows !== null) return { intent: { ...of.update, id }, planned, rows }
    } else {
      // Taken and not to be found, twice: by a row that this caller cannot find.
      if (++misses > 2) break
      const rows = await under('/create', () => created(stack, careful, runner))
      if (rows !== null) return { intent: of.create, planned: create, rows }
    }
  }
  // The plain creation says which value is taken.
  if (misses === 0) throw failure('write_conflict', {})
  return { intent: of.create, planned: create, rows: (await under('/create', () => created(stack, create, runner))) ?? [] }
}

async function findId(stack: Stack, find: Planned, runner: Runner): Promise<string | null> {
  const [row] = await execute(stack, find, runner)
  const [found]: readonly { readonly id?: unknown }[] = JSON.parse(row?.[0] ?? '[]')
  return found?.id === undefined || found.id === null ? null : String(found.id)
}

function withId(entity: Entity, planned: Planned, id: string): Planned {
  return { ...planned, calls: planned.calls.map((call) => ({ ...call, id: idValue(entity, id) })) }
}

async function changed(stack: Stack, planned: Planned, runner: Runner): Promise<readonly Row[]> {
  const rows = await execute(stack, planned, runner)
  if (planned.plan.kind === 'update') judgeUpdated(stack.context, planned.plan, rows[0])
  return rows
}

/** Null when a value is taken. */
async function created(stack: Stack, planned: Planned, runner: Runner): Promise<readonly Row[] | null> {
  const rows = await execute(stack, planned, runner)
  if (isTaken(planned, rows)) return null
  judgeCreated(stack.context, planned, rows)
  return rows
}

/** Null for a row that is gone. */
async function ifThere<T>(work: Promise<T>): Promise<T | null> {
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
