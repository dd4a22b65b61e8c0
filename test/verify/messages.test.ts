/** What a backend sends after its answers: correct messages have no finding, and each way to spoil them has one. */

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import { sampleVariables } from '../../src/commands/verifying/backend/sample-variables.ts'
import { openCanaries } from '../../src/commands/verifying/messages/canaries.ts'
import { openMailReceiver } from '../../src/commands/verifying/messages/mail-receiver.ts'
import { guardSockets } from '../../src/commands/verifying/messages/only-loopback.ts'
import { openPostReceiver } from '../../src/commands/verifying/messages/post-receiver.ts'
import { withClient } from '../../src/postgres/connect.ts'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import { MAIL_SETTINGS, mailServerOf } from '../../src/services/mail/mail-settings.ts'
import { receiversOf } from '../../src/services/webhooks/receivers.ts'
import type { MessageCase, ServedWork } from '../../src/verify/cases/message-case.ts'
import { referenceOf } from '../../src/verify/expected/reference.ts'
import { allCasesOf } from '../../src/verify/families/all-cases.ts'
import { messageRows } from '../../src/verify/messages/message-cases.ts'
import { insertRows } from '../../src/verify/run/rows.ts'
import { runMessages } from '../../src/verify/run/run-messages.ts'
import type { WorkStage } from '../../src/verify/run/work-stage.ts'
import { newPem } from '../identity/instances.ts'
import { type TestBackend, testBackend } from '../support/backend.ts'
import { migratedDatabase } from '../support/database.ts'
import { load } from './loaded.ts'

const { design, model } = await load('test/verify/designs/notices.yaml')
const plan = allCasesOf(design, model, 'x')
/** As the command has it. */
const RIGHT = { usual: '127.0.0.1', crash: '127.0.0.1', localhost: '::1' } as const
const keys = readKeys('AUTH_KEYS', newPem())
let stage: WorkStage
/** Serves in the ways of the command, but in this process: a backend with other networks is one with a fault. */
let served: (networks: Readonly<Record<ServedWork, string>>, mode?: 'production' | 'development') => Promise<WorkStage>
const ends: (() => unknown)[] = []

let isGuarded = false

before(async () => {
  const database = await migratedDatabase(model)
  isGuarded = await guardSockets(new URL(database.url).hostname)
  assert.ok(isGuarded)
  ends.push(database.drop)
  const rows = messageRows({ reference: referenceOf(design, model, plan.world.rows), world: plan.world })
  await withClient(database.url, async (client) => {
    await insertRows(client, model, rows)
    await client.query('update hooks set active = false')
    await client.query('truncate plinth.events')
  })
  const [mailbox, receiver, canaries] = [await openMailReceiver(), await openPostReceiver(), await openCanaries()]
  for (const one of [mailbox, receiver, canaries]) ends.push(one.close)
  const variables = sampleVariables(model, receiver.origin)
  const named = { ...variables, ARCHIVE_URL: `http://localhost:${canaries.localPort}/webhooks/archive` }
  let present: { readonly backend: TestBackend; readonly as: ServedWork; readonly ends: (() => unknown)[] } | null = null
  const end = async (): Promise<void> => {
    for (const one of (present?.ends ?? []).toReversed()) await one()
    present = null
  }
  ends.push(end)
  const start = async (as: ServedWork, networks: string, mode: 'production' | 'development'): Promise<void> => {
    await end()
    const own: (() => unknown)[] = []
    const backend = await testBackend({ after: (one: () => unknown) => void own.push(one) } as never, model, {
      ...{ databaseUrl: database.url, keys, mode: 'production', work: as === 'crash' ? 'elsewhere' : 'here' },
      mail: mailServerOf(model, { smtpUrl: mailbox.url, from: null }, { mode: 'production', named: MAIL_SETTINGS }),
      receivers: receiversOf(model, { networks, variables: as === 'localhost' ? named : variables }, { mode }),
    })
    present = { backend, as, ends: own }
  }
  const backend = (): TestBackend => present?.backend ?? assert.fail('nothing is served')
  served = async (networks, mode = 'production') => {
    await start('usual', networks.usual, mode)
    return {
      ask: ({ method, url, token, body, headers }) =>
        backend().ask(method, url, { ...(token === null ? {} : { token }), body, ...(headers === undefined ? {} : { headers }) }),
      databaseUrl: database.url,
      tokenFor: (account) => backend().tokenFor(account),
      serve: async (as) => (present?.as === as ? undefined : start(as, networks[as], mode)),
      crash: () => start('usual', networks.usual, mode),
      mails: mailbox.mails,
      posts: receiver.posts,
      answerPosts: receiver.answerPosts,
      canaries,
      isGuarded: () => isGuarded,
      receiver: (name) =>
        name === 'archive'
          ? { path: '/webhooks/archive', key: Buffer.from((variables.ARCHIVE_SECRET ?? '').replace('whsec_', ''), 'base64') }
          : null,
    }
  }
  stage = await served(RIGHT)
})
after(async () => {
  for (const end of ends.toReversed()) await end()
})

/** What the cases with this beginning of their names say about a stage. */
async function findings(of: WorkStage, only: string): Promise<readonly (string | null)[]> {
  const cases: readonly MessageCase[] = plan.messages.filter(({ name }) => name.startsWith(only))
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
  assert.deepEqual(wrong, Array(plan.messages.length).fill(null))
  assert.ok(
    stage.mails().some(({ raw }) => raw.includes('&lt;script&gt;')),
    'texts of rows are scripts',
  )
})

test('a log of messages that another account reads is a finding', async () => {
  const open: WorkStage = {
    ...stage,
    async ask(asked) {
      const answer = await stage.ask(asked)
      return asked.url.endsWith('/deliveries') && answer.status === 404 ? { ...answer, status: 200 } : answer
    },
  }
  assert.match((await findings(open, 'security/F206/subscriptions'))[0] ?? '', /GET of the log of a subscription of another account/)
})

test('a message that another account sends again is a finding, also where its answer is a refusal', async () => {
  const sending = (answered: 'openly' | 'as refused'): WorkStage => {
    let owner: string | null = null
    return {
      ...stage,
      async ask(asked) {
        const answer = await stage.ask(asked)
        if (!asked.url.endsWith('/replay')) return answer
        if (answer.status === 202) owner = asked.token
        const other = answer.status === 202 ? answer : await stage.ask({ ...asked, token: owner })
        return answered === 'openly' ? other : answer
      },
    }
  }
  const of = 'security/F206/subscriptions'
  assert.match(
    (await findings(sending('openly'), of))[0] ?? '',
    /POST of replay of the log of a subscription of another account is answered 202/,
  )
  assert.match((await findings(sending('as refused'), of))[0] ?? '', /a message was sent again by an account that does not have/)
})

test('a log of messages that names an address is a finding', async () => {
  const telling: WorkStage = {
    ...stage,
    async ask(asked) {
      const answer = await stage.ask(asked)
      if (!asked.url.endsWith('/deliveries') || answer.status !== 200) return answer
      return { ...answer, json: { ...answer.json, hint: 'connect ECONNREFUSED 10.0.0.7:8443' } }
    },
  }
  assert.match((await findings(telling, 'security/F206/subscriptions'))[0] ?? '', /the log of a subscription has 10\.0\.0\.7/)
})

test('a message to a subscription that is switched off is a finding', async () => {
  const run = (statement: string) => withClient(stage.databaseUrl, (client) => client.query(statement))
  await run("create function turned_on() returns trigger language plpgsql as 'begin new.active := true; return new; end'")
  await run('create trigger turned_on before insert on hooks for each row execute function turned_on()')
  try {
    assert.match((await findings(stage, 'security/F206/subscriptions'))[0] ?? '', /that is switched off has got a message/)
  } finally {
    await run('drop function turned_on cascade')
  }
})

test('a redirect to another path of the receiver that is followed is a finding', async () => {
  const followed: ReturnType<WorkStage['posts']>[number][] = []
  const following: WorkStage = {
    ...stage,
    posts: () => [...stage.posts(), ...followed],
    answerPosts: (by) =>
      stage.answerPosts(
        by === null
          ? null
          : (post) => {
              const answer = by(post)
              const location = answer.headers?.location ?? ''
              if (location.startsWith('/')) followed.push({ ...post, url: location })
              return answer
            },
      ),
  }
  assert.match((await findings(following, 'security/F202/messages/redirects'))[0] ?? '', /a second request, to the path/)
})

test('a mail whose texts are not escaped, or that has gone to somebody else, is a finding', async () => {
  const spoiled = (change: (raw: string) => string): WorkStage => ({
    ...stage,
    mails: () => stage.mails().map((mail) => ({ ...mail, raw: change(mail.raw) })),
  })
  const unescaped = spoiled((raw) => raw.replaceAll('&lt;', '<').replaceAll('&gt;', '>'))
  assert.match((await findings(unescaped, 'security/F201/mails'))[0] ?? '', /without escapes/)
  const cells = spoiled((raw) => {
    const table = raw.lastIndexOf('line"')
    return table < 0 ? raw : raw.slice(0, table) + raw.slice(table).replaceAll('&lt;', '<').replaceAll('&gt;', '>')
  })
  assert.match((await findings(cells, 'security/F201/mails/Notice.created/blocks'))[0] ?? '', /without escapes/)
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
  const kept = new Map<string, string>()
  const old = spoiled(({ headers, body }) => {
    const id = headers['webhook-id'] ?? ''
    const time = kept.get(id) ?? headers['webhook-timestamp'] ?? ''
    kept.set(id, time)
    const key = stage.receiver('archive')?.key ?? assert.fail('the receiver has a key')
    const signature = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64')
    return { headers: { ...headers, 'webhook-timestamp': time, 'webhook-signature': `v1,${signature}` } }
  })
  assert.match((await findings(old, 'messages/Notice.updated/again'))[0] ?? '', /the second attempt has the time/)
  const renamed = spoiled(({ headers }, i) => ({ headers: { ...headers, 'webhook-id': `evt_${i}` } }))
  assert.match((await findings(renamed, 'messages/Notice.updated/again'))[0] ?? '', /no signature|with 2 ids/)
})

test('what is lost in a crash, and what connects to this machine, is a finding', async () => {
  const forgetful: WorkStage = {
    ...stage,
    crash: async () => {
      await withClient(stage.databaseUrl, (client) => client.query('truncate plinth.events'))
      await stage.crash()
    },
  }
  assert.match(
    (await findings(forgetful, 'messages/crash'))[0] ?? '',
    /after kill -9 between commit and delivery: no (mail|message) has come/,
  )
  const open = await served({ ...RIGHT, usual: '127.0.0.0/8', localhost: '127.0.0.1, ::1' }, 'development')
  assert.match((await findings(open, 'security/F202/messages/readers/spellings'))[0] ?? '', /connections to this machine/)
  assert.match((await findings(open, 'security/F202/messages/checked-address'))[0] ?? '', /connections to an address of a name/)
})

test('a network that a subscription may reach, and a scheme of other servers, are findings', async () => {
  const of = 'security/F202/messages/readers/spellings'
  const web = await served({ ...RIGHT, usual: '192.0.2.7' }, 'development')
  assert.match((await findings(web, of))[0] ?? '', /the message to http:\/\/172\.32\.0\.0\/ was sent: ERR_IP_BLOCKED/)
  const open = await served({ ...RIGHT, usual: '2001:db8::' }, 'development')
  assert.match((await findings(open, of))[0] ?? '', /\/\/(?:\[2001:db8::\]|172\.32\.0\.0)\/ was sent: ERR_IP_BLOCKED/)
})

test('a backend without the guard of sockets is given no addresses of others, and the result says so', async () => {
  const bare: WorkStage = { ...(await served(RIGHT)), isGuarded: () => false }
  const cases = plan.messages.filter(({ name }) => name.endsWith('/readers/spellings'))
  const [result] = await runMessages(bare, { model, accounts: plan.world.accounts, cases })
  assert.deepEqual([result?.wrong, Object.keys(result?.left ?? {})], [null, ['network edges readers', 'ports readers']])
})
