/** The variables of a broker, and the connections that they make: over TLS, with credentials, and without a secret in any log. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { brokerLines, plannedBroker } from '../../src/commands/planning/broker/planned-broker.ts'
import type { BrokerDesign } from '../../src/design/authoring/broker/broker-design.ts'
import { type BrokerConnection, BrokerUnavailable } from '../../src/services/broker/broker.ts'
import { brokerVariables } from '../../src/services/broker/broker-variables.ts'
import type { BrokerObservation } from '../../src/services/broker/observation.ts'
import { openBroker } from '../../src/services/broker/open-broker.ts'
import { until } from '../events/events-world.ts'
import { modelFrom } from '../support/backend.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { skip, startNats } from './nats-server.ts'

function modelOf(broker: BrokerDesign) {
  return modelFrom({
    name: 'shop',
    entities: {
      Order: { fields: { number: { type: 'integer' } }, access: { read: 'true', create: 'true', update: 'true', delete: 'true' } },
    },
    on: { 'Order.created': [{ publish: 'orders' }] },
    jobs: {
      settle: {
        as: 'system',
        input: { order: { ref: 'Order' }, number: 'Order.number' },
        steps: [{ update: 'input.order', set: { number: 'input.number' } }],
      },
      call: { as: 'system', transaction: 'own', run: () => {} },
    },
    integrations: { broker },
  })
}

const brokerOf = (broker: BrokerDesign) => modelOf(broker).broker ?? assert.fail()

test('plan names the broker, what is published, and what each subscription does', () => {
  const planned = plannedBroker(
    modelOf({
      nats: 'NATS_URL',
      auth: { creds: 'NATS_CREDS' },
      stream: { name: 'SHOP' },
      subscribe: {
        settled: { subject: 'payments.*', type: 'settled', job: 'settle', input: { order: 'subject' } },
        called: { subject: 'calls', source: '/a', job: 'call', start: 'all' },
      },
    }),
  )
  assert.deepEqual(brokerLines(planned, 'Broker'), [
    'Broker',
    '  NATS JetStream, credentials, TLS in production, needs NATS_URL, NATS_CREDS',
    '  publishes as /shop: orders',
    '  creates the stream SHOP for them, if there is none',
    '  settled ← payments.*  type settled  job settle(order from subject, number from data.number)  new messages                each takes effect once',
    '  called ← calls        source /a     job call()                                               from the oldest message on  each runs AT LEAST ONCE',
  ])
})

test('a start in production names each missing or wrong variable, and no value', () => {
  const broker = brokerOf({ nats: 'NATS_URL', auth: { user: 'NATS_USER', password: 'NATS_PASSWORD' }, ca: 'NATS_CA' })
  const problems = (env: Readonly<Record<string, string>>, mode: 'development' | 'production' = 'production'): string => {
    try {
      brokerVariables(broker, { env, mode })
      return ''
    } catch (error) {
      return (error as Error).message
    }
  }
  const sound = {
    NATS_URL: 'tls://a:4222, tls://b:4222',
    NATS_USER: 'u',
    NATS_PASSWORD: 'canary',
    NATS_CA: '-----BEGIN CERTIFICATE-----\n',
  }
  assert.equal(problems(sound), '')
  assert.equal(problems({}, 'development'), '')
  assert.equal(
    problems({ NATS_URL: 'tls://a' }),
    ['NATS_USER', 'NATS_PASSWORD', 'NATS_CA'].map((name) => `${name} is not set, and the broker needs it`).join('\n'),
  )
  for (const [NATS_URL, pattern] of [
    ['nats://a:4222', /without TLS/],
    ['tls://u:canary@a:4222', /a user or a password; name the variables/],
    ['http://a', /no addresses such as tls:/],
    ['tls://a/canary', /with a path/],
    [' , ', /has no address/],
  ] as const) {
    assert.match(problems({ ...sound, NATS_URL }), pattern)
    assert.ok(!problems({ ...sound, NATS_URL }).includes('canary'))
  }
  assert.match(problems({ ...sound, NATS_CA: '/etc/canary.pem' }), /^NATS_CA is not in PEM/)
  assert.match(problems({ ...sound, NATS_PASSWORD: 'canary\n' }), /^NATS_PASSWORD has a line break/)
  assert.equal(problems({ ...sound, NATS_URL: 'nats://a:4222' }, 'development'), '')
  const trusted = brokerOf({ nats: 'NATS_URL', tls: 'preferred', auth: { creds: 'NATS_CREDS' } })
  assert.throws(
    () => brokerVariables(trusted, { env: { NATS_URL: 'nats://a', NATS_CREDS: 'x' }, mode: 'production' }),
    /NATS_CREDS is not the content/,
  )
  const kafka = brokerOf({ kafka: 'KAFKA' })
  assert.throws(() => brokerVariables(kafka, { env: { KAFKA: 'kafka' }, mode: 'production' }), /no addresses such as kafka/)
  assert.equal(brokerVariables(kafka, { env: { KAFKA: 'a:9092,b:9092' }, mode: 'production' }).size, 1)
})

async function connected(
  t: TestContext,
  broker: BrokerDesign,
  { variables, mode }: { readonly variables: Readonly<Record<string, string>>; readonly mode: 'development' | 'production' },
) {
  const observed: BrokerObservation[] = []
  const connection = await openBroker({
    ...{ broker: brokerOf(broker), variables: new Map(Object.entries(variables)), mode, client: 'shop', subjects: ['orders'] },
    observe: (one) => observed.push(one),
    onConnected: () => {},
  })
  assert.ok(connection !== null)
  t.after(() => connection.close())
  const first = await until('an observation', () => observed[0] ?? null)
  return { connection, observed, first }
}

const publish = (connection: BrokerConnection) => connection.publish({ subject: 'orders', id: '1', key: '1', body: '{}' })

test('credentials are used, and wrong ones are told without their values', { skip }, async (t) => {
  const nats = await startNats(t, {
    config: 'authorization { users = [{ user: u, password: "canary-right" }] }',
    options: { user: 'u', pass: 'canary-right' },
  })
  const broker: BrokerDesign = {
    nats: 'NATS_URL',
    tls: 'preferred',
    auth: { user: 'NATS_USER', password: 'NATS_PASSWORD' },
    stream: { name: 'S' },
  }
  const right = { NATS_URL: nats.url, NATS_USER: 'u', NATS_PASSWORD: 'canary-right' }
  const { connection, first } = await connected(t, broker, { variables: right, mode: 'production' })
  assert.deepEqual(first, { kind: 'connected' })
  await publish(connection)
  assert.equal((await nats.stored('S')).length, 1)
  const wrong = await connected(t, broker, { variables: { ...right, NATS_PASSWORD: 'canary-wrong' }, mode: 'production' })
  assert.equal(wrong.first.kind, 'disconnected')
  await assert.rejects(publish(wrong.connection), BrokerUnavailable)
  assert.ok(!JSON.stringify(wrong.observed).includes('canary'))
})

test('in production a server without TLS gets nothing, and one with a certificate of the authority is trusted', { skip }, async (t) => {
  const plain = await startNats(t)
  const broker: BrokerDesign = { nats: 'NATS_URL', stream: { name: 'S' } }
  const refused = await connected(t, broker, { variables: { NATS_URL: plain.url.replace('nats:', 'tls:') }, mode: 'production' })
  assert.equal(refused.first.kind, 'disconnected')
  await assert.rejects(publish(refused.connection), BrokerUnavailable)

  const folder = temporaryFolder(t)
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-days', '2', '-keyout', key, '-out', certificate, ...subject], {
    stdio: 'ignore',
  })
  const ca = readFileSync(certificate, 'utf8')
  const secure = await startNats(t, { config: `tls { cert_file: "${certificate}", key_file: "${key}" }`, options: { tls: { ca } } })
  const url = `tls://localhost:${secure.port}`
  const trusted = await connected(t, { ...broker, ca: 'NATS_CA' }, { variables: { NATS_URL: url, NATS_CA: ca }, mode: 'production' })
  assert.deepEqual(trusted.first, { kind: 'connected' })
  await publish(trusted.connection)
  const unknown = await connected(t, broker, { variables: { NATS_URL: url }, mode: 'production' })
  assert.equal(unknown.first.kind, 'disconnected')
})
