/** The welcome mail of the blog: it arrives once, also when the server was down at first. */

import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import blog from '../../examples/blog/design.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { freePort } from '../support/command-line.ts'
import { headerOf, partOf, readMime, startSmtp } from '../support/smtp.ts'
import { mailTo } from './mail-world.ts'

test('an account registers at once, is welcomed by one mail when the server is back, and signs in', async (t) => {
  const model = modelFrom(blog)
  const port = await freePort()
  const mail = mailTo(model, `smtp://127.0.0.1:${port}`)
  const failures = new EventEmitter()
  const { ask, sql } = await testBackend(t, model, {
    mail,
    observe: (observation) => {
      if (observation.kind === 'events' && observation.of.kind === 'reaction-failed') failures.emit('failed', observation.of.error)
    },
  })
  const failed = once(failures, 'failed')
  const account = { name: 'Ann <b>', email: 'ann@example.com', password: 'Lantern-Otter-42' }
  const registered = await ask('POST', '/api/auth/register', { body: account })
  assert.equal(registered.status, 201)
  const [error] = await failed
  assert.match(String(error), /ECONNREFUSED|ESOCKET/)
  const smtp = await startSmtp(t, { port })
  const [received] = await smtp.received(1)
  const mime = readMime(received?.raw ?? '')
  assert.deepEqual([received?.to, headerOf(mime, 'subject')], [['ann@example.com'], 'Welcome, Ann <b>'])
  assert.ok(partOf(mime, 'text/html')?.includes('Ann &lt;b&gt;'))
  assert.ok(partOf(mime, 'text/plain')?.includes('Ann <b>'))
  const login = await ask('POST', '/api/auth/login', { body: { email: account.email, password: account.password } })
  assert.equal(login.status, 200)
  const waiting = async () => (await sql('select 1 from plinth.event_waiting union all select 1 from plinth.mails where not sent')).length
  while ((await waiting()) > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(smtp.mails.length, 1)
})
