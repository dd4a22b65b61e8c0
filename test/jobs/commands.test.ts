/** `plinth work` and `plinth jobs` as processes. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { readWithCode } from '../code/code-world.ts'
import { PLINTH, run, start, temporaryFolder } from '../support/command-line.ts'
import { migratedDatabase } from '../support/database.ts'
import { until } from './desk.ts'

const DESIGN = `name: notes
entities:
  Note:
    fields: { text: { type: text } }
    access: { read: 'true' }
jobs:
  write: { as: system, input: { text: text }, steps: [{ create: Note, set: { text: input.text } }] }
  fail: { as: system, queue: slow, retry: { attempts: 1 }, run: fail.mjs }
on:
  Note.created: [{ as: system, run: fail.mjs#nothing }]
schedules:
  nightly: { cron: '0 3 * * *', timeZone: Europe/Berlin, as: system, run: fail.mjs#nothing }
`
const CODE = `export default () => { throw new Error('no paper\\nin the printer') }
export const nothing = () => {}
`

test('a worker process runs jobs, and the command shows, retries and discards dead ones', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.yaml'), DESIGN)
  writeFileSync(join(folder, 'fail.mjs'), CODE)
  const database = await migratedDatabase(await readWithCode(join(folder, 'design.yaml')))
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.after(async () => {
    await client.end()
    await database.drop()
  })
  const rows = async (text: string) => (await client.query(text)).rows
  const production = { DATABASE_URL: database.url, PUBLIC_URL: 'http://localhost', AUTH_KEYS: 'unused', WATCHDOG_SECONDS: 'off' }
  await client.query(`insert into plinth.jobs (kind, payload) values ('write', '{"text":"done"}'), ('fail', '{}')`)
  const worker = start(t, [...PLINTH, 'work'], { cwd: folder, env: production })
  await until(async () => ((await rows('select 1 from notes')).length === 1 ? true : null))
  const [dead] = await until(async () => {
    const found = await rows('select id from plinth.dead_jobs')
    return found.length > 0 ? found : null
  })
  worker.process.kill('SIGTERM')
  assert.equal((await worker.ended).code, 0)
  assert.deepEqual(await rows('select 1 from plinth.workers'), [], 'a worker that stops leaves nothing behind')

  const jobs = (...args: readonly string[]) => run(t, [...PLINTH, 'jobs', ...args], { cwd: folder, env: { DATABASE_URL: database.url } })
  const listed = await jobs()
  assert.match(listed.stdout, /fail +0 waiting +0 running +1 dead/)
  assert.match(listed.stdout, /nightly +0 3 \* \* \* +Europe\/Berlin +next \d{4}-/)
  assert.match(listed.stdout, /no paper\n/, 'the first line of the error alone')
  assert.match(listed.stdout, /no worker runs, so jobs and schedules wait: start plinth work, or plinth serve without WORK=off/)
  assert.doesNotMatch(listed.stdout, /plinth events/)
  assert.match((await jobs('show', dead.id)).stdout, /\nerror +job fail: Error: no paper\n +in the printer/)
  await client.query(`insert into plinth.event_waiting (reaction, event, entity, happening, row_id, version, at, dead)
    values ('Note run fail.mjs#nothing', 1, 'Note', 'created', 'x', 1, now(), true)`)
  await client.query("insert into plinth.workers values (gen_random_uuid(), now() + interval '1 hour')")
  const again = await jobs()
  assert.match(again.stdout, /^1 worker runs\n[\s\S]*1 event given up by reactions; plinth events lists them/)
  const shown = JSON.parse((await jobs('show', dead.id, '--json')).stdout)
  assert.deepEqual([shown.id, shown.job, shown.state, shown.attempt], [dead.id, 'fail', 'dead', 1])
  assert.match((await jobs('retry', dead.id)).stdout, /1 job is run again/)
  assert.match((await jobs('list', '--state', 'waiting')).stdout, new RegExp(`${dead.id} +fail +waiting`))
  await client.query("update plinth.jobs set run_at = now() + interval '1 day', attempt = 1 where id = $1", [dead.id])
  assert.match((await jobs('retry', dead.id)).stdout, /1 job is run again/, 'a waiting one is run at once')
  assert.deepEqual(await rows('select run_at <= now() as due, attempt from plinth.jobs'), [{ due: true, attempt: 0 }])
  await client.query('update plinth.jobs set worker = (select id from plinth.workers limit 1) where id = $1', [dead.id])
  const running = await jobs('retry', dead.id)
  assert.deepEqual(
    [running.code, /is running, so it can be neither retried nor discarded now/.test(running.stdout + running.stderr)],
    [1, true],
  )
  await client.query('update plinth.jobs set worker = null where id = $1', [dead.id])
  assert.match((await jobs('discard', dead.id)).stdout, /1 job is deleted/)
  const gone = await jobs('show', dead.id)
  assert.deepEqual([gone.code, /there is no such job/.test(gone.stdout + gone.stderr)], [1, true])
  for (const doing of ['list', 'retry', 'discard']) {
    const unknown = await jobs(doing, '--job', 'wrte')
    assert.deepEqual([unknown.code, unknown.stdout], [2, ''], doing)
    assert.match(unknown.stderr, /the design has no job "wrte", did you mean "write"\?[\s\S]*it has "write", "fail", "schedule:nightly"/)
  }
  assert.match((await jobs('retry', '--job', 'write')).stdout, /0 jobs are run again/)
  await client.query(
    "insert into plinth.dead_jobs (id, kind, payload, due_at, added_at, attempt) values (99, 'removed', '{}', now(), now(), 1)",
  )
  assert.match((await jobs('discard', '--job', 'removed')).stdout, /1 job is deleted/, 'of a job that the design has no more')
  const wrong = await jobs('repeat')
  assert.deepEqual([wrong.code, /list, show, retry, discard/.test(wrong.stderr)], [2, true])
})
