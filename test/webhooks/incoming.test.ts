/** Requests that other systems sign: checked, taken once, and answered when what follows is stored. */

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { receiversOf } from '../../src/services/webhooks/receivers.ts'
import { until } from '../events/events-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { secretOf } from './receiver.ts'

const GIT_SECRET = 'a secret of the forge'.replaceAll(' ', '-')
const CHAT_SECRET = 'the-secret-of-the-chat'

const DESIGN = {
  name: 'shop',
  entities: {
    Payment: {
      fields: { reference: { type: 'text' }, amount: { type: 'integer' } },
      access: { read: 'true', create: 'false', update: 'false', delete: 'false' },
    },
    Push: { fields: { ref: { type: 'text' } }, access: { read: 'true', create: 'false', update: 'false', delete: 'false' } },
  },
  jobs: {
    book: {
      as: 'system',
      input: { reference: 'Payment.reference', amount: 'Payment.amount' },
      steps: [{ create: 'Payment', set: 'input' }],
    },
  },
  actions: {
    paid: {
      as: 'system',
      endpoint: { at: 'POST /hooks/payments', signed: { secret: 'PAY_SECRET' } },
      input: {
        type: { type: 'text' },
        reference: { type: 'text', max: 100, inside: 'data' },
        amount: { type: 'integer', min: 0, inside: 'data' },
      },
      steps: [
        { enqueue: 'book', when: 'input.type == "payment.succeeded"', input: { reference: 'input.reference', amount: 'input.amount' } },
      ],
    },
    pushed: {
      as: 'system',
      endpoint: {
        at: 'POST /hooks/git',
        status: 202,
        signed: { secret: 'GIT_SECRET', header: 'X-Hub-Signature-256', prefix: 'sha256=', id: 'X-GitHub-Delivery' },
      },
      input: { ref: 'Push.ref' },
      steps: [{ create: 'Push', set: 'input', as: 'push' }],
      answer: { push: 'push.ref' },
    },
    charged: {
      as: 'system',
      endpoint: {
        at: 'POST /hooks/charges',
        signed: { secret: 'CHAT_SECRET', header: 'Stripe-Signature.v1', timestamp: 'Stripe-Signature.t', id: 'body.id' },
      },
      input: { ref: 'Push.ref' },
      steps: [{ create: 'Push', set: 'input' }],
    },
    told: {
      as: 'system',
      endpoint: {
        at: 'POST /hooks/told',
        signed: { secret: 'CHAT_SECRET', header: 'X-Sign', id: 'X-Id', timestamp: 'X-Time', content: '{id}.{timestamp}.{body}' },
      },
      input: { ref: 'Push.ref' },
      steps: [{ create: 'Push', set: 'input' }],
    },
    said: {
      as: 'system',
      endpoint: {
        at: 'POST /hooks/chat',
        signed: {
          secret: 'CHAT_SECRET',
          header: 'X-Signature',
          prefix: 'v0=',
          algorithm: 'sha512',
          encoding: 'base64',
          timestamp: 'X-Time',
          content: 'v0:{timestamp}:{body}',
        },
      },
      input: { ref: 'Push.ref' },
      steps: [{ create: 'Push', set: 'input' }],
    },
  },
}

async function world(t: TestContext, secrets = secretOf('a')) {
  const model = modelFrom(DESIGN)
  const variables = { PAY_SECRET: secrets, GIT_SECRET, CHAT_SECRET }
  const receivers = receiversOf(model, { networks: null, variables }, { mode: 'production' })
  const backend = await testBackend(t, model, { receivers, mode: 'production' })
  const { app } = backend.backend
  const post = async (url: string, body: string | Buffer, headers: Record<string, string>) => {
    const answer = await app.inject({ method: 'POST', url, payload: body, headers: { 'content-type': 'application/json', ...headers } })
    return { status: answer.statusCode, code: answer.body === '' ? null : JSON.parse(answer.body).code, text: answer.body }
  }
  const count = async (table: string) => (await backend.sql(`select 1 from ${table}`)).length
  return { post, count, ...backend }
}

const NOW = () => Math.floor(Date.now() / 1_000)

/** A message as the library of Standard Webhooks signs it. */
function signed(secret: string, id: string, body: string, seconds = NOW()): Record<string, string> {
  const signature = new Webhook(secret).sign(id, new Date(seconds * 1_000), body)
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': signature }
}

const PAID = JSON.stringify({ type: 'payment.succeeded', timestamp: 'now', data: { reference: 'r1', amount: 5, card: { last4: '4711' } } })

test('a signed message starts a job, once, however often it is sent', async (t) => {
  const { post, count, sql } = await world(t)
  const first = await post('/hooks/payments', PAID, signed(secretOf('a'), 'msg_1', PAID))
  assert.deepEqual([first.status, first.text], [204, ''])
  await until('the payment', async () => ((await count('payments')) === 1 ? true : null))
  assert.equal((await post('/hooks/payments', PAID, signed(secretOf('a'), 'msg_1', PAID, NOW() - 60))).status, 204)
  const together = await Promise.all([1, 2, 3, 4].map(() => post('/hooks/payments', PAID, signed(secretOf('a'), 'msg_2', PAID))))
  // A sender repeats a message that is being taken at this moment.
  assert.ok(together.every(({ status }) => status === 204 || status === 409) && together.some(({ status }) => status === 204))
  await until('the second payment', async () => ((await count('payments')) === 2 ? true : null))
  assert.equal(await count('plinth.jobs'), 0)
  const [{ days } = {}] = await sql(
    'select round(extract(epoch from min(expires_at) - now()) / 86400) as days from plinth.idempotency_keys',
  )
  assert.equal(Number(days), 7)
  const other = JSON.stringify({ type: 'payment.failed', data: { reference: 'r2', amount: 5 } })
  assert.equal((await post('/hooks/payments', other, signed(secretOf('a'), 'msg_3', other))).status, 204)
  assert.equal(await count('plinth.jobs'), 0)
})

test('the document names 401 for each action whose requests are signed', async (t) => {
  const { ask } = await world(t)
  const { json } = await ask('GET', '/openapi.json')
  for (const name of ['payments', 'git', 'charges', 'told', 'chat'])
    assert.ok(json.paths[`/hooks/${name}`].post.responses['401'] !== undefined, name)
})

test('a wrong, missing, old or foreign signature is 401, and nothing happens', async (t) => {
  const { post, count } = await world(t)
  const right = signed(secretOf('a'), 'msg_1', PAID)
  const { 'webhook-id': _, ...withoutId } = right
  const wrong: readonly (readonly [string, Record<string, string>, string])[] = [
    ['another secret', signed(secretOf('b'), 'msg_1', PAID), PAID],
    ['another body', right, PAID.replace('5', '6')],
    ['another id', { ...right, 'webhook-id': 'msg_2' }, PAID],
    ['another time', { ...right, 'webhook-timestamp': String(NOW() - 1) }, PAID],
    ['an old message', signed(secretOf('a'), 'msg_1', PAID, NOW() - 330), PAID],
    ['one of the future', signed(secretOf('a'), 'msg_1', PAID, NOW() + 330), PAID],
    ['no id', withoutId, PAID],
    ['no signature', { ...right, 'webhook-signature': '' }, PAID],
    ['another version', { ...right, 'webhook-signature': right['webhook-signature']?.replace('v1,', 'v1a,') ?? '' }, PAID],
    ['an empty digest', { ...right, 'webhook-signature': 'v1,' }, PAID],
    ['a body that is no JSON', right, '{'],
    ['nothing', {}, PAID],
  ]
  for (const [what, headers, body] of wrong) {
    const { status, code } = await post('/hooks/payments', body, headers)
    assert.deepEqual([status, code], [401, 'wrong_signature'], what)
  }
  assert.deepEqual([await count('plinth.jobs'), await count('plinth.idempotency_keys')], [0, 0])
  const invalid = JSON.stringify({ type: 'payment.succeeded', data: { reference: 'r', amount: -1 } })
  const refused = await post('/hooks/payments', invalid, signed(secretOf('a'), 'msg_9', invalid))
  assert.deepEqual([refused.status, JSON.parse(refused.text).errors[0].pointer], [400, '/data/amount'])
})

test('while secrets are rotated, both are accepted', async (t) => {
  const { post } = await world(t, `${secretOf('b')} ${secretOf('a')}`)
  for (const letter of ['a', 'b'])
    assert.equal((await post('/hooks/payments', PAID, signed(secretOf(letter), `msg_${letter}`, PAID))).status, 204)
  const both = signed(secretOf('a'), 'msg_c', PAID)
  const header = `v1,AAAA ${both['webhook-signature']} v2,x`
  assert.equal((await post('/hooks/payments', PAID, { ...both, 'webhook-signature': header })).status, 204)
  assert.equal((await post('/hooks/payments', PAID, signed(secretOf('c'), 'msg_d', PAID))).status, 401)
})

test('an HMAC with a prefix and an id, about the bytes of the body', async (t) => {
  const { post, count } = await world(t)
  const body = Buffer.from('{ "ref" :\n"refs/heads/ä",  "pusher":{"name":"ann"} }')
  const digest = createHmac('sha256', GIT_SECRET).update(body).digest('hex')
  const headers = { 'x-hub-signature-256': `sha256=${digest}`, 'x-github-delivery': 'd1' }
  for (const _ of [1, 2]) {
    const { status, text } = await post('/hooks/git', body, headers)
    assert.deepEqual([status, JSON.parse(text)], [202, { push: 'refs/heads/ä' }])
  }
  assert.equal(await count('pushes'), 1)
  assert.equal((await post('/hooks/git', body, { ...headers, 'x-github-delivery': 'd2' })).status, 202)
  for (const signature of [digest, `sha256=${digest.slice(1)}`, `sha256=${digest}00`, 'sha256=', `sha1=${digest}`])
    assert.equal((await post('/hooks/git', body, { ...headers, 'x-hub-signature-256': signature })).status, 401, signature)
})

test('an HMAC with a time and a content of its own; without an id, equal bodies are the same message', async (t) => {
  const { post, count } = await world(t)
  const send = (body: string, seconds: number) => {
    const signature = createHmac('sha512', CHAT_SECRET).update(`v0:${seconds}:${body}`).digest('base64')
    return post('/hooks/chat', body, { 'x-signature': `v0=${signature}`, 'x-time': String(seconds) })
  }
  assert.equal((await send('{"ref":"a"}', NOW())).status, 204)
  assert.equal((await send('{"ref":"a"}', NOW() - 10)).status, 204)
  assert.equal((await send('{"ref":"b"}', NOW())).status, 204)
  assert.equal(await count('pushes'), 2)
  assert.equal((await send('{"ref":"c"}', NOW() - 400)).status, 401)
})

const hmacOf = (text: string) => createHmac('sha256', CHAT_SECRET).update(text).digest('hex')

test('a header of pairs has the time and several signatures, and a member of the body is the id of a message', async (t) => {
  const { post, count } = await world(t)
  const send = (body: string, header: string) => post('/hooks/charges', body, { 'stripe-signature': header })
  const body = JSON.stringify({ id: 'evt_1', ref: 'a', pending: 2 })
  const [now, right] = [NOW(), (text: string, seconds: number) => hmacOf(`${seconds}.${text}`)]
  const old = 'f'.repeat(64)
  assert.equal((await send(body, `t=${now},v1=${old},v1=${right(body, now)},v0=${old}`)).status, 204)
  // The sender repeats the event with another body.
  const again = JSON.stringify({ id: 'evt_1', ref: 'a', pending: 1 })
  assert.equal((await send(again, `t=${now}, v1=${right(again, now)}`)).status, 204)
  assert.equal(await count('pushes'), 1)
  const other = JSON.stringify({ id: 'evt_2', ref: 'a' })
  assert.equal((await send(other, `t=${now},v1=${right(other, now)}`)).status, 204)
  // Bodies without an id are told by their bytes.
  for (const own of ['{"ref":"x"}', '{"ref":"y"}', '{"ref":"y"}', '{"ref":"z","id":{}}'])
    assert.equal((await send(own, `t=${now},v1=${right(own, now)}`)).status, 204, own)
  assert.equal(await count('pushes'), 5)
  const wrong = [
    `t=${now},v0=${right(other, now)}`,
    `t=${now},v1=${old}`,
    `t=${now - 1},v1=${right(other, now)}`,
    `t=${now - 400},v1=${right(other, now - 400)}`,
    `t=${now},t=${now},v1=${right(other, now)}`,
    `v1=${right(other, now)}`,
    `t=${now},v1=`,
    `t=${now},xv1=${right(other, now)}`,
    right(other, now),
    `${'v1=a,'.repeat(50)}t=${now},v1=${right(other, now)}`,
  ]
  for (const header of wrong) assert.equal((await send(other, header)).status, 401, header)
  assert.equal(await count('pushes'), 5)
})

test('long ids that differ in their last digit are different messages', async (t) => {
  const { post, count } = await world(t)
  const send = (body: string) => post('/hooks/charges', body, { 'stripe-signature': `t=${NOW()},v1=${hmacOf(`${NOW()}.${body}`)}` })
  for (const id of ['820982911946154508', '820982911946154509', '820982911946154509', '7', '7'])
    assert.equal((await send(`{"id":${id},"ref":"a"}`)).status, 204, id)
  assert.equal(await count('pushes'), 3)
})

test('an id that is signed cannot be another one', async (t) => {
  const { post, count } = await world(t)
  const [body, now] = ['{"ref":"a"}', NOW()]
  const headers = { 'x-sign': hmacOf(`m1.${now}.${body}`), 'x-id': 'm1', 'x-time': String(now) }
  for (const _ of [1, 2]) assert.equal((await post('/hooks/told', body, headers)).status, 204)
  assert.equal((await post('/hooks/told', body, { ...headers, 'x-id': 'm2' })).status, 401)
  assert.equal(await count('pushes'), 1)
})

test('a signed action has no other way in', async (t) => {
  const { ask } = await world(t)
  assert.equal((await ask('POST', '/api/actions/pushed', { body: { ref: 'x' } })).status, 404)
  const answer = await ask('POST', '/graphql', { body: { query: 'mutation { pushed(ref: "x") { push } }' } })
  assert.match(answer.text, /errors/)
  assert.match(answer.text, /pushed|Mutation|mutation/)
  const unsigned = await ask('POST', '/hooks/git', { body: { ref: 'x' } })
  assert.deepEqual([unsigned.status, unsigned.json.code], [401, 'wrong_signature'])
})

test('the address of a message may be written in another way, and the message still takes effect once', async (t) => {
  const { post, count } = await world(t)
  const body = JSON.stringify({ ref: 'main' })
  const headers = {
    'x-hub-signature-256': `sha256=${createHmac('sha256', GIT_SECRET).update(body).digest('hex')}`,
    'x-github-delivery': 'd1',
  }
  assert.equal((await post('/hooks/git', body, headers)).status, 202)
  assert.equal((await post('/hooks/%67it', body, headers)).status, 202)
  assert.equal(await count('pushes'), 1)
})

test('one variable may hold the secret of both schemes, and is named once when it is missing', () => {
  const { actions, ...design } = DESIGN
  const { paid, pushed } = actions
  const signed = { ...pushed.endpoint.signed, secret: 'PAY_SECRET' }
  const model = modelFrom({ ...design, actions: { paid, pushed: { ...pushed, endpoint: { ...pushed.endpoint, signed } } } })
  const read = (variables: Record<string, string>) => receiversOf(model, { networks: null, variables }, { mode: 'production' })
  const keys = [...read({ PAY_SECRET: secretOf('a') }).signing.values()].map(([key]) => key?.toString())
  assert.deepEqual(keys, ['a'.repeat(32), secretOf('a')])
  assert.throws(
    () => read({}),
    (error: Error) => error.message === 'PAY_SECRET is not set',
  )
})
