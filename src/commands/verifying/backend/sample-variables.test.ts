import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../../design/findings/source.ts'
import { resolveDesign } from '../../../design/resolve/resolve.ts'
import { integrationVariables } from '../../../embed/integration-variables.ts'
import type { Model } from '../../../model/model.ts'
import { receiversOf } from '../../../services/webhooks/receivers.ts'
import { sampleVariables } from './sample-variables.ts'

const RECEIVER = 'http://127.0.0.1:4000'

function modelOf(design: object): Model {
  const { model, diagnostics } = resolveDesign(design as Parameters<typeof resolveDesign>[0], NO_SOURCE)
  return model ?? assert.fail(JSON.stringify(diagnostics))
}

const signed = (name: string, hmac?: object) => ({
  steps: [{ create: 'Note', set: { text: '"x"' } }],
  as: 'system',
  endpoint: { at: `POST /hooks/${name}`, signed: { secret: `${name.toUpperCase()}_SECRET`, ...hmac } },
})

function designWith(broker: object): object {
  return {
    name: 'demo',
    entities: {
      User: {
        identity: { login: 'email', password: 'password', role: 'role' },
        fields: {
          email: { type: 'email', unique: true },
          password: { type: 'password' },
          role: { type: 'choice', values: ['user', 'robot'], default: 'user', write: 'false' },
        },
        access: { create: 'true' },
      },
      Note: { fields: { text: { type: 'text' } }, access: { read: 'true', create: 'true' } },
    },
    actions: { standard: signed('standard'), other: signed('other', { header: 'X-Hub-Signature-256', prefix: 'sha256=' }) },
    on: { 'Note.created': [{ webhook: 'partner' }, { publish: 'notes.created' }] },
    integrations: {
      http: {
        plain: { baseUrl: 'PLAIN_URL' },
        bearer: { baseUrl: 'BEARER_URL', auth: { bearer: 'BEARER_KEY' } },
        basic: { baseUrl: 'https://basic.example.com', auth: { user: 'BASIC_USER', password: 'BASIC_PASSWORD' } },
        header: { baseUrl: 'HEADER_URL', auth: { header: 'X-Api-Key', value: 'HEADER_KEY' } },
      },
      webhooks: { partner: { url: 'PARTNER_URL', secret: 'PARTNER_SECRET' } },
      backends: { shop: { issuer: 'SHOP_ISSUER', role: 'robot' } },
      broker,
    },
  }
}

test('every variable that a design names gets a value with which the backend starts in production, and every address is the receiver', () => {
  const brokers = [{ nats: 'NATS_URL' }, { nats: 'NATS_URL', auth: { token: 'NATS_TOKEN' } }, { kafka: 'KAFKA_SERVERS' }]
  for (const broker of brokers) {
    const model = modelOf(designWith(broker))
    const env = sampleVariables(model, RECEIVER)
    assert.throws(() => integrationVariables(model, { env: {}, mode: 'production' }))
    const read = integrationVariables(model, { env, mode: 'production' })
    for (const [name, value] of Object.entries(env)) {
      if (/_(URL|ISSUER|SERVERS)$/.test(name)) assert.match(value, /^(?:(?:http|tls):\/\/)?127\.0\.0\.1:4000/, name)
    }
    assert.ok(read.size >= 9, String(read.size))
    const { fixed, signing } = receiversOf(model, { networks: '127.0.0.1', variables: env }, { mode: 'production' })
    const partner = fixed.get('partner')
    assert.ok(typeof partner === 'object' && partner.address === `${RECEIVER}/webhooks/partner`, String(partner))
    assert.equal(signing.size, 2)
  }
})

test('a design that names no variables needs no values', () => {
  assert.deepEqual(sampleVariables(modelOf({ name: 'demo', entities: { Note: { fields: { text: { type: 'text' } } } } }), RECEIVER), {})
})
