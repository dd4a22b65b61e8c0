/** The tokens of `auth: { as: system }` and `{ as: caller }`, as a service verifies them with the keys of the backend. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createLocalJWKSet, decodeJwt, type JWTPayload, jwtVerify } from 'jose'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import { openServiceTokens } from '../../src/services/identity/tokens/service-tokens.ts'
import { until } from '../events/events-world.ts'
import { newPem } from '../identity/instances.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { json, startUpstream, type Upstream, type UpstreamRequest } from './upstream.ts'
import { failureOf, serviceWorld } from './world.ts'

/** The public address of the backends of tests. */
const ISSUER = 'http://localhost:3000'
const OPEN = { read: 'true', create: 'true', update: 'false', delete: 'false' }
const VARIABLES = { BILLING_URL: '', AUDIENCE: 'https://billing.example.com/' }

// biome-ignore lint/suspicious/noExplicitAny: the code of these tests is made at run time, so its context has no types
type Context = any

async function open(t: TestContext) {
  const upstream = await startUpstream(t)
  const reasons: string[] = []
  const call = async ({ services }: Context) => {
    for (const name of ['system', 'caller', 'named']) await services[name].get('/').catch((error: Context) => reasons.push(error.reason))
  }
  const model = modelFrom({
    name: 'shop',
    entities: {
      User: {
        identity: { login: 'email', password: 'password', role: 'role' },
        fields: {
          email: { type: 'email', unique: true },
          password: { type: 'password' },
          role: { type: 'choice', values: ['clerk', 'boss'], optional: true },
        },
        access: { ...OPEN, create: 'false' },
      },
      Payment: { fields: { owner: { type: 'ref', entity: 'User', set: 'auth.id' } }, access: { ...OPEN, create: 'auth.id != null' } },
    },
    actions: {
      charge: { allow: 'true', as: 'system', transaction: 'own', run: ({ services }: Context) => services.caller.get('/') },
      all: { allow: 'true', as: 'system', transaction: 'own', run: call },
      later: { allow: 'auth.id != null', steps: [{ enqueue: 'forCaller' }, { enqueue: 'forSystem' }] },
    },
    jobs: {
      forCaller: { as: 'caller', transaction: 'own', run: call },
      forSystem: { as: 'system', transaction: 'own', run: call },
    },
    on: {
      'Payment.created': [
        { run: call, as: 'row.owner', transaction: 'own' },
        { run: call, as: 'system', transaction: 'own' },
      ],
    },
    integrations: {
      http: {
        system: { baseUrl: 'BILLING_URL', auth: { as: 'system' } },
        caller: { baseUrl: 'BILLING_URL', auth: { as: 'caller' } },
        named: { baseUrl: 'BILLING_URL', auth: { as: 'caller', audience: 'AUDIENCE' } },
      },
    },
  })
  const variables = new Map(Object.entries({ ...VARIABLES, BILLING_URL: `${upstream.url}/v1` }))
  const observed: unknown[] = []
  const observe = (one: unknown): void => {
    observed.push(one)
  }
  const world = await testBackend(t, model, { variables, mode: 'production', observe })
  const jwks = createLocalJWKSet((await world.ask('GET', '/.well-known/jwks.json')).json)
  const account = async (email: string, role: string | null) => {
    const [row] = await world.sql('insert into users (email, password, role) values ($1, $2, $3) returning id', [email, 'x', role])
    return String(row?.id)
  }
  /** The claims of each request to the service, verified. */
  const verified = (audience = upstream.url): Promise<readonly JWTPayload[]> =>
    Promise.all(
      tokensOf(upstream).map(async (token) => {
        const options = { algorithms: ['EdDSA'], typ: 'plinth-service+jwt', issuer: ISSUER, audience, maxTokenAge: 60 }
        return (await jwtVerify(token, jwks, options)).payload
      }),
    )
  return { upstream, reasons, observed, account, verified, ...world }
}

function tokensOf({ requests }: Upstream): readonly string[] {
  return requests.map(({ headers }) => String(headers.authorization).replace(/^Bearer /, ''))
}

function audienceOf({ headers }: UpstreamRequest): unknown {
  return decodeJwt(String(headers.authorization).replace(/^Bearer /, '')).aud
}

test('a token says for whom the call is, for 60 s, and the service verifies it with the keys of the backend', async (t) => {
  const { upstream, ask, account, tokenFor, verified, reasons, observed } = await open(t)
  const clerk = await account('clerk@example.com', 'clerk')
  const token = await tokenFor(clerk)
  assert.equal((await ask('POST', '/api/actions/all', { token, body: {} })).status, 204)
  const named = upstream.requests.pop()
  const [system, caller] = await verified()
  assert.ok(system !== undefined && caller !== undefined && named !== undefined)
  const claimsOf = ({ iat, exp, jti, ...others }: JWTPayload): unknown => {
    assert.equal(Number(exp) - Number(iat), 60)
    assert.match(String(jti), /^[0-9a-f-]{36}$/)
    return others
  }
  assert.notEqual(system.jti, caller.jti)
  assert.deepEqual(claimsOf(system), { as: 'system', iss: ISSUER, aud: upstream.url, sub: ISSUER })
  assert.deepEqual(claimsOf(caller), { as: 'caller', role: 'clerk', iss: ISSUER, aud: upstream.url, sub: clerk })
  await assert.rejects(verified('https://other.example.com'), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED', claim: 'aud' })
  upstream.requests.splice(0, 2, named)
  assert.deepEqual(
    (await verified('https://billing.example.com')).map(({ sub }) => sub),
    [clerk],
  )
  // The token of a service is no access token of the backend that has signed it.
  for (const sent of tokensOf(upstream)) assert.equal((await ask('GET', '/api/users', { token: sent })).status, 401)
  assert.deepEqual(reasons, [])
  assert.ok(!JSON.stringify(observed).includes('eyJ'))
})

test('a caller who is not signed in gets 401, and the service is not called', async (t) => {
  const { upstream, ask, reasons, verified } = await open(t)
  const { status, json: body } = await ask('POST', '/api/actions/charge', { body: {} })
  assert.deepEqual([status, body.code], [401, 'not_signed_in'])
  assert.equal(upstream.requests.length, 0)
  const { json: answer } = await ask('POST', '/graphql', { body: { query: 'mutation { charge }' } })
  assert.equal(answer.errors[0].extensions.code, 'not_signed_in')
  assert.equal((await ask('POST', '/api/actions/all', { body: {} })).status, 204)
  assert.deepEqual(reasons, ['no-caller', 'no-caller'])
  assert.deepEqual(
    (await verified()).map(({ as }) => as),
    ['system'],
  )
})

test('the caller of jobs and reactions is the account for which they run', async (t) => {
  const { upstream, ask, sql, account, tokenFor, verified, reasons } = await open(t)
  const boss = await account('boss@example.com', 'boss')
  const owner = await account('owner@example.com', null)
  const token = await tokenFor(boss)
  assert.equal((await ask('POST', '/api/actions/later', { token, body: {} })).status, 204)
  const isDone = (): Promise<true | null> => sql('select 1 from plinth.jobs').then((jobs) => (jobs.length === 0 ? true : null))
  await until('the jobs have run', isDone)
  const called = async () => (await verified()).map(({ as, sub, role }) => `${as} ${sub} ${role ?? ''}`.trim()).sort()
  const all = upstream.requests.splice(0)
  upstream.requests.push(...all.filter((one) => audienceOf(one) === upstream.url))
  assert.deepEqual(await called(), [`caller ${boss} boss`, `caller ${boss} boss`, `system ${ISSUER}`, `system ${ISSUER}`])
  assert.deepEqual([all.length, reasons], [6, []])

  upstream.requests.length = 0
  assert.equal((await ask('POST', '/api/payments', { token: await tokenFor(owner), body: {} })).status, 201)
  await until('the reactions have called', async () => (upstream.requests.length === 4 && reasons.length === 2 ? true : null))
  upstream.requests.push(...upstream.requests.splice(0).filter((one) => audienceOf(one) === upstream.url))
  assert.deepEqual(await called(), [`caller ${owner}`, `system ${ISSUER}`, `system ${ISSUER}`])
  assert.deepEqual(reasons, ['no-caller', 'no-caller'])
})

test('calls without a caller do not change the breaker of a service that fails', async (t) => {
  const upstream = await startUpstream(t)
  upstream.answer = json({}, 500)
  const design = { baseUrl: upstream.url, auth: { as: 'caller' }, retries: 0, circuitBreaker: { failures: 1, pause: '100ms' } } as const
  const sign = openServiceTokens({ keys: readKeys('AUTH_KEYS', newPem()), issuer: ISSUER, now: Date.now })
  const world = serviceWorld(t, design, { sign })
  const caller = { claims: new Map([['id', '7']]), session: null }
  const signedIn = world.clientFor(caller)
  assert.equal((await failureOf(signedIn.get('/'))).status, 500)
  await new Promise((resolve) => setTimeout(resolve, 150))
  for (let i = 0; i < 3; i++) assert.equal((await failureOf(world.client.get('/'))).reason, 'no-caller')
  assert.deepEqual(
    world.observed.flatMap((one) => (one.kind === 'breaker' ? [one.state] : [])),
    ['open'],
  )
  upstream.answer = json({ ok: true })
  assert.deepEqual(await signedIn.get('/'), { ok: true })
})
