/** docs/reference/jobs.md: the example does what the page says, and the tables have every key. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JOBS, SCHEDULES } from '../../src/design/language/language-jobs.ts'
import { missingWords, modelOfPage, referencePage } from '../documents/reference-page.ts'
import { testBackend } from '../support/backend.ts'
import { SHORT_TIMES, until } from './desk.ts'

const page = referencePage('jobs.md')

test('the example reminds and reports after the commit, and its schedule runs', async (t) => {
  const { model } = await modelOfPage(t, page)
  const world = await testBackend(t, model, { workerTimes: { ...SHORT_TIMES, lookMs: 50 } })
  const { sql, ask } = world
  const [user] = await sql("insert into users (email, password) values ('ann@example.com', 'x') returning id")
  const token = await world.tokenFor(String(user?.id))
  const dueAt = new Date(Date.now() - 86_400_000).toISOString()
  const ticket = (await ask('POST', '/api/tickets', { token, body: { title: 'the door', dueAt } })).json
  assert.equal((await ask('POST', `/api/tickets/${ticket.id}/follow`, { token })).status, 200)
  const [report] = await until(async () => {
    const { data } = (await ask('GET', '/api/reports', { token })).json
    return data.length > 0 ? data : null
  })
  assert.equal(report.title, 'about the door')
  const read = async () => (await ask('GET', `/api/tickets/${ticket.id}`, { token })).json
  await until(async () => ((await read()).reminders === 1 ? true : null))
  await sql("update plinth.schedule_times set next_at = date_trunc('milliseconds', now() - interval '1 hour')")
  await until(async () => ((await read()).late === true ? true : null))
})

test('every key of jobs and schedules is on the page', () => {
  const keys = [...Object.keys(JOBS.of.keys), ...Object.keys(JOBS.of.keys.retry.form.keys), ...Object.keys(SCHEDULES.of.keys)]
  assert.deepEqual(missingWords(page, keys), [])
})
