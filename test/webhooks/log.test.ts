/** `plinth webhooks`: the log of messages, and replays from it. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { receiversOf } from '../../src/services/webhooks/receivers.ts'
import { readWithCode } from '../code/code-world.ts'
import { until } from '../events/events-world.ts'
import { testBackend } from '../support/backend.ts'
import { PLINTH, run, temporaryFolder } from '../support/command-line.ts'
import { LOOPBACK, secretOf, startReceiver, verified } from './receiver.ts'

const DESIGN = `name: notes
entities:
  Note:
    fields: { text: { type: text } }
    access: { read: 'true', create: 'true', update: 'false', delete: 'false' }
on: { Note.created: [{ webhook: crm }], Note.updated: [{ webhook: crm }] }
integrations: { webhooks: { crm: { url: CRM_URL, secret: CRM_SECRET } } }
`

test('the command shows messages with their attempts and answers, and sends them again', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.yaml'), DESIGN)
  const model = await readWithCode(join(folder, 'design.yaml'))
  const receiver = await startReceiver(t)
  const variables = { CRM_URL: receiver.url, CRM_SECRET: secretOf('a') }
  const receivers = receiversOf(model, { networks: LOOPBACK, variables }, { mode: 'production' })
  const { ask, sql, databaseUrl } = await testBackend(t, model, { receivers })
  const webhooks = (...args: readonly string[]) =>
    run(t, [...PLINTH, 'webhooks', ...args], { cwd: folder, env: { DATABASE_URL: databaseUrl } })

  receiver.answer = { status: 410, body: `gone for good\0\u009b2J${'x'.repeat(5_000)}` }
  await ask('POST', '/api/notes', { body: { text: 'one\u009b2J\u202e' } })
  const ended = (count: number) => async () =>
    (await sql(`select 1 from plinth.webhook_deliveries where state <> 'waiting'`)).length === count ? true : null
  await until('the end of one', ended(1))
  receiver.answer = { status: 200, body: 'thanks' }
  await ask('POST', '/api/notes', { body: { text: 'two' } })
  await until('the end of both', ended(2))

  const listed = await webhooks()
  assert.match(listed.stdout, /crm +0 waiting +1 sent +1 failed/)
  const failed = JSON.parse((await webhooks('list', '--state', 'failed', '--webhook', 'crm', '--json')).stdout).messages
  assert.equal(failed.length, 1)
  const shown = JSON.parse((await webhooks('show', failed[0].id, '--json')).stdout)
  const [attempt] = shown.attempts
  assert.deepEqual([shown.type, shown.state, attempt.status, attempt.answer.length], ['Note.created', 'failed', 410, 1_022])
  assert.ok(attempt.durationMs >= 0 && attempt.answer.startsWith('gone for good'))
  const text = (await webhooks('show', failed[0].id)).stdout
  assert.ok(text.includes('one 2J') && text.includes('good 2J') && !/[\u007f-\u009f\u202e]/.test(text), 'nothing changes the terminal')

  assert.match((await webhooks('replay', failed[0].id)).stdout, /1 message is sent again/)
  const [one, , again] = await receiver.received(3)
  assert.ok(one !== undefined && again !== undefined)
  assert.deepEqual([again.body, again.headers['webhook-id']], [one.body, one.headers['webhook-id']])
  verified(secretOf('a'), again)
  await until('the end of all', ended(2))
  assert.match(
    (await webhooks('replay', '--webhook', 'crm', '--state', 'sent', '--since', '2026-01-01')).stdout,
    /2 messages are sent again/,
  )
  await receiver.received(5)
  assert.match((await webhooks('replay', '--webhook', 'crm', '--since', '2099-01-01')).stdout, /0 messages are sent again/)

  // One that waits for its next attempt is sent at once; one behind it waits for it.
  receiver.answer = { status: 500 }
  const [{ id: row } = {}] = await sql('select id from notes limit 1')
  await sql('update notes set text = $1 where id = $2', ['three', row])
  await receiver.received(6)
  await sql('update notes set text = $1 where id = $2', ['four', row])
  const turns = async () =>
    (await sql(`select id, turn from plinth.webhook_deliveries where state = 'waiting' order by id`)).map(({ id, turn }) => [
      String(id),
      turn,
    ])
  const waits = await until('a pause', async () => {
    const now = await turns()
    return now.length === 2 && now[0]?.[1] === 'later' ? now : null
  })
  const [[first = ''] = [], [behind = ''] = []] = waits
  assert.match(
    (await webhooks('replay', String(behind))).stdout,
    /0 messages are sent again\n1 message waits already.*\n +\d+ waits for an earlier message about its row/,
  )
  assert.match((await webhooks('list', '--state', 'waiting')).stdout, /waits for an earlier message about its row/)
  receiver.answer = { status: 204 }
  assert.match((await webhooks('replay', String(first))).stdout, /1 message is sent again/)
  await receiver.received(8)
  await until('the end of the last ones', async () => ((await turns()).length === 0 ? true : null))
  const gone = await webhooks('show', '4711')
  assert.deepEqual([gone.code, /there is no such message/.test(gone.stdout + gone.stderr)], [1, true])
  for (const wrong of [['replay'], ['list', '--since', '2026-01-01']]) assert.equal((await webhooks(...wrong)).code, 2, wrong.join(' '))
})
