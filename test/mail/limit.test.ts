/** How many mails an address gets, and that each is sent once. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { listLetters, retryLetters } from '../../src/services/events/letters.ts'
import { until } from '../events/events-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { PATIENCE } from '../support/patience.ts'
import { startSmtp } from '../support/smtp.ts'
import { mailTo } from './mail-world.ts'

const DESIGN = {
  name: 'limit',
  entities: {
    Note: { fields: { address: { type: 'email' } }, access: { read: 'true', create: 'true', update: 'false', delete: 'false' } },
  },
  on: { 'Note.created': [{ email: 'note', to: 'address' }] },
  integrations: {
    email: {
      from: 'no-reply@example.com',
      limit: { mails: 2, within: '1h' },
      templates: { note: { subject: 'Note', blocks: [{ text: 'to {address}' }] } },
    },
  },
}

test('an address gets as many mails as the limit says; further ones are dead letters, which can be sent later', async (t) => {
  const model = modelFrom(DESIGN)
  const smtp = await startSmtp(t)
  const { ask, sql, databaseUrl } = await testBackend(t, model, { mail: mailTo(model, smtp.url) })
  const executor = openExecutor({ url: databaseUrl, connections: 1, statementTimeoutMs: 5_000, patience: PATIENCE })
  t.after(() => executor.close())
  const note = (address: string) => ask('POST', '/api/notes', { body: { address } })
  const dead = async () => {
    const letters = await listLetters(executor.run, { reaction: 'Note email note', only: 'dead' })
    return letters.length > 0 ? letters : null
  }
  for (const [i, address] of ['ann@example.com', 'ANN@example.com'].entries()) {
    await note(address)
    await smtp.received(i + 1)
  }
  await note('ann@example.com')
  const [letter] = await until('the dead letter', dead)
  assert.match(String(letter?.error), /as many mails as integrations\.email\.limit allows/)
  await note('bob@example.com')
  assert.deepEqual((await smtp.received(3))[2]?.to, ['bob@example.com'])
  await sql(`update plinth.mails set at = at - interval '2 hours'`)
  assert.equal(await retryLetters(executor.run, 'all'), 1)
  assert.deepEqual((await smtp.received(4))[3]?.to, ['ann@example.com'])
})

test('a mail that another attempt holds is not sent meanwhile, and one that was sent is not sent again', async (t) => {
  const model = modelFrom(DESIGN)
  const smtp = await startSmtp(t)
  const { ask, sql } = await testBackend(t, model, { mail: mailTo(model, smtp.url) })
  await ask('POST', '/api/notes', { body: { address: 'ann@example.com' } })
  await smtp.received(1)
  await until('the note of it', async () => ((await sql('select 1 from plinth.mails where sent')).length === 1 ? true : null))
  // The event is delivered again, as after a crash before the position of the reader was saved.
  const again = `insert into plinth.event_waiting (reaction, event, entity, happening, row_id, version, at, after)
    select 'Note email note', id, entity, happening, row_id, version, at, after from plinth.events`
  const waiting = () => sql('select attempt::int, error from plinth.event_waiting')
  await sql(again)
  await until('the end of the attempt', async () => ((await waiting()).length === 0 ? true : null))
  assert.equal(smtp.mails.length, 1)
  await sql(`update plinth.mails set sent = false, held_until = now() + interval '1 hour'`)
  await sql(again)
  const failed = await until('the attempt that waits', async () => (await waiting()).find(({ attempt }) => attempt === 1) ?? null)
  assert.equal(failed.error, 'another attempt is under way')
  await sql(`update plinth.mails set held_until = now() - interval '1 s'`)
  await smtp.received(2)
  assert.equal(new Set(smtp.mails.map(({ raw }) => /^Message-ID: (.*)$/im.exec(raw)?.[1])).size, 1)
})
