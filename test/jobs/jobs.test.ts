import assert from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import type { BackendOptions } from '../../src/server/backend-options.ts'
import type { Observation } from '../../src/server/http/observe.ts'
import { discardJobs, listJobs, retryJobs } from '../../src/services/jobs/inspect.ts'
import type { JobObservation } from '../../src/services/jobs/observation.ts'
import { type TestBackend, testBackend } from '../support/backend.ts'
import { addJob, deskModel, SHORT_TIMES, until, untilDone, type Work } from './desk.ts'

interface Desk extends TestBackend {
  readonly seen: JobObservation[]
  readonly ann: Person
  readonly bob: Person
}

interface Person {
  readonly id: string
  readonly token: string
}

async function openDesk(t: TestContext, work?: Work, custom?: object, options: Partial<BackendOptions> = {}): Promise<Desk> {
  const seen: JobObservation[] = []
  const observe = (observation: Observation): void => {
    if (observation.kind === 'job') seen.push(observation.of)
  }
  const desk = await testBackend(t, deskModel(work, custom), { observe, workerTimes: SHORT_TIMES, ...options })
  const person = async (name: string): Promise<Person> => {
    const [row] = await desk.sql('insert into users (email, password) values ($1, $2) returning id', [`${name}@example.com`, 'x'])
    const id = String(row?.id)
    return { id, token: await desk.tokenFor(id) }
  }
  return { ...desk, seen, ann: await person('ann'), bob: await person('bob') }
}

let shared: Promise<Desk> | null = null
const ends: (() => Promise<void>)[] = []
after(async () => {
  for (const end of ends) await end()
})

/** The desk of tests that need no code and no options of their own, without what earlier tests have left. */
async function sharedDesk(): Promise<Desk> {
  shared ??= openDesk({ after: (end: () => Promise<void>) => void ends.push(end) } as unknown as TestContext)
  const desk = await shared
  await desk.sql('with gone as (delete from plinth.jobs), dead as (delete from plinth.dead_jobs) delete from entries')
  desk.seen.length = 0
  return desk
}

async function ticketOf({ ask }: Desk, { token }: Person): Promise<string> {
  return (await ask('POST', '/api/tickets', { token, body: { title: 'broken' } })).json.id
}

async function remindersOf({ ask }: Desk, id: string): Promise<number> {
  return (await ask('GET', `/api/tickets/${id}`)).json.reminders
}

async function entries({ sql }: Desk): Promise<readonly string[]> {
  return (await sql('select text from entries order by id')).map(({ text }) => String(text))
}

test('a job that code adds runs after the commit, with the rights of the account that added it', async () => {
  const desk = await sharedDesk()
  const ticket = await ticketOf(desk, desk.ann)
  await addJob(desk, { job: 'remind', given: { ticket } }, desk.ann.token)
  await untilDone(desk)
  assert.equal(await remindersOf(desk, ticket), 1)

  await addJob(desk, { job: 'remind', given: { ticket } }, desk.bob.token)
  await untilDone(desk)
  assert.equal(await remindersOf(desk, ticket), 1, 'bob may not change the ticket of ann, so his job may not')
  assert.deepEqual(
    desk.seen.map((one) => [one.kind, 'pauseMs' in one ? one.pauseMs : undefined]),
    [['failed', null]],
  )

  await addJob(desk, { job: 'remindAnyone', given: { ticket } }, desk.bob.token)
  await untilDone(desk)
  assert.equal(await remindersOf(desk, ticket), 2, 'the job as system may')
})

test('a job exists if the transaction that adds it commits', async () => {
  const desk = await sharedDesk()
  const { status } = await desk.ask('POST', '/api/actions/add', { body: { job: 'note', given: { text: 'never' }, fail: true } })
  assert.equal(status, 500)
  await addJob(desk, { job: 'note', given: { text: 'always' } })
  await untilDone(desk)
  assert.deepEqual(await entries(desk), ['always'])
})

test('an unknown job and an input that it does not take are mistakes of the code', async () => {
  const desk = await sharedDesk()
  const said = async (body: object): Promise<string> => (await desk.ask('POST', '/api/actions/add', { body })).json.detail
  assert.match(await said({ job: 'remnd' }), /there is no job "remnd", did you mean "remind"\?/)
  assert.match(
    await said({ job: 'note', given: { txt: 'x' } }),
    /ctx\.jobs\.add\("note"\): \/txt is no input of this action; did you mean "text"\?/,
  )
  assert.match(await said({ job: 'note', given: { text: 'x' }, delay: 'soon' }), /delay is a time such as "10m"/)
  assert.deepEqual(await desk.sql('select 1 from plinth.jobs'), [])
})

test('an input of more than 64 KB is refused with a code, from code and from a step', async () => {
  const desk = await sharedDesk()
  const most = 65_536 - '{"data":""}'.length
  const add = async (bytes: number) => desk.ask('POST', '/api/actions/add', { body: { job: 'custom', given: { data: 'x'.repeat(bytes) } } })
  const keep = async (bytes: number) =>
    desk.ask('POST', '/api/actions/keep', { body: { data: 'é'.repeat(Math.floor(bytes / 2)) }, token: desk.ann.token })
  for (const send of [add, keep]) {
    const refused = await send(most + 2)
    assert.deepEqual([refused.status, refused.json.code], [413, 'job_input_too_large'], refused.text)
    assert.match(refused.json.detail, /at most 65536 bytes; send less/)
  }
  assert.deepEqual(await desk.sql('select 1 from plinth.jobs'), [])
  assert.equal((await add(most)).status, 200)
  assert.equal((await keep(most - 2)).status, 204)
})

test('jobs of a worker that has ended are leased before all others, and never ahead', async (t) => {
  const gate = Promise.withResolvers<void>()
  const work: Work = async (ctx) => {
    if (ctx.input.n === 0) await gate.promise
    await ctx.db.system.Entry.create({ text: `${ctx.input.n ?? 'orphan'}` })
  }
  const desk = await openDesk(t, work, { priority: -5 }, { jobConcurrency: 1 })
  await addJob(desk, { job: 'custom', given: { n: 0 } })
  await until(async () => ((await desk.sql('select 1 from plinth.jobs where worker is not null')).length === 1 ? true : null))
  await desk.sql("insert into plinth.jobs (kind, payload, worker, attempt) values ('custom', '{}', gen_random_uuid(), 1)")
  await desk.sql(
    `insert into plinth.jobs (kind, payload, run_at) select 'note', '{"text":"later"}', now() - interval '1 day' from generate_series(1, 20)`,
  )
  await until(() => (desk.seen.some(({ kind }) => kind === 'rescued') ? true : null))
  // Several looks for jobs pass while the only slot is taken.
  const looks = desk.statements.filter(({ name }) => name === 'jobs.rescue').length
  await until(() => (desk.statements.filter(({ name }) => name === 'jobs.rescue').length > looks + 2 ? true : null))
  assert.deepEqual(await desk.sql("select worker from plinth.jobs where run_at = '-infinity'"), [{ worker: null }])
  gate.resolve()
  await untilDone(desk)
  const all = await entries(desk)
  const ahead = all.indexOf('orphan') - all.indexOf('0') - 1
  assert.ok(ahead <= 1, `${ahead} jobs that were leased ahead before`)
})

test('a unique job is not added while an equal one waits, and a delayed one waits', async () => {
  const desk = await sharedDesk()
  const first = await addJob(desk, { job: 'once', given: { key: 'a', rest: 1 } })
  assert.notEqual(first, undefined)
  assert.equal(await addJob(desk, { job: 'once', given: { rest: 2, key: 'a' } }), undefined)
  assert.notEqual(await addJob(desk, { job: 'once', given: { key: 'b' } }), undefined)
  await untilDone(desk)
  assert.notEqual(await addJob(desk, { job: 'once', given: { key: 'a' } }), undefined)
  await addJob(desk, { job: 'note', given: { text: 'later' }, delay: '1h' })
  await until(async () => ((await entries(desk)).length === 3 ? true : null))
  assert.deepEqual([...(await entries(desk))].sort(), ['a', 'a', 'b'])
  const [left] = await desk.sql("select run_at > now() + interval '59 minutes' as late from plinth.jobs")
  assert.equal(left?.late, true)
})

test('a job that fails runs again, then is dead, and can be run again or discarded', async (t) => {
  let heals = false
  const runs: number[] = []
  const desk = await openDesk(t, (ctx) => {
    runs.push(ctx.job.attempt)
    if (!heals) throw new Error('the printer is on fire')
  })
  const id = await addJob(desk, { job: 'custom' })
  const executor = openExecutor({ url: desk.databaseUrl, connections: 1, statementTimeoutMs: 5_000, patience: 10 })
  t.after(() => executor.close())
  const dead = () => listJobs(executor.run, { state: 'dead', job: null, limit: 10 })
  const [one] = await until(async () => ((await dead()).length > 0 ? dead() : null))
  assert.deepEqual([one?.id, one?.job, one?.attempt], [id, 'custom', 3])
  assert.match(one?.error ?? '', /the printer is on fire/)
  assert.deepEqual(runs, [1, 2, 3])

  heals = true
  assert.deepEqual(await retryJobs(executor.run, { ids: [id ?? ''] }), [id])
  await untilDone(desk)
  assert.deepEqual(runs, [1, 2, 3, 1])
  assert.deepEqual(await dead(), [])

  heals = false
  await addJob(desk, { job: 'custom' })
  await until(async () => ((await dead()).length > 0 ? true : null))
  assert.equal((await discardJobs(executor.run, { job: 'custom' })).length, 1)
  assert.deepEqual(await dead(), [])
})

test('whatever a job throws, the process lives and the writes of the run are rolled back', async (t) => {
  const thrown: Work[] = [
    () => {
      throw null
    },
    () => {
      throw 'a text'
    },
    () => Promise.reject(new Error('rejected')),
    async (ctx) => {
      await ctx.db.system.Entry.create({ text: 'of a run that fails' })
      throw new TypeError('after a write')
    },
    async (ctx) => {
      ctx.db.system.Entry.create({ text: 'not awaited' })
    },
  ]
  const desk = await openDesk(t, (ctx) => thrown[ctx.input.n]?.(ctx), { retry: { attempts: 1 } })
  for (const n of thrown.keys()) await addJob(desk, { job: 'custom', given: { n } })
  await until(() => (desk.seen.length === thrown.length ? true : null))
  await addJob(desk, { job: 'note', given: { text: 'alive' } })
  await untilDone(desk)
  assert.deepEqual(await entries(desk), ['alive'])
  assert.equal((await desk.sql('select 1 from plinth.dead_jobs')).length, thrown.length)
})

test('a run that takes too long is ended, and counts as failed', async (t) => {
  const aborted: boolean[] = []
  const work: Work = (ctx) =>
    new Promise((resolve) => {
      ctx.signal.addEventListener('abort', () => {
        aborted.push(true)
        resolve(null)
      })
    })
  const desk = await openDesk(t, work, { timeout: '50ms', retry: { attempts: 1 } })
  await addJob(desk, { job: 'custom' })
  const [failed] = await until(() => (desk.seen.length > 0 ? desk.seen : null))
  assert.deepEqual([failed?.kind, aborted], ['failed', [true]])
  assert.match(failed?.kind === 'failed' ? failed.note : '', /did not end in time|timeout|too long/i)
})

test('a job whose worker ended at each attempt is dead with the number of its attempts', async (t) => {
  const desk = await openDesk(t, () => {}, { retry: { attempts: 3 } })
  await desk.sql("insert into plinth.jobs (kind, payload, attempt) values ('custom', '{}', 3)")
  const [failed] = await until(() => (desk.seen.length > 0 ? desk.seen : null))
  assert.deepEqual([failed?.kind, failed?.kind === 'failed' && failed.attempt], ['failed', 3])
  const [dead] = await desk.sql('select attempt, error from plinth.dead_jobs')
  assert.equal(dead?.attempt, 3)
  assert.match(String(dead?.error), /its worker ended while it ran, at each of 3 attempts/)
})

test('at most as many jobs run at the same time as the design allows', async (t) => {
  let running = 0
  let most = 0
  const work: Work = async () => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setTimeout(resolve, 20))
    running--
  }
  const desk = await openDesk(t, work, { concurrency: 2 })
  for (let n = 0; n < 12; n++) await addJob(desk, { job: 'custom', given: { n } })
  await untilDone(desk)
  assert.ok(most <= 2, `${most} at the same time`)
})

test('jobs of a kind with a limit run, although those of others never run out', async (t) => {
  const desk = await openDesk(t, (ctx) => ctx.db.system.Entry.create({ text: 'limited' }), { concurrency: 1 }, { jobConcurrency: 2 })
  const many = 3_000
  await desk.sql(`insert into plinth.jobs (kind, payload) select 'note', '{"text":"x"}' from generate_series(1, ${many})`)
  await desk.sql("insert into plinth.jobs (kind, payload) values ('custom', '{}')")
  const place = await until(async () => {
    const at = (await entries(desk)).indexOf('limited')
    return at < 0 ? null : at
  })
  assert.ok(place < many, `after ${place} others`)
})

test('a process that leaves jobs to others reports that no other one runs them', async (t) => {
  const desk = await openDesk(t, undefined, undefined, { work: 'elsewhere', attendanceMs: 20 })
  await addJob(desk, { job: 'note', given: { text: 'x' } })
  assert.deepEqual(await until(() => desk.seen[0] ?? null), { kind: 'unattended', due: 1 })
  await desk.sql("insert into plinth.workers values (gen_random_uuid(), now() + interval '1 minute')")
  await until(() => (desk.statements.filter(({ name }) => name === 'jobs.attendance').length > 2 ? true : null))
  const known = desk.seen.length
  const looks = desk.statements.filter(({ name }) => name === 'jobs.attendance').length
  await until(() => (desk.statements.filter(({ name }) => name === 'jobs.attendance').length > looks + 2 ? true : null))
  assert.ok(desk.seen.length <= known + 1, 'a worker runs them')
})

test('jobs with a higher priority run first', async (t) => {
  const gate = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const work: Work = async (ctx) => {
    begun.resolve()
    if (ctx.input.n === 0) await gate.promise
    await ctx.db.system.Entry.create({ text: `high ${ctx.input.n}` })
  }
  const desk = await openDesk(t, work, { priority: 5 }, { jobConcurrency: 1, workerTimes: { ...SHORT_TIMES, aheadMs: 0 } })
  await addJob(desk, { job: 'custom', given: { n: 0 } })
  await begun.promise
  await addJob(desk, { job: 'note', given: { text: 'low' } })
  await addJob(desk, { job: 'custom', given: { n: 1 } })
  gate.resolve()
  await untilDone(desk)
  assert.deepEqual(await entries(desk), ['high 0', 'high 1', 'low'])
})

test('a job that was leased ahead is given back while a long one runs', async (t) => {
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const work: Work = () => {
    begun.resolve()
    return gate.promise
  }
  // Until the next look for jobs that begin at once, the worker leases ahead.
  const desk = await openDesk(t, work, {}, { jobConcurrency: 1, workerTimes: { ...SHORT_TIMES, pollMs: 600_000 } })
  await addJob(desk, { job: 'custom' })
  await begun.promise
  await addJob(desk, { job: 'note', given: { text: 'short' } })
  await until(() => (desk.statements.some(({ name }) => name === 'jobs.release') ? true : null))
  await until(async () => ((await desk.sql("select 1 from plinth.jobs where kind = 'note' and worker is null")).length === 1 ? true : null))
  assert.deepEqual(await desk.sql("select attempt from plinth.jobs where kind = 'note'"), [{ attempt: 0 }])
  gate.resolve()
  await untilDone(desk)
  assert.deepEqual(await entries(desk), ['short'])
})

test('code with a transaction of its own waits outside of it, and its job is done after it', async (t) => {
  const desk = await openDesk(
    t,
    async (ctx) => {
      const own = ctx as unknown as { readonly transaction: (work: Work) => Promise<unknown> }
      await new Promise((resolve) => setTimeout(resolve, 5))
      await own.transaction(async (inner) => inner.db.system.Entry.create({ text: 'within' }))
    },
    { transaction: 'own' },
  )
  await addJob(desk, { job: 'custom' })
  await untilDone(desk)
  assert.deepEqual(await entries(desk), ['within'])
})

test('a job whose account is gone is dead, unless it runs as system', async () => {
  const desk = await sharedDesk()
  const ticket = await ticketOf(desk, desk.bob)
  await desk.sql("insert into plinth.jobs (kind, payload, caller) values ('remind', $1, $2)", [
    JSON.stringify({ ticket }),
    '01890000-0000-7000-8000-000000000000',
  ])
  await until(() => (desk.seen.length > 0 ? true : null))
  const [dead] = await desk.sql('select error from plinth.dead_jobs')
  assert.match(String(dead?.error), /the account that added the job/)
})

test('a process that stops gives running jobs back, without an attempt counted', async (t) => {
  const begun = Promise.withResolvers<void>()
  const work: Work = (ctx) =>
    new Promise((_, reject) => {
      begun.resolve()
      ctx.signal.addEventListener('abort', () => reject(new Error('stopped')))
    })
  const desk = await openDesk(t, work, {}, { jobDrainMs: 20 })
  await addJob(desk, { job: 'custom' })
  await begun.promise
  await desk.backend.close()
  assert.deepEqual(await desk.sql('select attempt, worker, error from plinth.jobs'), [{ attempt: 0, worker: null, error: null }])
  assert.deepEqual(await desk.sql('select 1 from plinth.workers'), [])
})

test('a step adds jobs: for each element, at a moment, and for the caller', async () => {
  const desk = await sharedDesk()
  const ids = [await ticketOf(desk, desk.ann), await ticketOf(desk, desk.ann)]
  const { status, text } = await desk.ask('POST', '/api/actions/remindAll', { token: desk.ann.token, body: { note: 'hello' } })
  assert.equal(status, 204, text)
  await until(async () => ((await desk.sql('select 1 from plinth.jobs')).length === 1 ? true : null))
  assert.deepEqual(await Promise.all(ids.map((id) => remindersOf(desk, id))), [1, 1])
  assert.deepEqual(await entries(desk), ['hello'])
  const [later] = await desk.sql("select kind, caller, payload, run_at > now() + interval '50 minutes' as late from plinth.jobs")
  assert.deepEqual(later, { kind: 'note', caller: desk.ann.id, payload: '{"text": "later"}', late: true })
})

test('a design without jobs has neither their tables nor a worker', async (t) => {
  const { jobs: _, ...rest } = deskModel()
  const desk = await testBackend(t, { ...rest, jobs: [] })
  const tables = await desk.sql("select 1 from pg_tables where schemaname = 'plinth' and tablename ~ 'jobs|workers|schedules'")
  assert.deepEqual(tables, [])
  assert.deepEqual(
    desk.statements.filter(({ name }) => name.startsWith('jobs')),
    [],
  )
})
