/** How many plans a second one processor makes, and how many statements a second the executor carries, with no HTTP in the way. */

import { uuidv7 } from '../../src/base/uuid.ts'
import { loadDesign } from '../../src/commands/setup/load-design.ts'
import type { Model } from '../../src/model/model.ts'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { planIntent } from '../../src/server/plan/plan.ts'
import { type RestRequest, readIntent } from '../../src/server/rest/rest-intent.ts'
import { DESIGN, ROOT } from '../base/folders.ts'
import { usageOf } from '../base/processes.ts'
import type { Database } from '../database/database.ts'
import { NEW_POST } from '../requests/operations.ts'
import { CALLER, planContextOf, requestsAbout } from './planning.ts'

export interface PlanRate {
  readonly operation: string
  readonly perSecond: number
}

export interface StatementRate {
  readonly operation: 'get' | 'create'
  readonly merge: boolean
  readonly callers: number
  readonly perSecond: number
  /** Processor time per call in microseconds, of this process and of PostgreSQL. */
  readonly processCpu: number
  readonly postgresCpu: number | null
}

/** The blog of the examples. */
export async function blogModel(): Promise<Model> {
  const { model } = await loadDesign(DESIGN, ROOT)
  if (model === null) throw new Error('the example has errors')
  return model
}

const PLANNING_MS = 1_000
const LANES = 10

/** Reading a request and planning it, once its statement is known. */
export function planRates(model: Model): readonly PlanRate[] {
  const context = planContextOf(model)
  const [get, list, create, update] = requestsAbout(model, 'Post', { create: NEW_POST, update: { title: 'x' } })
  const filtered = { ...list, query: 'filter[author]=018cc251-f7e8-724c-89e1-5e52afc47c22&sort=-createdAt&page[size]=10&include=author' }
  const named: readonly (readonly [string, RestRequest])[] = Object.entries({ get, list: filtered, create, update }) as never
  return named.map(([operation, request]) => {
    const until = performance.now() + PLANNING_MS
    let plans = 0
    for (; performance.now() < until; plans += 100) {
      for (let i = 0; i < 100; i++) planIntent(context, CALLER, readIntent(request))
    }
    return { operation, perSecond: (plans * 1000) / PLANNING_MS }
  })
}

export interface Trial {
  readonly operation: 'get' | 'create'
  /** Whether calls may share a statement. */
  readonly merge: boolean
  readonly callers: number
  readonly seconds: number
}

/** So many callers, each with one call under way, over the connections that a server has. */
export async function statementRate(model: Model, database: Database, trial: Trial): Promise<StatementRate> {
  const context = planContextOf(model)
  const ids = (await database.query('select id from posts where published order by md5(id::text) limit 50000')).map((row) => String(row.id))
  const [author] = await database.query('select id from users limit 1')
  const caller = { claims: new Map(Object.entries({ id: String(author?.id), role: 'user' })), session: null }
  const [get, , create] = requestsAbout(model, 'Post', { create: NEW_POST, update: { title: 'x' } })
  const request = trial.operation === 'get' ? get : create
  if (request === undefined) throw new Error('no request')
  const planned = planIntent(context, caller, readIntent(request))
  const [call] = planned.calls
  const executor = openExecutor({ url: database.url, lanes: LANES, statementTimeoutMs: 5_000, merge: trial.merge })
  let calls = 0
  const work = async (until: number): Promise<void> => {
    while (performance.now() < until) {
      const id = trial.operation === 'get' ? (ids[Math.floor(Math.random() * ids.length)] ?? '') : uuidv7(Date.now())
      const rows = await executor.run(planned.statement, { ...call, id })
      if (rows.length !== 1) throw new Error(`${rows.length} rows`)
      calls++
    }
  }
  const crowd = (seconds: number) => {
    const until = performance.now() + seconds * 1000
    return Promise.all(Array.from({ length: trial.callers }, () => work(until)))
  }
  try {
    await crowd(0.3)
    await database.admin('checkpoint')
    calls = 0
    const before = { own: process.cpuUsage(), postgres: usageOf(database.pid), at: performance.now() }
    await crowd(trial.seconds)
    const seconds = (performance.now() - before.at) / 1000
    const own = process.cpuUsage(before.own)
    const postgres = usageOf(database.pid)
    return {
      operation: trial.operation,
      merge: trial.merge,
      callers: trial.callers,
      perSecond: calls / seconds,
      processCpu: (own.user + own.system) / calls,
      postgresCpu: postgres === null || before.postgres === null ? null : ((postgres.cpu - before.postgres.cpu) * 1e6) / calls,
    }
  } finally {
    await executor.close()
  }
}
