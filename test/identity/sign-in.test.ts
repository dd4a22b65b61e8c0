/** The step `signIn`: from there on, `auth` is the account, and `auth.token` its token. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parse } from 'yaml'
import type { BackendOptions } from '../../src/server/backend-options.ts'
import { NO_RATE_LIMITS } from '../../src/server/http/rate-limits.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const PASSWORD = 'otter lantern window'

const DESIGN = {
  name: 'workspaces',
  entities: {
    Person: {
      identity: { login: 'email', password: 'password', role: 'role' },
      fields: {
        email: { type: 'email', unique: true, read: 'id == auth.id' },
        name: { type: 'text', max: 50 },
        password: { type: 'password' },
        role: { type: 'choice', values: ['member', 'admin'], default: 'member', write: 'auth.role == "admin"' },
      },
      access: { read: 'true', create: 'true', update: 'id == auth.id' },
    },
    Space: {
      fields: {
        owner: { type: 'ref', entity: 'Person', set: 'auth.id', inverse: 'spaces' },
        title: { type: 'text', max: 50 },
      },
      access: { read: 'owner == auth.id', create: 'auth.role == "member"', update: 'owner == auth.id' },
    },
  },
  actions: {
    login: {
      allow: 'true',
      input: { email: 'Person.email', password: { type: 'text', min: 1 } },
      steps: [
        { signIn: { email: 'input.email', password: 'input.password' }, as: 'person' },
        { list: 'Space', where: 'owner == auth.id', limit: 10, as: 'spaces' },
      ],
      answer: {
        me: 'Person(person)',
        email: 'person.email',
        id: 'auth.id',
        token: 'auth.token',
        refresh: 'auth.refreshToken',
        spaces: { each: 's in spaces', is: 's.title' },
      },
    },
    loginOfMembers: {
      allow: 'true',
      input: { email: 'text', password: 'text' },
      steps: [{ signIn: { email: 'input.email', password: 'input.password' } }, { require: 'auth.role == "member"', else: 'members_only' }],
      answer: { token: 'auth.token' },
    },
    switchTo: {
      allow: 'auth.id != null',
      input: { email: 'text', password: 'text' },
      steps: [{ signIn: { email: 'input.email', password: 'input.password' } }],
      answer: { id: 'auth.id' },
    },
    signUp: {
      allow: 'auth.id == null',
      input: { email: 'Person.email', name: 'Person.name', password: 'Person.password' },
      steps: [
        { create: 'Person', set: 'input', as: 'person' },
        { signIn: 'person' },
        { create: 'Space', set: { title: 'input.name' }, as: 'space' },
      ],
      answer: {
        me: 'Person(person)',
        email: 'person.email',
        space: 'Space(space)',
        role: 'auth.role',
        token: 'auth.token',
        refresh: 'auth.refreshToken',
      },
    },
    signUpAsSystem: {
      as: 'system',
      allow: 'true',
      input: { email: 'Person.email', name: 'Person.name', password: 'Person.password' },
      steps: [
        { create: 'Person', set: 'input', as: 'person' },
        { signIn: 'person' },
        { create: 'Space', set: { title: 'input.name' }, as: 'space' },
      ],
      answer: { id: 'auth.id', token: 'auth.token', owner: 'space.owner.name' },
    },
    current: { allow: 'true', answer: { id: 'auth.id', token: 'auth.token' } },
  },
}

async function openSpaces(t: TestContext, options: Partial<BackendOptions> = {}) {
  const world = await testBackend(t, modelFrom(DESIGN), options)
  const act = (name: string, body: unknown, asked: { token?: string; headers?: Readonly<Record<string, string>> } = {}) =>
    world.ask('POST', `/api/actions/${name}`, { ...asked, body })
  const signUp = (name: string, headers = {}) => act('signUp', { email: `${name}@example.org`, name, password: PASSWORD }, { headers })
  const login = (email: string, password: string) => act('login', { email, password })
  const current = async (token?: string) => (await world.ask('GET', '/api/actions/current', { token })).json
  const count = async (table: string) => Number((await world.sql(`select count(*) n from ${table}`))[0]?.n)
  return { ...world, act, signUp, login, current, count }
}

test('an account that an action makes is signed in for its later steps and its answer', async (t) => {
  const { signUp, current, ask, count } = await openSpaces(t)
  const { status, json, text } = await signUp('ada')
  assert.equal(status, 200, text)
  const { id } = json.me
  assert.equal(json.me.email, 'ada@example.org', 'the fields that the account itself may read are shown')
  assert.deepEqual([json.email, json.role, json.space.title], ['ada@example.org', 'member', 'ada'])
  assert.deepEqual(await current(json.token), { id, token: json.token })
  assert.equal((await ask('GET', '/api/spaces', { token: json.token })).json.data.length, 1)
  const refreshed = await ask('POST', '/api/auth/refresh', { body: { refreshToken: json.refresh } })
  assert.equal(refreshed.status, 200)
  assert.equal((await current(refreshed.json.token)).id, id)
  assert.equal(await count('plinth.sessions'), 1)
})

test('an action that fails after the account was made leaves no account and no session', async (t) => {
  const { signUp, act, count } = await openSpaces(t)
  await signUp('ada')
  const taken = await act('signUp', { email: 'ada@example.org', name: 'ada', password: PASSWORD })
  assert.deepEqual([taken.status, taken.json.code], [409, 'already_taken'])
  const tooLong = await act('signUpAsSystem', { email: 'b@example.org', name: 'b'.repeat(51), password: PASSWORD })
  assert.equal(tooLong.status, 400)
  assert.deepEqual([await count('persons'), await count('plinth.sessions')], [1, 1])
})

test('a password signs in before the steps', async (t) => {
  const { signUp, login, current, act, count } = await openSpaces(t)
  const { me } = (await signUp('ada')).json
  const { status, json } = await login(' ADA@example.org'.trim(), PASSWORD)
  assert.equal(status, 200)
  assert.deepEqual(
    [json.id, json.me.id, json.me.email, json.email, json.spaces],
    [me.id, me.id, 'ada@example.org', 'ada@example.org', ['ada']],
  )
  assert.deepEqual(await current(json.token), { id: me.id, token: json.token })
  assert.equal(await count('plinth.sessions'), 2)
  assert.equal((await act('switchTo', { email: 'ada@example.org', password: PASSWORD })).status, 401)
  const bob = (await signUp('bob')).json
  const switched = await act('switchTo', { email: 'ada@example.org', password: PASSWORD }, { token: bob.token })
  assert.deepEqual(switched.json, { id: me.id }, 'allow sees the caller of the request, the answer the account')
})

test('every refused sign-in has the same answer, and is counted like a login', async (t) => {
  const { signUp, login, ask, sql } = await openSpaces(t)
  await signUp('ada')
  const wrong = await login('ada@example.org', 'wrong password')
  const unknown = await login('nobody@example.org', 'wrong password')
  const without = ({ traceId: _, ...rest }: Record<string, unknown>) => rest
  assert.deepEqual([wrong.status, wrong.json.code, wrong.headers['www-authenticate']], [401, 'invalid_credentials', 'Bearer'])
  assert.deepEqual(without(wrong.json), without(unknown.json))
  const builtIn = await ask('POST', '/api/auth/login', { body: { email: 'ada@example.org', password: 'wrong password' } })
  assert.deepEqual(without(builtIn.json), without(wrong.json))
  const attempts = await sql('select attempts from plinth.login_attempts order by 1')
  assert.deepEqual(
    attempts.map((row) => Number(row.attempts)),
    [1, 2],
  )
  for (let i = 0; i < 8; i++) await login('ada@example.org', 'wrong password')
  assert.equal((await login('ada@example.org', PASSWORD)).status, 401, 'the login is locked for both ways')
})

test('sign-ins of actions take from the limits of logins', async (t) => {
  const rateLimits = { ...NO_RATE_LIMITS, logins: 2 }
  const { signUp, login } = await openSpaces(t, { rateLimits })
  await signUp('ada')
  const statuses: number[] = []
  for (let i = 0; i < 3; i++) statuses.push((await login('ada@example.org', PASSWORD)).status)
  assert.deepEqual(statuses, [200, 200, 429])
})

test('an action that is refused after its account has signed in leaves no session', async (t) => {
  const { signUp, act, sql } = await openSpaces(t)
  await signUp('ada')
  await sql(`update persons set role = 'admin'`)
  const refused = await act('loginOfMembers', { email: 'ada@example.org', password: PASSWORD })
  assert.deepEqual([refused.status, refused.json.code], [409, 'members_only'])
  const [{ n } = {}] = await sql('select count(*) n from plinth.sessions where revoked_at is null')
  assert.equal(Number(n), 1)
})

test('a repetition with Idempotency-Key signs in again, and no token is stored', async (t) => {
  const { act, current, count, sql } = await openSpaces(t)
  const body = { email: 'ada@example.org', name: 'ada', password: PASSWORD }
  for (const name of ['signUp', 'signUpAsSystem']) {
    const own = { ...body, email: `${name}@example.org` }
    const headers = { 'idempotency-key': name }
    const [first, second] = [await act(name, own, { headers }), await act(name, own, { headers })]
    assert.deepEqual([first.status, second.status, second.headers['idempotency-replayed']], [200, 200, 'true'], second.text)
    const { token: one, refresh: _, ...shown } = first.json
    const { token: other, refresh: __, ...again } = second.json
    assert.deepEqual(again, shown)
    assert.notEqual(one, other)
    assert.equal((await current(other)).id, (await current(one)).id)
    const text = JSON.stringify(await sql('select * from plinth.idempotency_keys'))
    for (const secret of [one, other, first.json.refresh, PASSWORD].filter(Boolean)) assert.ok(!text.includes(secret))
  }
  assert.equal(await count('persons'), 2)
  await sql(`update persons set password = 'x'`)
  const changed = await act('signUp', { ...body, email: 'signUp@example.org' }, { headers: { 'idempotency-key': 'signUp' } })
  assert.deepEqual([changed.status, changed.json.code], [401, 'invalid_credentials'])
})

test('GraphQL signs in with the same actions', async (t) => {
  const { ask, current } = await openSpaces(t)
  const run = async (query: string, token?: string) => (await ask('POST', '/graphql', { token, body: { query } })).json
  const input = `email: "ada@example.org", name: "ada", password: "${PASSWORD}"`
  const { data, errors } = await run(`mutation { signUp(${input}) { email role token } }`)
  assert.equal(errors, undefined, JSON.stringify(errors))
  assert.deepEqual([data.signUp.email, data.signUp.role], ['ada@example.org', 'member'])
  const again = await run(`mutation { login(email: "ada@example.org", password: "${PASSWORD}") { id token spaces } }`)
  assert.deepEqual(again.data.login.spaces, ['ada'])
  assert.equal((await current(data.signUp.token)).id, again.data.login.id)
  const read = await run('{ current { id token } }', again.data.login.token)
  assert.deepEqual(read.data.current, { id: again.data.login.id, token: again.data.login.token })
  const wrong = await run('mutation { login(email: "ada@example.org", password: "no") { id } }')
  assert.equal(wrong.errors[0].extensions.code, 'invalid_credentials')
})

test('the example of the reference page signs up, signs in and shows the account', async (t) => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/reference/logic.md'), 'utf8')
  const [, example = ''] = /## Signing in\n.*?```yaml design\n(.*?)```/s.exec(page) ?? []
  const { ask } = await testBackend(t, modelFrom(parse(example)))
  const act = async (name: string, body: unknown) => (await ask('POST', `/api/actions/${name}`, { body })).json
  const made = await act('signUp', { name: 'Ada', email: 'ada@example.org', password: PASSWORD })
  const { token, ...shown } = (await act('login', { email: 'ada@example.org', password: PASSWORD })).user
  assert.deepEqual(shown, { name: 'Ada', email: 'ada@example.org' })
  for (const one of [token, made.user.token])
    assert.deepEqual((await ask('GET', '/api/actions/current', { token: one })).json, { user: { ...shown, token: one } })
})

test('hooks around the rows of later steps run for the account', async (t) => {
  const seen: unknown[] = []
  const hook = (moment: string) => (ctx: { readonly caller: { readonly id: string | null } }) => {
    seen.push([moment, ctx.caller.id])
  }
  const { Person, Space } = DESIGN.entities
  const entities = {
    Person: { ...Person, hooks: { afterCreate: hook('person') } },
    Space: { ...Space, hooks: { beforeCreate: hook('space') } },
  }
  const { ask } = await testBackend(t, modelFrom({ ...DESIGN, entities }))
  const body = { email: 'ada@example.org', name: 'ada', password: PASSWORD }
  const made = await ask('POST', '/api/actions/signUp', { body })
  assert.equal(made.status, 200, made.text)
  assert.deepEqual(seen, [
    ['person', null],
    ['space', made.json.me.id],
  ])
  assert.equal((await ask('GET', '/api/spaces', { token: made.json.token })).json.data.length, 1)
})

test('an action at an address of its own signs in with a shape, and its token has the word of the design', async (t) => {
  const Person = { ...DESIGN.entities.Person, identity: { ...DESIGN.entities.Person.identity, token: { scheme: 'Token' } } }
  const { ask } = await testBackend(
    t,
    modelFrom({
      name: 'people',
      entities: { Person },
      shapes: { Account: { of: 'Person', fields: ['email', 'name'], with: { token: 'auth.token' } } },
      actions: {
        join: {
          ...DESIGN.actions.signUp,
          endpoint: { at: 'POST /people', body: 'user', status: 201 },
          steps: [{ create: 'Person', set: 'input', as: 'person' }, { signIn: 'person' }],
          answer: { user: 'Account(person)' },
        },
        me: {
          allow: 'auth.id != null',
          endpoint: 'GET /user',
          steps: [{ find: 'Person', where: 'id == auth.id', as: 'person' }],
          answer: { user: 'Account(person)' },
        },
      },
    }),
  )
  const user = { email: 'ada@example.org', name: 'ada', password: PASSWORD }
  const joined = await ask('POST', '/people', { body: { user } })
  assert.equal(joined.status, 201, joined.text)
  const { token } = joined.json.user
  assert.deepEqual(joined.json, { user: { email: user.email, name: user.name, token } })
  const me = await ask('GET', '/user', { headers: { authorization: `Token ${token}` } })
  assert.deepEqual([me.status, me.json], [200, joined.json])
})
