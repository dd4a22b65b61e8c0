/** The claims of mails: one attempt at a time. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { claimMail, endMail } from '../../src/services/mail/claims.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { PATIENCE } from '../support/patience.ts'

const MODEL = modelFrom({
  name: 'claims',
  integrations: { email: { from: 'a@example.com', templates: { hello: { subject: 'Hello', blocks: [{ text: 'Hello' }] } } } },
  on: { 'Note.created': [{ email: 'hello', to: 'row.email' }] },
  entities: {
    Note: { fields: { email: { type: 'email' } }, access: { read: 'true', create: 'true', update: 'true', delete: 'true' } },
  },
})

test('an attempt that has held a mail for too long does not end the attempt of another process', async (t) => {
  const world = await testBackend(t, MODEL, { work: 'elsewhere' })
  const runner = openExecutor({ url: world.databaseUrl, connections: 1, statementTimeoutMs: 5_000, patience: PATIENCE })
  const { run, close } = runner
  t.after(close)
  const claim = () => claimMail(runner, { id: 'one', to: 'b@example.com', limit: { mails: 10, withinMs: 1_000 }, again: false })
  const first = await claim()
  assert.ok(first.kind === 'taken')
  assert.deepEqual(await claim(), { kind: 'held' })
  await world.sql("update plinth.mails set held_until = now() - interval '1 second'")
  const second = await claim()
  assert.ok(second.kind === 'taken')
  await endMail(run, { id: 'one', until: first.until, outcome: 'not-sent' })
  assert.deepEqual(await claim(), { kind: 'held' })
  await endMail(run, { id: 'one', until: second.until, outcome: 'not-sent' })
  const third = await claim()
  assert.ok(third.kind === 'taken')
  await endMail(run, { id: 'one', until: third.until, outcome: 'sent' })
  assert.deepEqual(await claim(), { kind: 'sent' })
})

test('two processes that claim mails to an address at the same moment stay within its limit', async (t) => {
  const world = await testBackend(t, MODEL, { work: 'elsewhere' })
  const processes = [1, 2].map(() =>
    openExecutor({ url: world.databaseUrl, connections: 8, statementTimeoutMs: 5_000, patience: PATIENCE }),
  )
  t.after(() => Promise.all(processes.map(({ close }) => close())))
  for (let round = 0; round < 5; round++) {
    const limit = { mails: 3, withinMs: 60_000 }
    const claims = Array.from({ length: 16 }, (_, i) => {
      const runner = processes[i % 2]
      assert.ok(runner !== undefined)
      return claimMail(runner, { id: `${round} ${i}`, to: `to${round}@example.com`, limit, again: false })
    })
    const kinds = (await Promise.all(claims)).map(({ kind }) => kind)
    assert.equal(kinds.filter((kind) => kind === 'taken').length, 3, kinds.join())
    assert.equal(kinds.filter((kind) => kind === 'limit').length, 13, kinds.join())
  }
})
