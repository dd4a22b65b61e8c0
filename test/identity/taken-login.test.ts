/** The creation of an account whose login another account has, by callers who may and who may not know it. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { tasksOf } from '../../src/commands/planning/tasks.ts'
import type { IdentityDesign } from '../../src/design/authoring/design.ts'
import { type Answered, modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const PASSWORD = 'otter lantern'
const KNOWN = 'known@example.org'

/** Accounts whose email only they and staff can read. */
function designWith(more: Partial<IdentityDesign> = {}, { softDelete = false } = {}) {
  return {
    name: 'taken',
    entities: {
      Org: { fields: { name: { type: 'text' } }, access: { read: 'true', create: 'true' } },
      User: {
        identity: { login: 'email', password: 'password', role: 'role', ...more },
        softDelete,
        fields: {
          email: { type: 'email', unique: true, read: 'id == auth.id || auth.role == "staff"' },
          password: { type: 'password', min: 8 },
          nick: { type: 'text', max: 20, optional: true, unique: true },
          role: { type: 'choice', values: ['user', 'staff'], default: 'user', write: 'false' },
          org: { type: 'ref', entity: 'Org', optional: true, inverse: 'users' },
        },
        access: { read: 'true', create: 'true', update: 'id == auth.id', delete: 'id == auth.id' },
      },
      Note: {
        fields: { text: { type: 'text', max: 20, unique: true }, user: { type: 'ref', entity: 'User', inverse: 'notes' } },
        access: { read: 'true', create: 'true' },
      },
    },
  }
}

async function backendOf(t: TestContext, design: unknown): Promise<TestBackend> {
  const backend = await testBackend(t, modelFrom(design))
  await backend.sql(
    `insert into users (email, password, nick, role) values ('${KNOWN}', 'x', 'known', 'user'), ('s@example.org', 'x', 'boss', 'staff')`,
  )
  return backend
}

const account = (email: string, more: object = {}) => ({ email, password: PASSWORD, ...more })

/** The parts of an answer that a caller can compare. */
function shown({ status, headers, text }: Answered): unknown {
  const { date: _, 'x-request-id': __, traceparent: ___, 'server-timing': ____, ...same } = headers
  return { status, headers: Object.keys(same).toSorted(), text: text.replace(/"traceId":"[^"]*"/, '') }
}

const REGISTRATIONS: readonly (readonly [string, (backend: TestBackend, body: object, key?: string) => Promise<Answered>])[] = [
  ['POST /api/users', ({ ask }, body, key) => ask('POST', '/api/users', { body, headers: keyed(key) })],
  ['POST /api/auth/register', ({ ask }, body, key) => ask('POST', '/api/auth/register', { body, headers: keyed(key) })],
  [
    'GraphQL createUser',
    ({ ask }, input, key) => {
      const query = 'mutation ($input: CreateUserInput!) { createUser(input: $input) { accepted } }'
      return ask('POST', '/graphql', { body: { query, variables: { input } }, headers: keyed(key) })
    },
  ],
]

function keyed(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { 'idempotency-key': key }
}

for (const [name, register] of REGISTRATIONS) {
  test(`${name} gives a known and an unknown address the same answer`, async (t) => {
    const backend = await backendOf(t, designWith())
    const [unknown, known] = [await register(backend, account('new@example.org')), await register(backend, account(KNOWN.toUpperCase()))]
    assert.equal(unknown.status, name.startsWith('GraphQL') ? 200 : 202)
    assert.doesNotMatch(unknown.text, /token|"id"|problem|errors/)
    assert.deepEqual(shown(known), shown(unknown))
    const users = await backend.sql('select email from users order by email')
    assert.deepEqual(users, [{ email: KNOWN }, { email: 'new@example.org' }, { email: 's@example.org' }])
    const signedIn = await backend.ask('POST', '/api/auth/login', { body: account('new@example.org') })
    assert.equal(signedIn.status, 200)
  })

  test(`${name} with an Idempotency-Key gives both the same answer, also when it is repeated`, async (t) => {
    const backend = await backendOf(t, designWith())
    const answers: unknown[] = []
    for (const [email, key] of [
      ['new@example.org', 'a'],
      [KNOWN, 'b'],
      ['new@example.org', 'a'],
      [KNOWN, 'b'],
    ] as const) {
      answers.push(shown(await register(backend, account(email), key)))
    }
    const [first, second, third, fourth] = answers
    assert.deepEqual(second, first)
    assert.deepEqual(fourth, third)
  })

  test(`${name} refuses a known and an unknown address for the same reasons`, async (t) => {
    const backend = await backendOf(t, designWith())
    const refused: readonly object[] = [
      { nick: 'known' },
      { nick: 'n'.repeat(21) },
      { org: '01900000-0000-7000-8000-000000000000' },
      { role: 'staff' },
    ]
    for (const more of refused) {
      const [unknown, known] = [await register(backend, account('new@example.org', more)), await register(backend, account(KNOWN, more))]
      assert.match(unknown.text, /"(?:code|extensions)"/)
      assert.deepEqual(shown(known), shown(unknown), JSON.stringify(more))
    }
    assert.equal((await backend.sql('select from users')).length, 2)
    const taken = await register(backend, account(KNOWN, { nick: 'known' }))
    assert.match(taken.text, /another User already has this nick/)
  })
}

test('an account is created alone: not in a list, not below another row, not in a transaction', async (t) => {
  const { ask, sql } = await backendOf(t, designWith())
  for (const email of ['new@example.org', KNOWN]) {
    for (const [url, body] of [
      ['/api/users', [account(email)]],
      ['/api/users/bulk', [account(email)]],
      ['/api/users', account(email, { notes: [{ text: 'x' }] })],
      ['/api/orgs', { name: 'x', users: [account(email)] }],
      ['/api/transaction', { operations: [{ method: 'POST', path: '/api/users', body: account(email) }] }],
    ] as const) {
      const { status, json } = await ask('POST', url, { body })
      assert.deepEqual([status, json.code], [400, 'validation_failed'], JSON.stringify(body))
    }
    for (const query of [
      'mutation { createUsers(inputs: []) { id } }',
      'mutation { upsertUser(where: {}, create: {}, update: {}) { id } }',
    ])
      assert.equal((await ask('POST', '/graphql', { body: { query } })).json.data, undefined)
  }
  assert.equal((await sql('select from users')).length, 2)
})

test('two mutations in one atomic document are refused when one of them registers', async (t) => {
  const { ask, sql } = await backendOf(t, designWith())
  const user = (key: string, email: string) => `${key}: createUser(input: { email: "${email}", password: "${PASSWORD}" }) { accepted }`
  const query = `mutation @atomic { ${user('a', 'new@example.org')} ${user('b', KNOWN)} }`
  const { json } = await ask('POST', '/graphql', { body: { query } })
  assert.equal(json.errors[0].extensions.code, 'validation_failed')
  assert.equal((await sql('select from users')).length, 2)
})

test('callers who may read every address are told that one is taken', async (t) => {
  const { ask, sql, tokenFor } = await backendOf(t, designWith())
  const [{ id } = { id: '' }] = await sql(`select id from users where role = 'staff'`)
  const token = await tokenFor(String(id))
  const { status, json } = await ask('POST', '/api/users', { token, body: account(KNOWN) })
  assert.deepEqual([status, json.code, json.errors[0].pointer], [409, 'already_taken', '/email'])
  assert.equal((await ask('POST', '/api/users', { token, body: account('new@example.org') })).status, 201)
  assert.equal((await ask('POST', '/api/users', { token, body: [account('a@example.org'), account('b@example.org')] })).status, 201)
})

test('a design can say that every caller is told, or that none is', async (t) => {
  const told = await backendOf(t, designWith({ takenLogin: 'conflict' }))
  const conflict = await told.ask('POST', '/api/auth/register', { body: account(KNOWN) })
  assert.deepEqual([conflict.status, conflict.json.errors[0].pointer], [409, '/email'])
  const created = await told.ask('POST', '/api/auth/register', { body: account('new@example.org') })
  assert.deepEqual([created.status, typeof created.json.token], [201, 'string'])

  const alike = await backendOf(t, designWith({ takenLogin: 'accepted' }))
  const [{ id } = { id: '' }] = await alike.sql(`select id from users where role = 'staff'`)
  const token = await alike.tokenFor(String(id))
  for (const email of [KNOWN, 'new@example.org'])
    assert.equal((await alike.ask('POST', '/api/users', { token, body: account(email) })).status, 202)
})

test('an address of a deleted account counts as new', async (t) => {
  const { ask, sql } = await backendOf(t, designWith({}, { softDelete: true }))
  await sql('update users set deleted_at = now()')
  assert.equal((await ask('POST', '/api/users', { body: account(KNOWN) })).status, 202)
  assert.equal((await sql(`select from users where email = '${KNOWN}' and deleted_at is null`)).length, 1)
})

test('a known address costs the same work: one hash, the same statements, one wait for the disk', async (t) => {
  const backend = await backendOf(t, designWith())
  const work = async (email: string) => {
    const walBefore = await backend.sql('select pg_current_wal_insert_lsn() as at')
    backend.statements.length = 0
    const cpu = process.cpuUsage()
    assert.equal((await backend.ask('POST', '/api/auth/register', { body: account(email) })).status, 202)
    const { user, system } = process.cpuUsage(cpu)
    const names = backend.statements.map(({ name, text }) => `${name} ${text}`)
    const [{ bytes } = { bytes: 0 }] = await backend.sql(
      `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '${walBefore[0]?.at}') as bytes`,
    )
    return { names, cpuMs: (user + system) / 1000, walBytes: Number(bytes) }
  }
  await work('warm@example.org')
  const [unknown, known] = [[], []] as [Awaited<ReturnType<typeof work>>[], Awaited<ReturnType<typeof work>>[]]
  for (let i = 0; i < 12; i++) {
    unknown.push(await work(`new${i}@example.org`))
    known.push(await work(KNOWN))
  }
  for (const [i, one] of known.entries()) {
    assert.deepEqual(one.names, unknown[i]?.names)
    // A transaction that writes nothing would not wait for the disk at its commit.
    assert.ok(one.walBytes > 0, 'a commit record is written')
  }
  const median = (of: typeof known) => of.map(({ cpuMs }) => cpuMs).toSorted((a, b) => a - b)[6] ?? 0
  const ratio = median(known) / median(unknown)
  assert.ok(ratio > 0.8 && ratio < 1.25, `processor time of a known address is ${ratio.toFixed(2)} of that of an unknown one`)
})

test('the plan says which answer is given, and why', () => {
  const whatOf = (more: Partial<IdentityDesign>) =>
    tasksOf(modelFrom(designWith(more))).flatMap(({ what }) => (/registering/.test(what) ? [what] : []))
  assert.deepEqual(whatOf({}), [
    'registering answers 202 whether or not another account has the email, as callers may not read every User.email; ' +
      'to those who may it says that the email is taken (409)',
  ])
  assert.deepEqual(whatOf({ takenLogin: 'conflict' }), ['registering says that the email is taken (409), as takenLogin is conflict'])
})
