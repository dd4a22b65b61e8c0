/** docs/reference/jobs.md: the example does what the page says, and the tables have every key. */

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { JOBS, SCHEDULES } from '../../src/design/language/language-jobs.ts'
import { readWithCode } from '../code/code-world.ts'
import { testBackend } from '../support/backend.ts'
import { ROOT, temporaryFolder } from '../support/command-line.ts'
import { SHORT_TIMES, until } from './desk.ts'

const page = readFileSync(join(ROOT, 'docs/reference/jobs.md'), 'utf8')

function block(kind: string): string {
  const start = page.indexOf(`\`\`\`${kind}\n`)
  assert.ok(start >= 0, kind)
  return page.slice(start + kind.length + 4, page.indexOf('\n```', start + 4))
}

test('the example reminds and reports after the commit, and its schedule runs', async (t) => {
  const folder = temporaryFolder(t)
  const code = join(folder, 'jobs/report.ts')
  mkdirSync(dirname(code))
  writeFileSync(code, block('ts jobs/report.ts'))
  writeFileSync(join(folder, 'design.yaml'), block('yaml design'))
  const world = await testBackend(t, await readWithCode(join(folder, 'design.yaml')), { workerTimes: SHORT_TIMES })
  const { sql, ask } = world
  const [user] = await sql("insert into users (email, password) values ('ann@example.com', 'x') returning id")
  const token = await world.tokenFor(String(user?.id))
  const dueAt = new Date(Date.now() - 1_000).toISOString()
  const ticket = (await ask('POST', '/api/tickets', { token, body: { title: 'the door', dueAt } })).json
  assert.equal((await ask('POST', `/api/tickets/${ticket.id}/follow`, { token })).status, 200)
  const [report] = await until(async () => {
    const { data } = (await ask('GET', '/api/reports', { token })).json
    return data.length > 0 ? data : null
  })
  assert.equal(report.title, 'about the door')
  const read = async () => (await ask('GET', `/api/tickets/${ticket.id}`, { token })).json
  await until(async () => ((await read()).reminders === 1 ? true : null))
  await sql("insert into plinth.jobs (kind, payload, unique_key) values ('schedule:overdue', '{}', '') on conflict do nothing")
  await until(async () => ((await read()).late === true ? true : null))
})

test('every key of jobs and schedules is on the page', () => {
  const words = new Set([...page.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) => code.match(/\w+/g) ?? []))
  const keys = [...Object.keys(JOBS.of.keys), ...Object.keys(JOBS.of.keys.retry.form.keys), ...Object.keys(SCHEDULES.of.keys)]
  assert.deepEqual(
    [...new Set(keys)].filter((key) => !words.has(key)),
    [],
  )
})
