/** Servers that fail: what is sent again, what is sent once, and what operators see. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { until } from '../events/events-world.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { PLINTH, run, temporaryFolder } from '../support/command-line.ts'
import { headerOf, readMime, startSmtp } from '../support/smtp.ts'
import { mailTo } from './mail-world.ts'
import { scriptedSmtp } from './scripted-smtp.ts'

const DESIGN = {
  name: 'letters',
  entities: {
    Note: { fields: { address: { type: 'email' } }, access: { read: 'true', create: 'true', update: 'false', delete: 'false' } },
  },
  on: { 'Note.created': [{ email: 'note', to: 'address' }] },
  integrations: {
    email: { from: 'no-reply@example.com', templates: { note: { subject: 'Note', blocks: [{ text: 'to {address}' }] } } },
  },
}

async function world(t: TestContext, url: string): Promise<TestBackend> {
  const model = modelFrom(DESIGN)
  return testBackend(t, model, { mail: mailTo(model, url) })
}

/** Makes a note for each of these people. */
async function noteFor({ ask }: TestBackend, ...names: readonly string[]): Promise<void> {
  for (const name of names) assert.equal((await ask('POST', '/api/notes', { body: { address: `${name}@example.com` } })).status, 201)
}

/** Waits until no mail is under way. */
async function settled({ sql }: TestBackend): Promise<void> {
  const open = 'select 1 from plinth.event_waiting where not dead union all select 1 from plinth.mails where held_until is not null'
  await until('the end of all mails', async () => ((await sql(open)).length === 0 ? true : null))
}

test('a recipient whom the server refuses is a dead letter that plinth events shows and sends again; others get their mails', async (t) => {
  const refused = new Set(['gone@example.com'])
  const smtp = await startSmtp(t, {
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: (_auth, _session, done) => done(null, { user: 'letters' }),
    onRcptTo: ({ address }, _session, done) =>
      refused.has(address) ? done(Object.assign(new Error(`no ${address}, s3cret`), { responseCode: 550 })) : done(),
  })
  const backend = await world(t, smtp.url.replace('//', '//letters:s3cret@'))
  await noteFor(backend, 'gone', 'ann')
  const [mail] = await smtp.received(1)
  assert.deepEqual(mail?.to, ['ann@example.com'])
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.json'), JSON.stringify(DESIGN))
  const plinth = (...words: readonly string[]) =>
    run(t, [...PLINTH, 'events', ...words], { cwd: folder, env: { DATABASE_URL: backend.databaseUrl } })
  await until('the dead letter', async () =>
    (await backend.sql('select 1 from plinth.event_waiting where dead')).length === 1 ? true : null,
  )
  const { code, stdout } = await plinth()
  assert.equal(code, 0)
  assert.match(stdout, /Note email note[\s\S]*EENVELOPE.*550 no …, …/)
  assert.ok(!stdout.includes('s3cret') && !stdout.includes('gone@'), stdout)
  refused.clear()
  assert.equal((await plinth('retry', '--all')).code, 0)
  assert.deepEqual((await smtp.received(2))[1]?.to, ['gone@example.com'])
})

test('an address that mails are not sent to is a dead letter that says so', async (t) => {
  const backend = await world(t, await scriptedSmtp(t, () => assert.fail('no mail is sent')))
  await noteFor(backend, '-a')
  const [letter] = await until('the dead letter', async () => {
    const found = await backend.sql('select error, attempt from plinth.event_waiting where dead')
    return found.length === 1 ? found : null
  })
  assert.deepEqual(letter, { error: 'the text of to is no address that mails are sent to', attempt: 1 })
})

test('a server that ends the connection after a mail gets it again, with the same Message-ID', async (t) => {
  const messages: string[] = []
  const url = await scriptedSmtp(t, (message, socket) => {
    messages.push(message)
    if (messages.length === 1) socket.destroy()
    else socket.write('250 taken\r\n')
  })
  const backend = await world(t, url)
  await noteFor(backend, 'ann')
  await until('the second mail', () => (messages.length === 2 ? true : null))
  await settled(backend)
  const [first, second] = messages.map((message) => headerOf(readMime(message), 'message-id'))
  assert.match(String(first), /^<[0-9a-f]{32}@example\.com>$/)
  assert.deepEqual([second, messages.length], [first, 2])
})

test('a server that takes its time gets a mail once, and other mails do not wait for it', async (t) => {
  const slow: (() => void)[] = []
  const taken: string[] = []
  const smtp = await startSmtp(t, {
    onData(stream, { envelope }, done) {
      stream.resume()
      stream.on('end', () => {
        const address = String(envelope.rcptTo[0]?.address)
        taken.push(address)
        if (address === 'slow@example.com') slow.push(() => done())
        else done()
      })
    },
  })
  const backend = await world(t, smtp.url)
  await noteFor(backend, 'slow', 'ann', 'bob')
  const sent = async () => (await backend.sql('select 1 from plinth.mails where sent')).length
  await until('the other mails', async () => ((await sent()) === 2 ? true : null))
  await until('the slow mail', () => (slow.length > 0 ? true : null))
  for (const answer of slow) answer()
  await settled(backend)
  assert.deepEqual([taken.toSorted(), await sent()], [['ann@example.com', 'bob@example.com', 'slow@example.com'], 3])
})
