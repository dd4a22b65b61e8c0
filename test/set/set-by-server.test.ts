/** Fields that the server alone sets: `set`, and `on: 'write'`, through every way to write, by REST and by GraphQL. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const id = (end: string) => `01900000-0000-7000-8000-${end.padStart(12, '0')}`

const design = {
  name: 'papers',
  entities: {
    Person: {
      identity: { login: 'email', password: 'password', role: 'role', claims: ['team'] },
      fields: {
        email: { type: 'email', unique: true },
        password: { type: 'password' },
        role: { type: 'text', default: 'user', write: 'false' },
        team: { type: 'text', optional: true, write: 'false' },
      },
      access: { read: 'true', create: 'true' },
    },
    Paper: {
      softDelete: true,
      fields: {
        title: { type: 'text', max: 20, unique: true },
        hits: { type: 'integer', default: 0 },
        author: { type: 'ref', entity: 'Person', inverse: 'papers', set: 'auth.id' },
        editor: { type: 'ref', entity: 'Person', set: 'auth.id', on: 'write' },
        team: { type: 'text', optional: true, set: 'auth.team', on: 'write' },
        made: { type: 'timestamp', set: 'now()' },
        word: { type: 'choice', values: ['old', 'new'], set: 'auth.team == null ? "old" : "new"' },
      },
      access: { read: 'true', create: 'true', update: 'true', delete: 'true' },
    },
    Line: {
      fields: {
        text: { type: 'text', max: 20 },
        paper: { type: 'ref', entity: 'Paper', inverse: 'lines', onDelete: 'cascade' },
        by: { type: 'ref', entity: 'Person', inverse: 'lines', optional: true, set: 'auth.id' },
      },
      access: { read: 'true', create: 'true' },
    },
  },
}

const [ANN, BOB] = [id('a'), id('b')]

async function papers(t: TestContext): Promise<{ backend: TestBackend; ann: string; bob: string }> {
  const backend = await testBackend(t, modelFrom(design))
  const insert = "insert into persons (id, email, password, role, team) values ($1, $2, 'x', 'user', $3)"
  await backend.sql(insert, [ANN, 'ann@example.com', 'red'])
  await backend.sql(insert, [BOB, 'bob@example.com', null])
  return { backend, ann: await backend.tokenFor(ANN), bob: await backend.tokenFor(BOB) }
}

const by = ({ author, editor, team, word, version }: Record<string, unknown>) => ({ author, editor, team, word, version })
const ANNS = { author: ANN, editor: ANN, team: 'red', word: 'new', version: 1 }
const BOBS = { author: BOB, editor: BOB, team: null, word: 'old', version: 1 }
const THEN_BOB = { ...ANNS, editor: BOB, team: null, version: 2 }

test('a create sets the fields, of one row, of many and of nested rows', async (t) => {
  const { backend, ann, bob } = await papers(t)
  const one = await backend.ask('POST', '/api/papers', { token: ann, body: { title: 'one' } })
  assert.deepEqual([one.status, by(one.json)], [201, ANNS])
  assert.equal(typeof one.json.made, 'string')
  const many = await backend.ask('POST', '/api/papers', { token: bob, body: [{ title: 'two' }, { title: 'three' }] })
  assert.deepEqual([many.status, many.json.map(by)], [201, [BOBS, BOBS]])
  const nested = await backend.ask('POST', '/api/papers?include=lines', { token: ann, body: { title: 'four', lines: [{ text: 'x' }] } })
  assert.deepEqual([nested.status, by(nested.json), nested.json.lines[0].by], [201, ANNS, ANN])
})

test('an update sets only the fields with `on: write` again', async (t) => {
  const { backend, ann, bob } = await papers(t)
  const { json } = await backend.ask('POST', '/api/papers', { token: ann, body: { title: 'one' } })
  const url = `/api/papers/${json.id}`
  const patched = await backend.ask('PATCH', url, { token: bob, body: { title: 'two' } })
  assert.deepEqual([patched.status, by(patched.json), patched.json.made], [200, THEN_BOB, json.made])
  const put = await backend.ask('PUT', url, { token: ann, body: { title: 'three' } })
  assert.deepEqual([put.status, by(put.json)], [200, { ...ANNS, version: 3 }])
  const added = await backend.ask('PATCH', url, { token: bob, body: { hits: { increment: 2 } } })
  assert.deepEqual([added.json.hits, by(added.json)], [2, { ...THEN_BOB, version: 4 }])
  const nothing = await backend.ask('PATCH', url, { token: ann, body: {} })
  assert.deepEqual(by(nothing.json), { ...THEN_BOB, version: 4 }, 'nothing was sent, so nothing was written')
})

test('merged changes of several callers set the values of the right caller', async (t) => {
  const { backend, ann, bob } = await papers(t)
  const made = await backend.ask('POST', '/api/papers', { token: ann, body: Array.from({ length: 20 }, (_, i) => ({ title: `p${i}` })) })
  const ids: string[] = made.json.map((row: { id: string }) => row.id)
  const answers = await Promise.all(
    ids.map((paper, i) => backend.ask('PATCH', `/api/papers/${paper}`, { token: i % 2 === 0 ? ann : bob, body: { hits: i } })),
  )
  assert.deepEqual(
    answers.map(({ json }) => json.editor),
    ids.map((_, i) => (i % 2 === 0 ? ANN : BOB)),
  )
})

test('a transaction sets the fields in each of its operations', async (t) => {
  const { backend, ann, bob } = await papers(t)
  const { json } = await backend.ask('POST', '/api/papers', { token: ann, body: { title: 'one' } })
  const operations = [
    { method: 'POST', path: '/api/papers', body: { title: 'two' } },
    { method: 'PATCH', path: `/api/papers/${json.id}`, body: { hits: 1 } },
  ]
  const { status, json: answer } = await backend.ask('POST', '/api/transaction', { token: bob, body: { operations } })
  assert.equal(status, 200, JSON.stringify(answer))
  const rows = await backend.sql('select author_id as author, editor_id as editor, team, word, version::int from papers order by title')
  assert.deepEqual(rows, [THEN_BOB, BOBS])
})

test('a soft delete sets the fields with on: write', async (t) => {
  const { backend, ann, bob } = await papers(t)
  const { json } = await backend.ask('POST', '/api/papers', { token: ann, body: { title: 'one' } })
  assert.equal((await backend.ask('DELETE', `/api/papers/${json.id}`, { token: bob })).status, 204)
  const [row] = await backend.sql('select author_id as author, editor_id as editor, team, word, version::int from papers')
  assert.deepEqual(row, THEN_BOB)
})

const SHOWN = 'author { id } editor { id } team word version'

test('GraphQL sets the same fields: create, many, upsert, update, increment', async (t) => {
  const { backend, ann, bob } = await papers(t)
  const send = async (token: string, query: string) => {
    const { json } = await backend.ask('POST', '/graphql', { token, body: { query } })
    assert.equal(json.errors, undefined, JSON.stringify(json))
    return json.data
  }
  const shown = (paper: { author: { id: string }; editor: { id: string } }) =>
    by({ ...paper, author: paper.author.id, editor: paper.editor.id })
  const { createPaper } = await send(ann, `mutation { createPaper(input: { title: "one" }) { paper { id ${SHOWN} } } }`)
  assert.deepEqual(shown(createPaper.paper), ANNS)
  const { createPapers } = await send(bob, `mutation { createPapers(inputs: [{ title: "two" }]) { paper { ${SHOWN} } } }`)
  assert.deepEqual(
    createPapers.map(({ paper }: { paper: Parameters<typeof shown>[0] }) => shown(paper)),
    [BOBS],
  )
  const upsert = (title: string) => `upsertPaper(where: { title: "${title}" }, create: { title: "${title}" }, update: { hits: 1 })`
  const made = await send(ann, `mutation { ${upsert('three')} { created paper { ${SHOWN} } } }`)
  assert.deepEqual([made.upsertPaper.created, shown(made.upsertPaper.paper)], [true, ANNS])
  const changed = await send(bob, `mutation { ${upsert('three')} { created paper { ${SHOWN} } } }`)
  assert.deepEqual([changed.upsertPaper.created, shown(changed.upsertPaper.paper)], [false, THEN_BOB])
  const target = `id: "${createPaper.paper.id}"`
  const { updatePaper } = await send(bob, `mutation { updatePaper(${target}, input: { title: "four" }) { paper { ${SHOWN} } } }`)
  assert.deepEqual(shown(updatePaper.paper), THEN_BOB)
  const added = await send(ann, `mutation { updatePaper(${target}, input: {}, increment: { hits: 1 }) { paper { hits ${SHOWN} } } }`)
  assert.deepEqual(shown(added.updatePaper.paper), { ...ANNS, version: 3 })
})

test('no request can set such a field: bodies, inputs and keys do not have it, and documents show it as read-only', async (t) => {
  const { backend, ann } = await papers(t)
  const { json } = await backend.ask('POST', '/api/papers', { token: ann, body: { title: 'one' } })
  for (const [name, value] of Object.entries({ author: BOB, editor: BOB, team: 'blue', made: '2020-01-01T00:00:00Z', word: 'old' })) {
    for (const [method, url] of [
      ['POST', '/api/papers'],
      ['PATCH', `/api/papers/${json.id}`],
      ['PUT', `/api/papers/${json.id}`],
    ] as const) {
      const refused = await backend.ask(method, url, { token: ann, body: { title: `${method} ${name}`.slice(0, 20), [name]: value } })
      assert.deepEqual([refused.status, refused.json.errors[0].pointer], [400, `/${name}`], `${method} ${name}`)
    }
  }
  const nested = { title: 'x', papers: [{ title: 'y' }], email: 'c@example.com', password: 'correct horse battery' }
  assert.equal((await backend.ask('POST', '/api/persons', { body: nested })).status, 400, 'a nested row would set its author')
  const document = (await backend.ask('GET', '/openapi.json')).json.components.schemas
  assert.deepEqual(Object.keys(document.PaperCreate.properties), ['title', 'hits', 'lines'])
  assert.deepEqual(Object.keys(document.PaperPatch.properties), ['title', 'hits'])
  assert.deepEqual(Object.keys(document.PaperPut.properties), ['title', 'hits'])
  assert.deepEqual(
    ['author', 'editor', 'team', 'made', 'word'].map((name) => document.Paper.properties[name].readOnly),
    [true, true, true, true, true],
  )
  assert.match(document.Paper.properties.editor.description, /Set by the server at every write\./)
  const query =
    '{ a: __type(name: "CreatePaperInput") { inputFields { name } } b: __type(name: "UpdatePaperInput") { inputFields { name } } }'
  const { data } = (await backend.ask('POST', '/graphql', { token: ann, body: { query } })).json
  const names = (type: { inputFields: readonly { name: string }[] }) => type.inputFields.map(({ name }) => name)
  assert.deepEqual(
    [names(data.a), names(data.b)],
    [
      ['title', 'hits', 'lines'],
      ['title', 'hits'],
    ],
  )
})

test('a caller without a value for a required field may not write', async (t) => {
  const { backend, ann } = await papers(t)
  const { json } = await backend.ask('POST', '/api/papers', { token: ann, body: { title: 'one' } })
  const url = `/api/papers/${json.id}`
  for (const [method, path] of [
    ['POST', '/api/papers'],
    ['PATCH', url],
    ['PUT', url],
    ['DELETE', url],
  ] as const) {
    const refused = await backend.ask(method, path, method === 'DELETE' ? {} : { body: { title: 'two' } })
    assert.deepEqual([refused.status, refused.json.code], [401, 'not_signed_in'], method)
  }
  const line = await backend.ask('POST', '/api/lines', { body: { text: 'x', paper: json.id } })
  assert.deepEqual([line.status, line.json.by], [201, null], 'an optional one stays empty')
})
