/** Token fields: secrets that find a row, and that only the action that makes the row shows. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'
import { insertPeople } from './action-world.ts'

const DESIGN = {
  name: 'shares',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { read: 'id == auth.id', create: 'true' },
    },
    Share: {
      fields: {
        title: { type: 'text', max: 50 },
        link: { type: 'token', description: 'The secret of the link.' },
        opened: { type: 'integer', default: 0 },
      },
      access: { read: 'true', create: 'auth.id != null', update: 'true' },
      actions: { show: { allow: 'true', endpoint: 'GET /shared/{link}', answer: { title: 'row.title' } } },
    },
  },
  actions: {
    share: {
      as: 'system',
      allow: 'auth.id != null',
      input: { title: 'Share.title', second: 'text?' },
      steps: [
        { create: 'Share', set: { title: 'input.title' }, as: 'share' },
        { create: 'Share', set: { title: 'input.second' }, as: 'second', when: 'input.second != null' },
      ],
      answer: { id: 'share.id', link: 'share.link', more: { link: 'second.link' } },
    },
    shareAsCaller: {
      allow: 'auth.id != null',
      input: { title: 'Share.title' },
      steps: [{ create: 'Share', set: 'input', as: 'share' }],
      answer: { link: 'share.link' },
    },
    shareAll: {
      as: 'system',
      allow: 'auth.id != null',
      input: { titles: { type: 'list', of: { type: 'text', max: 50 } } },
      steps: [{ create: 'Share', each: 't in input.titles', set: { title: 't' } }],
    },
    open: {
      as: 'system',
      allow: 'true',
      input: { share: { ref: 'Share', by: 'link', where: 'opened < 2' } },
      steps: [{ update: 'input.share', set: { opened: 'opened + 1' } }],
      answer: { title: 'input.share.title' },
    },
    look: {
      allow: 'true',
      input: { share: { ref: 'Share', by: 'link' } },
      answer: { title: 'input.share.title' },
    },
  },
}

async function openShares(t: TestContext) {
  const world = await testBackend(t, modelFrom(DESIGN))
  const [user] = await insertPeople(world, 'users', [{ email: 'a@example.org' }])
  const act = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    world.ask('POST', `/api/${path}`, { token: user?.token, body, headers })
  const open = (share: unknown) => world.ask('POST', '/api/actions/open', { body: { share } })
  const graphql = async (query: string) => (await world.ask('POST', '/graphql', { token: user?.token, body: { query } })).json
  return { world, token: user?.token, act, open, graphql }
}

test('the answer of the action that makes a row shows its token, and the token finds the row', async (t) => {
  const { world, act, open } = await openShares(t)
  const { json, text } = await act('actions/share', { title: 'first' })
  assert.match(json.link, /^[A-Za-z0-9_-]{64}$/, text)
  assert.equal(json.more.link, null)
  const both = await act('actions/share', { title: 'second', second: 'third' })
  assert.notEqual(both.json.link, both.json.more.link)
  assert.deepEqual([(await open(json.link)).json, (await open(both.json.more.link)).json], [{ title: 'first' }, { title: 'third' }])
  assert.deepEqual((await world.ask('GET', `/api/actions/look?share=${both.json.link}`)).json, { title: 'second' })
  // The condition of the input holds for the row of a token as for every row.
  assert.deepEqual([(await open(json.link)).status, (await open(json.link)).status], [200, 400])
  const stored = (await world.sql('select link from shares')).map(({ link }) => String(link))
  assert.equal(new Set(stored).size, 3)
  for (const kept of stored) {
    assert.match(kept, /^[0-9a-f]{32}$/)
    // What the database holds is no secret.
    assert.deepEqual((await open(kept)).json.errors[0].pointer, '/share')
  }
  for (const wrong of [null, 7, '', 'x'.repeat(64), `${json.link}A`, json.link.slice(1)]) {
    const { status, json: refused } = await open(wrong)
    assert.deepEqual([status, refused.errors[0].pointer], [400, '/share'])
  }
})

test('no request reads, sends, filters by or changes a token', async (t) => {
  const { world, token, act, graphql } = await openShares(t)
  const made = await act('shares', { title: 'plain' })
  assert.equal(made.status, 201, made.text)
  assert.equal('link' in made.json, false)
  const id = made.json.id
  assert.deepEqual(await world.sql('select length(link)::int as n from shares'), [{ n: 32 }])
  assert.equal('link' in (await world.ask('GET', `/api/shares/${id}`, { token })).json, false)
  for (const [method, path, body] of [
    ['POST', 'shares', { title: 'x', link: 'y' }],
    ['PATCH', `shares/${id}`, { link: 'y' }],
    ['GET', 'shares?fields=link', undefined],
    ['GET', 'shares?filter[link]=x', undefined],
    ['GET', 'shares?sort=link', undefined],
    ['GET', 'shares?search=x', undefined],
  ] as const) {
    const { status, text } = await world.ask(method, `/api/${path}`, { token, body })
    assert.equal(status, 400, `${method} ${path}: ${text}`)
  }
  for (const query of [
    '{ shares { nodes { link } } }',
    `mutation { updateShare(id: "${id}", input: { link: "y" }) { share { id } } }`,
    'mutation { createShare(input: { title: "x", link: "y" }) { share { id } } }',
  ])
    assert.match((await graphql(query)).errors[0].message, /link/)
  const { json } = await world.ask('GET', '/openapi.json', { token })
  for (const name of ['Share', 'ShareCreate', 'ShareUpdate']) assert.equal(json.components.schemas[name]?.properties?.link, undefined, name)
  const shown = json.paths['/api/actions/share'].post.responses['200'].content['application/json'].schema.properties.link
  assert.deepEqual(shown.type, ['string', 'null'])
})

test('a repetition of a request does not show the token again', async (t) => {
  const { world, act } = await openShares(t)
  for (const action of ['share', 'shareAsCaller']) {
    const again = () => act(`actions/${action}`, { title: action }, { 'idempotency-key': `key of ${action}` })
    const [first, second] = [await again(), await again()]
    assert.deepEqual([first.status, second.status], [200, 200], second.text)
    assert.match(first.json.link, /^[A-Za-z0-9_-]{64}$/)
    assert.deepEqual(second.json, { ...first.json, link: null })
    const kept = await world.sql('select k::text from plinth.idempotency_keys k')
    assert.ok(kept.length > 0)
    assert.equal(JSON.stringify(kept).includes(first.json.link), false)
  }
  assert.deepEqual(await world.sql('select count(*)::int as n from shares'), [{ n: 2 }])
})

test('GraphQL shows a token once, and takes it', async (t) => {
  const { graphql } = await openShares(t)
  const { data } = await graphql('mutation { share(title: "first", second: "more") { link more { link } } }')
  assert.match(data.share.link, /^[A-Za-z0-9_-]{64}$/)
  const opened = await graphql(`mutation { open(share: "${data.share.more.link}") { title } }`)
  assert.deepEqual(opened.data.open, { title: 'more' })
  const looked = await graphql(`{ look(share: "${data.share.link}") { title } }`)
  assert.deepEqual(looked.data.look, { title: 'first' })
  const unnamed = await graphql('mutation { share(title: "first") { id } }')
  assert.equal(typeof unnamed.data.share.id, 'string')
})

test('each row of several gets a token of its own', async (t) => {
  const { world, act } = await openShares(t)
  assert.equal((await act('actions/shareAll', { titles: Array.from({ length: 50 }, (_, i) => `title ${i}`) })).status, 204)
  assert.deepEqual(await world.sql('select count(distinct link)::int as n from shares'), [{ n: 50 }])
})

test('a repetition of a mutation does not show the token again', async (t) => {
  const { world, token } = await openShares(t)
  const repeat = async (key: string, query: string) =>
    (await world.ask('POST', '/graphql', { token, body: { query }, headers: { 'idempotency-key': key } })).json
  const one = 'mutation { share(title: "first", second: "more") { id link more { link } } }'
  const two =
    'mutation @atomic { a: share(title: "x") { link } b: shareAsCaller(title: "y") { link } c: createShare(input: { title: "z" }) { id } }'
  for (const [key, query] of Object.entries({ one, two })) {
    const [first, second] = [await repeat(key, query), await repeat(key, query)]
    const secrets = JSON.stringify(first).match(/"[A-Za-z0-9_-]{64}"/g) ?? []
    assert.equal(secrets.length, 2, JSON.stringify(first))
    const hidden = secrets.reduce((text, secret) => text.replace(secret, 'null'), JSON.stringify(first))
    assert.deepEqual(second, JSON.parse(hidden))
    const kept = JSON.stringify(await world.sql('select k::text from plinth.idempotency_keys k'))
    for (const secret of secrets) assert.equal(kept.includes(secret.slice(1, -1)), false)
  }
})

test('at an address with a token, the secret finds the row, and what the row keeps of it does not', async (t) => {
  const { world, act } = await openShares(t)
  const { json } = await act('actions/share', { title: 'first' })
  assert.deepEqual((await world.ask('GET', `/shared/${json.link}`)).json, { title: 'first' })
  const [row] = await world.sql('select link from shares where title = $1', ['first'])
  for (const text of [row?.link, `${json.link}a`, 'nothing'])
    assert.equal((await world.ask('GET', `/shared/${text}`)).status, 404, String(text))
})
