/** What a backend sends after its answers: correct messages have no finding, and each way to spoil them has one. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sampleVariables } from '../../src/commands/verifying/backend/sample-variables.ts'
import { openCanaries } from '../../src/commands/verifying/messages/canaries.ts'
import { openMailReceiver } from '../../src/commands/verifying/messages/mail-receiver.ts'
import { openPostReceiver } from '../../src/commands/verifying/messages/post-receiver.ts'
import { withClient } from '../../src/postgres/connect.ts'
import { MAIL_SETTINGS, mailServerOf } from '../../src/services/mail/mail-settings.ts'
import { receiversOf } from '../../src/services/webhooks/receivers.ts'
import type { MessageCase } from '../../src/verify/cases/message-case.ts'
import { referenceOf } from '../../src/verify/expected/reference.ts'
import { allCasesOf } from '../../src/verify/families/all-cases.ts'
import { messageRows } from '../../src/verify/messages/message-cases.ts'
import { insertRows } from '../../src/verify/run/rows.ts'
import { runMessages } from '../../src/verify/run/run-messages.ts'
import type { WorkStage } from '../../src/verify/run/work-stage.ts'
import { testBackend } from '../support/backend.ts'
import { migratedDatabase } from '../support/database.ts'
import { load } from './loaded.ts'

const { design, model } = await load('test/verify/designs/notices.yaml')
const plan = allCasesOf(design, model, 'x')
/** Processes are started and killed by the command; here the backend is in this process. */
const usual = plan.messages.filter(({ served }) => served === 'usual')
let stage: WorkStage
const ends: (() => unknown)[] = []

before(async () => {
  const database = await migratedDatabase(model)
  const rows = messageRows({ reference: referenceOf(design, model, plan.world.rows), world: plan.world })
  await withClient(database.url, async (client) => {
    await insertRows(client, model, rows)
    await client.query('update hooks set active = false')
    await client.query('truncate plinth.events')
  })
  const [mailbox, receiver, canaries] = [await openMailReceiver(), await openPostReceiver(), await openCanaries()]
  const variables = sampleVariables(model, receiver.origin)
  const t = { after: (end: () => unknown) => void ends.push(end) }
  for (const one of [mailbox, receiver, canaries]) t.after(one.close)
  t.after(database.drop)
  const backend = await testBackend(t as never, model, {
    databaseUrl: database.url,
    mode: 'production',
    work: 'here',
    mail: mailServerOf(model, { smtpUrl: mailbox.url, from: null }, { mode: 'production', named: MAIL_SETTINGS }),
    receivers: receiversOf(model, { networks: '127.0.0.1', variables }, { mode: 'production' }),
  })
  stage = {
    ask: ({ method, url, token, body, headers }) =>
      backend.ask(method, url, { ...(token === null ? {} : { token }), body, ...(headers === undefined ? {} : { headers }) }),
    databaseUrl: database.url,
    tokenFor: backend.tokenFor,
    serve: async () => {},
    crash: async () => {},
    mails: mailbox.mails,
    posts: receiver.posts,
    answerPosts: receiver.answerPosts,
    canaries,
    receiver: (name) =>
      name === 'archive'
        ? { path: '/webhooks/archive', key: Buffer.from((variables.ARCHIVE_SECRET ?? '').replace('whsec_', ''), 'base64') }
        : null,
  }
})
after(async () => {
  for (const end of ends.toReversed()) await end()
})

/** What the cases with this beginning of their names say about a stage. */
async function findings(of: WorkStage, only: string): Promise<readonly (string | null)[]> {
  const cases: readonly MessageCase[] = usual.filter(({ name }) => name.startsWith(only))
  assert.ok(cases.length > 0, only)
  const results = await runMessages(of, { model, accounts: plan.world.accounts, cases })
  assert.deepEqual(
    results.flatMap(({ left = {} }) => Object.values(left)),
    [],
  )
  return results.map(({ wrong }) => wrong)
}

test('a correct backend sends what its design promises, and connects to nothing else', async () => {
  const wrong = await findings(stage, '')
  assert.deepEqual(wrong, Array(usual.length).fill(null))
  assert.ok(
    stage.mails().some(({ raw }) => raw.includes('&lt;script&gt;')),
    'texts of rows are scripts',
  )
})

test('a mail whose texts are not escaped, or that has gone to somebody else, is a finding', async () => {
  const spoiled = (change: (raw: string) => string): WorkStage => ({
    ...stage,
    mails: () => stage.mails().map((mail) => ({ ...mail, raw: change(mail.raw) })),
  })
  const unescaped = spoiled((raw) => raw.replaceAll('&lt;', '<').replaceAll('&gt;', '>'))
  assert.match((await findings(unescaped, 'security/F201/mails'))[0] ?? '', /without escapes/)
  const added = spoiled((raw) => `Bcc: somebody@example.net\r\n${raw}`)
  assert.match((await findings(added, 'security/F201/mails'))[0] ?? '', /header field bcc/)
  const more = { ...stage, mails: () => stage.mails().map((mail) => ({ ...mail, to: [...mail.to, 'canary@example.net'] })) }
  assert.match((await findings(more, 'security/F201/mails'))[0] ?? '', /has become a recipient/)
})

test('a message that is lost, has another id each time, a wrong signature or a field too many is a finding', async () => {
  const spoiled = (change: (post: ReturnType<WorkStage['posts']>[number], i: number) => object): WorkStage => ({
    ...stage,
    posts: () => stage.posts().map((post, i) => ({ ...post, ...change(post, i) })),
  })
  const of = 'messages/Notice.updated/sent'
  assert.match((await findings({ ...stage, posts: () => [] }, of))[0] ?? '', /no message has come to the webhook archive/)
  const unsigned = spoiled(({ headers }) => ({ headers: { ...headers, 'webhook-signature': 'v1,AAAA' } }))
  assert.match((await findings(unsigned, of))[0] ?? '', /no signature/)
  const renamed = spoiled(({ headers }, i) => ({ headers: { ...headers, 'webhook-id': `evt_${i}` } }))
  assert.match((await findings(renamed, 'messages/Notice.updated/again'))[0] ?? '', /no signature|with 2 ids/)
})
