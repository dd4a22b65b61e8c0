/** No secret of a service is in errors, observations, logs, answers, plan and OpenAPI, even if the service sends it back. */

import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { inspect } from 'node:util'
import { EnvironmentError } from '../../src/base/environment-error.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { plannedServices, serviceLines } from '../../src/commands/planning/planned-services.ts'
import { openapi } from '../../src/compile/openapi/openapi.ts'
import type { ServiceAuthDesign } from '../../src/design/authoring/behaviour-design.ts'
import { variablesFor } from '../../src/services/http/service-variables.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { json, startUpstream, type UpstreamRequest } from './upstream.ts'
import { failureOf } from './world.ts'

// biome-ignore lint/suspicious/noExplicitAny: the code of these tests is made at run time, so its context has no types
type Context = any

const SECRETS = { TOKEN: 'hidden-token', USER: 'hidden-user', PASSWORD: 'hidden-password', CLIENT: 'hidden-client', KEY: 'hidden-key' }
const ENV = { ...SECRETS, BASE_URL: 'https://billing.example.com', TOKEN_URL: 'https://issuer.example.com/token' }
const GRANTED = 'hidden-granted'
/** Each spelling in which a secret is sent. */
const SPELLINGS = [
  'hidden',
  Buffer.from(`${SECRETS.USER}:${SECRETS.PASSWORD}`).toString('base64'),
  Buffer.from(`${SECRETS.CLIENT}:${SECRETS.KEY}`).toString('base64'),
  // The first part of each JWT.
  'eyJhbGci',
]

const AUTHS: Readonly<Record<string, ServiceAuthDesign>> = {
  bearer: { bearer: 'TOKEN' },
  basic: { user: 'USER', password: 'PASSWORD' },
  header: { header: 'X-Api-Key', value: 'KEY' },
  oauth: { tokenUrl: 'TOKEN_URL', client: 'CLIENT', secret: 'KEY' },
  oauthBody: { tokenUrl: 'TOKEN_URL', client: 'CLIENT', secret: 'KEY', secretIn: 'body' },
  system: { as: 'system' },
}

/** The secret of a request, as it was sent. */
function secretOf({ headers }: UpstreamRequest): string {
  return String(headers['x-api-key'] ?? headers.authorization?.split(' ')[1])
}

/** Answers that fail and have the secret wherever an answer has text. */
const ECHOES: Readonly<Record<string, (secret: string, response: ServerResponse) => void>> = {
  'a refusal': (secret, response) => json({ message: secret, [secret]: secret }, 400, { 'x-secret': secret })({} as never, response),
  'a status text': (secret, response) => response.writeHead(500, secret, { 'content-type': 'text/plain' }).end(secret),
  'a redirect': (secret, response) => response.writeHead(302, { location: `/${secret}` }).end(),
  'a media type': (secret, response) => response.writeHead(200, { 'content-type': `text/${secret}` }).end(secret),
  'a charset': (secret, response) => response.writeHead(200, { 'content-type': `application/json; charset=${secret}` }).end('{}'),
  'an encoding': (secret, response) =>
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': secret }).end('{}'),
  'no JSON': (secret, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(secret),
  'another schema': (secret, response) => json({ [secret]: secret })({} as never, response),
  'a retry': (secret, response) => json({}, 503, { 'retry-after': secret })({} as never, response),
  'no HTTP': (secret, response) => response.socket?.end(`${secret}\r\n\r\n`),
}

function modelOf(run: (ctx: Context) => unknown) {
  return modelFrom({
    name: 'shop',
    entities: {
      User: {
        identity: { login: 'email', password: 'password' },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
        access: { read: 'true', create: 'true', update: 'false', delete: 'false' },
      },
    },
    actions: { charge: { allow: 'true', as: 'system', transaction: 'own', run } },
    integrations: {
      http: Object.fromEntries(
        Object.entries(AUTHS).map(([of, auth]) => [of, { baseUrl: 'BASE_URL', auth, retries: 0, circuitBreaker: { failures: 1_000 } }]),
      ),
    },
  })
}

async function open(t: TestContext, mode: 'development' | 'production') {
  const [service, issuer] = [await startUpstream(t), await startUpstream(t)]
  issuer.answer = json({ access_token: GRANTED, token_type: 'Bearer', expires_in: 3_600 })
  let name = ''
  const errors: unknown[] = []
  const call = async ({ services, log }: Context) => {
    const schema = { type: 'object', additionalProperties: false }
    const error = await failureOf(services[name].get('/', { schema }))
    errors.push(error)
    log.error('the call has failed', { error })
    throw error
  }
  const model = modelOf(call)
  const env = { ...SECRETS, BASE_URL: service.url, TOKEN_URL: `${issuer.url}/token` }
  const observed: unknown[] = []
  const observe = (one: unknown): void => {
    observed.push(one)
  }
  const world = await testBackend(t, model, { variables: variablesFor(model, { env, mode }), mode, observe })
  const use = (one: string): void => {
    name = one
  }
  return { service, issuer, errors, observed, use, ...world }
}

function requireHidden(where: string, text: string): void {
  for (const secret of SPELLINGS) assert.ok(!text.includes(secret), `${where}: ${text}`)
}

for (const mode of ['development', 'production'] as const) {
  test(`a service that sends its secret back puts it nowhere, in ${mode}`, async (t) => {
    const { service, errors, observed, use, ask } = await open(t, mode)
    let sent = 0
    for (const auth of Object.keys(AUTHS)) {
      use(auth)
      for (const [echo, answer] of Object.entries(ECHOES)) {
        service.answer = (request, response) => {
          assert.ok(SPELLINGS.some((spelling) => secretOf(request).includes(spelling)))
          sent += 1
          answer(secretOf(request), response)
        }
        const rest = await ask('POST', '/api/actions/charge', { body: {} })
        assert.ok([502, 503].includes(rest.status), `${auth} ${echo}: ${rest.text}`)
        const graphql = await ask('POST', '/graphql', { body: { query: 'mutation { charge }' } })
        for (const { text, headers } of [rest, graphql]) requireHidden(`${auth}: ${echo}`, `${text} ${JSON.stringify(headers)}`)
      }
    }
    assert.equal(sent, 2 * Object.keys(AUTHS).length * Object.keys(ECHOES).length)
    assert.equal(errors.length, sent)
    for (const error of errors)
      requireHidden('the error', `${inspect(error, { depth: 9 })} ${JSON.stringify(error)} ${(error as Error).stack}`)
    requireHidden('observations and logs', `${inspect(observed, { depth: 9 })} ${JSON.stringify(observed)}`)
  })
}

test('a token endpoint that sends the secret back puts it nowhere', async (t) => {
  const { issuer, service, errors, observed, use, ask } = await open(t, 'development')
  // Each service asks for a token once within a second, so each has an answer of its own.
  const answers = { oauth: ECHOES['a media type'], oauthBody: ECHOES['a refusal'] }
  for (const [auth, answer] of Object.entries(answers)) {
    use(auth)
    issuer.answer = (request, response) => {
      const basic = request.headers.authorization?.split(' ')[1]
      answer?.(basic ?? String(new URLSearchParams(request.body).get('client_secret')), response)
    }
    const { status, text, json: body } = await ask('POST', '/api/actions/charge', { body: {} })
    assert.deepEqual([status, body.code], [503, 'service_unavailable'])
    requireHidden(auth, text)
  }
  assert.deepEqual([issuer.requests.length, service.requests.length, errors.length], [2, 0, 2])
  requireHidden('errors, observations and logs', inspect([errors, observed], { depth: 9 }))
})

test('plan and OpenAPI have the names of variables, and not their values', () => {
  const model = modelOf(() => {})
  const planned = plannedServices(model)
  const document = openapi(model, { reach: 'all', version: '1.0.0', limits: LIMITS })
  const text = `${serviceLines(planned, 'Services').join('\n')} ${JSON.stringify(planned)} ${JSON.stringify(document)}`
  for (const value of Object.values(ENV)) assert.ok(!text.includes(value), value)
  assert.deepEqual(
    planned.services.map(({ service, auth, variables }) => [service, auth, ...variables]),
    [
      ['bearer', 'bearer token', 'BASE_URL', 'TOKEN'],
      ['basic', 'user and password', 'BASE_URL', 'USER', 'PASSWORD'],
      ['header', 'header x-api-key', 'BASE_URL', 'KEY'],
      ['oauth', 'OAuth 2.0 by TOKEN_URL', 'BASE_URL', 'TOKEN_URL', 'CLIENT', 'KEY'],
      ['oauthBody', 'OAuth 2.0 by TOKEN_URL', 'BASE_URL', 'TOKEN_URL', 'CLIENT', 'KEY'],
      ['system', 'for this backend', 'BASE_URL'],
    ],
  )
})

test('a start refuses missing variables and values that cannot be sent, without telling them', () => {
  const model = modelOf(() => {})
  const problemsOf = (changed: Readonly<Record<string, string>>, mode: 'development' | 'production' = 'production'): string => {
    try {
      variablesFor(model, { env: { ...ENV, ...changed }, mode })
      return ''
    } catch (error) {
      assert.ok(error instanceof EnvironmentError)
      requireHidden('the error', inspect(error, { depth: 9, showHidden: true }))
      return error.message
    }
  }
  assert.equal(problemsOf({}), '')
  assert.equal(problemsOf({ TOKEN: '' }), 'TOKEN is not set, and the service bearer needs it')
  assert.equal(problemsOf({ TOKEN: '' }, 'development'), '')
  for (const mode of ['development', 'production'] as const) {
    for (const end of ['\n', '\r\nX-Admin: 1', ' ', '\0', 'ü', '\u2028'])
      assert.match(
        problemsOf({ TOKEN: `${SECRETS.TOKEN}${end}` }, mode),
        /^TOKEN cannot be sent to the service bearer: /,
        JSON.stringify(end),
      )
    const wrong = {
      USER: 'hidden:user',
      PASSWORD: 'hidden\n',
      CLIENT: 'hidden\t',
      KEY: 'hidden\n',
      BASE_URL: 'https://a:hidden@b.example.com',
    }
    for (const [name, value] of Object.entries(wrong))
      assert.match(problemsOf({ [name]: value }, mode), new RegExp(`^${name} (?:cannot|has no)`))
  }
  assert.equal(problemsOf({ TOKEN: 'hidden token', PASSWORD: 'hidden: ü' }), '')
})
