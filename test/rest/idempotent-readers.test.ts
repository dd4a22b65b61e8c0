/** A repeated request with an `Idempotency-Key`: after its caller has lost the right to read or to write, and after a deadlock. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Answered, modelFrom, testBackend } from '../support/backend.ts'

const [ANN, BOB, ORG] = [1, 2, 3].map((n) => `01900000-0000-7000-8000-00000000000${n}`)

const DESIGN = {
  name: 'readers',
  entities: {
    User: {
      identity: { login: 'email', password: 'password', role: 'role' },
      fields: {
        email: { type: 'email', unique: true },
        password: { type: 'password' },
        role: { type: 'choice', values: ['user', 'clerk'], default: 'user', write: 'false' },
      },
      access: { read: 'id == auth.id', create: 'false', update: 'false', delete: 'false' },
    },
    Secret: {
      fields: {
        text: { type: 'text', max: 100 },
        grade: { type: 'integer', default: 7, read: 'auth.role == "clerk"' },
        code: { type: 'text', max: 20, optional: true, unique: true },
        owner: { type: 'ref', entity: 'User', default: 'auth.id' },
      },
      access: {
        read: 'owner.id == auth.id',
        create: 'auth.role == "clerk"',
        update: 'auth.role == "clerk"',
        delete: 'owner.id == auth.id',
      },
    },
    Drop: { fields: { text: { type: 'text', max: 20 } }, access: { read: 'false', create: 'true', update: 'false', delete: 'false' } },
  },
}

async function start(t: TestContext) {
  const backend = await testBackend(t, modelFrom(DESIGN))
  await backend.sql(
    `insert into users (id, email, password, role) values ('${ANN}', 'a@b.c', 'x', 'clerk'), ('${BOB}', 'b@b.c', 'x', 'user')`,
  )
  await backend.sql(`insert into secrets (id, text, owner_id) values ('${ORG}', 'old', '${ANN}')`)
  const token = await backend.tokenFor(String(ANN))
  const send = (key: string, method: string, url: string, body: unknown) =>
    backend.ask(method, url, { token, body, headers: { 'idempotency-key': key } })
  return { ...backend, token, send }
}

const gql = (query: string) => ({ query: `mutation ${query}` })

/** Every way to write a secret and see it in the answer. */
const WRITES: readonly (readonly [name: string, method: string, url: string, body: unknown])[] = [
  ['create', 'POST', '/api/secrets', { text: 'mine' }],
  ['create many', 'POST', '/api/secrets', [{ text: 'mine' }, { text: 'mine' }]],
  ['change', 'PATCH', `/api/secrets/${ORG}`, { text: 'mine' }],
  ['replace', 'PUT', `/api/secrets/${ORG}`, { text: 'mine', code: null, owner: ANN }],
  ['transaction', 'POST', '/api/transaction', { operations: [{ method: 'POST', path: '/api/secrets', body: { text: 'mine' } }] }],
  [
    'transaction that reads',
    'POST',
    '/api/transaction',
    {
      operations: [
        { method: 'PATCH', path: `/api/secrets/${ORG}`, body: { text: 'mine' }, name: 'a' },
        { method: 'GET', path: '/api/secrets/${a.id}' },
      ],
    },
  ],
  ['GraphQL create', 'POST', '/graphql', gql('{ createSecret(input: { text: "mine" }) { secret { text } } }')],
  ['GraphQL change', 'POST', '/graphql', gql(`{ updateSecret(id: "${ORG}", input: { text: "mine" }) { secret { text } } }`)],
  [
    'GraphQL upsert',
    'POST',
    '/graphql',
    gql(
      '{ upsertSecret(where: { code: "c" }, create: { text: "mine", code: "c" }, update: { text: "mine" }) { created secret { text } } }',
    ),
  ],
  [
    'GraphQL atomic',
    'POST',
    '/graphql',
    gql('@atomic { a: createSecret(input: { text: "mine" }) { secret { text } } b: createSecret(input: { text: "mine" }) { id } }'),
  ],
]

const codeOf = ({ json }: Answered): unknown => json.code ?? json.errors?.[0]?.extensions.code

for (const [name, method, url, body] of WRITES) {
  test(`${name}: a repetition is answered only while its caller may read the row`, async (t) => {
    const { send, sql, statements } = await start(t)
    const first = await send('k', method, url, body)
    assert.ok(first.status < 300 && first.text.includes('mine') && codeOf(first) === undefined, first.text)
    const before = await sql('select id, version from secrets order by id')
    statements.length = 0
    const again = await send('k', method, url, body)
    assert.deepEqual([again.text, again.headers.etag, again.headers['idempotency-replayed']], [first.text, first.headers.etag, 'true'])
    assert.ok(!statements.some(({ text }) => /^with call .*(insert into|update) "secrets"/.test(text)), 'a repetition writes nothing')
    assert.deepEqual(await sql('select id, version from secrets order by id'), before)

    await sql(`update secrets set owner_id = '${BOB}'`)
    const refused = await send('k', method, url, body)
    assert.equal(codeOf(refused), 'not_found', refused.text)
    assert.ok(!refused.text.includes('mine'), refused.text)
    await sql('delete from secrets')
    assert.equal(codeOf(await send('k', method, url, body)), 'not_found')
    assert.equal((await sql('select from secrets')).length, 0)
  })
}

test('a repetition shows no field that its caller may no longer read, and a caller who may no longer write is told so', async (t) => {
  const { send, sql, token, ask } = await start(t)
  const [first, query] = [
    await send('k', 'POST', '/api/secrets', { text: 'mine' }),
    gql('{ createSecret(input: { text: "mine" }) { secret { grade } } }'),
  ]
  assert.equal(first.json.grade, 7)
  assert.equal((await send('g', 'POST', '/graphql', query)).json.data.createSecret.secret.grade, 7)
  await sql(`update users set role = 'user' where id = '${ANN}'`)
  // The role of a caller is cached for some seconds.
  const sees = async () => (await ask('GET', `/api/secrets/${ORG}`, { token })).json.grade !== undefined
  for (let tries = 0; tries < 100 && (await sees()); tries++) await new Promise((done) => setTimeout(done, 100))
  const again = await send('k', 'POST', '/api/secrets', { text: 'mine' })
  assert.deepEqual([again.status, again.json.code], [403, 'forbidden'])
  assert.ok(!(await send('g', 'POST', '/graphql', query)).text.includes('7}'))
  assert.equal((await sql('select from secrets')).length, 3)
})

test('a row that its writer could never read is answered again with its id alone', async (t) => {
  const { send } = await start(t)
  const [first, again] = [await send('k', 'POST', '/api/drops', { text: 'x' }), await send('k', 'POST', '/api/drops', { text: 'x' })]
  assert.deepEqual(Object.keys(first.json), ['id'])
  assert.deepEqual([again.status, again.text, again.headers.location], [201, first.text, first.headers.location])
})

test('a repetition shows the row as it is now, with its tag', async (t) => {
  const { send, sql, ask, token } = await start(t)
  const first = await send('k', 'POST', '/api/secrets', { text: 'mine' })
  await sql(`update secrets set text = 'ours', version = 2 where id = '${first.json.id}'`)
  const again = await send('k', 'POST', '/api/secrets', { text: 'mine' })
  const read = await ask('GET', `/api/secrets/${first.json.id}`, { token })
  assert.deepEqual([again.status, again.json, again.headers.etag], [201, read.json, read.headers.etag])
})

test('no content of rows is kept, and an answer of an earlier version is repeated without its body', async (t) => {
  const { send, sql } = await start(t)
  const first = await send('k', 'POST', '/api/secrets', { text: 'mine' })
  const [kept] = await sql('select body, writes from plinth.idempotency_keys')
  assert.equal(kept?.body, null)
  assert.ok(!String(kept?.writes).includes('mine'))
  await sql(`update plinth.idempotency_keys set body = '{"text":"mine"}', writes = null`)
  const again = await send('k', 'POST', '/api/secrets', { text: 'mine' })
  assert.deepEqual([again.status, again.text, again.headers.location], [201, '', first.headers.location])
})

test('a key has one meaning for every spelling of an address', async (t) => {
  const { send, sql } = await start(t)
  const first = await send('k', 'POST', '/api/secrets', { text: 'mine' })
  const again = await send('k', 'POST', '/api/%73ecrets', { text: 'mine' })
  assert.deepEqual([again.text, again.headers['idempotency-replayed']], [first.text, 'true'])
  await sql(`update secrets set owner_id = '${BOB}'`)
  assert.equal((await send('k', 'POST', '/api/%73%65crets', { text: 'mine' })).status, 404)
})

test('a repetition of a transaction that ran twice finds the rows of its second run', async (t) => {
  const world = await testBackend(
    t,
    modelFrom({
      name: 'notes',
      entities: { Note: { fields: { title: { type: 'text', max: 40 } }, access: { read: 'true', create: 'true' } } },
    }),
  )
  await world.sql(`create sequence runs;
    create function fail_once() returns trigger language plpgsql set search_path from current as $$ begin
      if nextval('runs') = 1 then raise 'as in a deadlock' using errcode = '40P01'; end if;
      return new;
    end $$;
    create trigger fail_once before insert on notes for each row when (new.title = 'second') execute function fail_once()`)
  const operations = ['first', 'second'].map((title) => ({ method: 'POST', path: '/api/notes', body: { title } }))
  const send = () => world.ask('POST', '/api/transaction', { body: { operations }, headers: { 'idempotency-key': 'once' } })
  const first = await send()
  assert.equal(first.status, 200, first.text)
  assert.deepEqual(await world.sql('select last_value::int from runs'), [{ last_value: 2 }])
  const second = await send()
  assert.deepEqual([second.status, second.json], [200, first.json], second.text)
})
