/** Measures plans a second on one processor, and statements a second of the executor, without HTTP. */

import { uuidv7 } from '../../src/base/uuid.ts'
import { loadDesign } from '../../src/commands/setup/load-design.ts'
import type { Model } from '../../src/model/model.ts'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { planIntent } from '../../src/server/plan/plan.ts'
import type { PlanContext } from '../../src/server/plan/planning.ts'
import { prepareRestRead } from '../../src/server/rest/prepare-rest-read.ts'
import { type RestRequest, readIntent } from '../../src/server/rest/rest-intent.ts'
import { usageOf } from '../../src/verify/performance/load/processes.ts'
import { DESIGN, ROOT } from '../base/folders.ts'
import type { Database } from '../database/database.ts'
import { NEW_POST } from '../requests/operations.ts'
import { CALLER, planContextOf, requestsAbout } from './planning.ts'

/** Plans a second of one operation. */
export interface PlanRate {
  readonly operation: string
  readonly perSecond: number
}

/** What one trial of the executor measured. */
export interface StatementRate {
  readonly operation: 'get' | 'create'
  readonly merge: boolean
  readonly callers: number
  readonly perSecond: number
  /** Microseconds of processor time a call, of this process and of PostgreSQL. */
  readonly processCpu: number
  readonly postgresCpu: number | null
}

/** Loads the model of the served design. @throws Error when the design has errors. */
export async function blogModel(): Promise<Model> {
  const { model } = await loadDesign(DESIGN, ROOT)
  if (model === null) throw new Error('the example has errors')
  return model
}

const PLANNING_MS = 1_000
const CONNECTIONS = 10

/** Measures reading a request and planning it, once its statement is known. Each request has other values than the one before. */
export function planRates(model: Model): readonly PlanRate[] {
  const [get, list, create, update] = requestsAbout(model, 'Post', { create: NEW_POST, update: { title: 'x' } })
  const authors = Array.from({ length: 100 }, () => uuidv7(Date.now()))
  const lists = authors.map((id) => `filter[author]=${id}&sort=-createdAt&page[size]=10&include=author`)
  const context = planContextOf(model)
  const anew = { ...context, recipes: null }
  const planned = (request: RestRequest | undefined) => {
    if (request === undefined) throw new Error('no request')
    return () => planIntent(context, CALLER, readIntent(request))
  }
  const listed = (of: PlanContext) => (i: number) => {
    if (list !== undefined) prepareRestRead({ context: of }, CALLER, { ...list, query: lists[i % lists.length] ?? '' })
  }
  return [
    rateOf('get', planned(get)),
    rateOf('list', listed(context)),
    rateOf('list without a recipe', listed(anew)),
    rateOf('create', planned(create)),
    rateOf('update', planned(update)),
  ]
}

function rateOf(operation: string, plan: (i: number) => unknown): PlanRate {
  const until = performance.now() + PLANNING_MS
  let plans = 0
  for (; performance.now() < until; plans += 100) {
    for (let i = 0; i < 100; i++) plan(i)
  }
  return { operation, perSecond: (plans * 1000) / PLANNING_MS }
}

/** One measurement of the executor. */
export interface Trial {
  readonly operation: 'get' | 'create'
  /** Whether calls may share a statement. */
  readonly merge: boolean
  readonly callers: number
  readonly seconds: number
}

/** Runs a trial: each caller has one call under way, over as many connections as a server has. */
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
  const executor = openExecutor({ url: database.url, connections: CONNECTIONS, statementTimeoutMs: 5_000, merge: trial.merge })
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
