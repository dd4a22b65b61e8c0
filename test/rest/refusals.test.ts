/** Requests that rules refuse, where several rules interact. */

import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const ANN = '01900000-0000-7000-8000-00000000000a'
const BOB = '01900000-0000-7000-8000-00000000000b'
const HIDDEN = '01900000-0000-7000-8000-0000000000c1'
const SHOWN = '01900000-0000-7000-8000-0000000000c2'
const NOBODYS = '01900000-0000-7000-8000-0000000000cf'
const TASK = '01900000-0000-7000-8000-0000000000d1'

const design = {
  name: 'refusals',
  entities: {
    User: {
      identity: { login: 'email', password: 'password', role: 'role' },
      fields: {
        email: { type: 'email', unique: true },
        password: { type: 'password' },
        role: { type: 'choice', values: ['user', 'admin'], default: 'user', write: 'auth.role == "admin"' },
      },
      access: { read: 'id == auth.id' },
    },
    Project: {
      fields: {
        name: { type: 'text' },
        archived: { type: 'boolean', default: false },
        owner: { type: 'ref', entity: 'User', inverse: 'projects' },
      },
      access: { read: 'owner == auth.id' },
    },
    Task: {
      fields: {
        title: { type: 'text' },
        tags: { type: 'list', of: { type: 'text' }, default: [] },
        project: { type: 'ref', entity: 'Project', inverse: 'tasks', write: '!project.archived' },
        due: { type: 'date', optional: true, write: 'project.name == "Shown"' },
      },
      access: {
        read: 'auth.id != null',
        create: '!project.archived',
        update: { from: 'input.title == null || size(input.tags) > 0', to: '!project.archived' },
        delete: 'can("read", project)',
      },
      indexes: [['title']],
    },
    Note: {
      fields: {
        text: { type: 'text' },
        secret: { type: 'text', read: 'can("read", about) && true' },
        about: { type: 'ref', entity: 'Project' },
      },
      access: { read: 'can("read", about) || auth.role == "admin"', create: 'can("read", about)' },
    },
  },
}

async function start(t: TestContext): Promise<TestBackend & { readonly ann: string }> {
  const backend = await testBackend(t, modelFrom(design))
  await backend.sql(
    `insert into users (id, email, password, role) values ('${ANN}', 'ann@example.com', 'x', 'user'), ('${BOB}', 'bob@example.com', 'x', 'user')`,
  )
  await backend.sql(`insert into projects (id, name, owner_id) values ('${HIDDEN}', 'Hidden', '${BOB}'), ('${SHOWN}', 'Shown', '${ANN}')`)
  await backend.sql(`insert into tasks (id, title, project_id) values ('${TASK}', 'Task', '${SHOWN}')`)
  return { ...backend, ann: await backend.tokenFor(ANN) }
}

test('a reference to a hidden row is answered like an unknown id, with any rules on the hidden row', async (t) => {
  const { ask, sql, ann } = await start(t)
  const about = async (project: string) => {
    const answers = [
      await ask('POST', '/api/tasks', { token: ann, body: { title: 'A', project } }),
      await ask('POST', '/api/tasks', {
        token: ann,
        body: [
          { title: 'A', project: SHOWN },
          { title: 'B', project, due: '2030-01-01' },
        ],
      }),
      await ask('PATCH', `/api/tasks/${TASK}`, { token: ann, body: { project } }),
      await ask('PATCH', `/api/tasks/${TASK}`, { token: ann, body: { project, due: '2030-01-01' } }),
    ]
    return answers.map(({ status, text }) => `${status} ${text.replace(/"traceId":"[^"]*"/, '')}`)
  }
  const stranger = await about(NOBODYS)
  for (const answer of stranger) assert.match(answer, /^400 .*"rule":"reference"/)
  assert.deepEqual(await about(HIDDEN), stranger)
  await sql(`update projects set archived = true where id = '${HIDDEN}'`)
  assert.deepEqual(await about(HIDDEN), stranger)
})

test('a rule about input that was not sent is unknown, not an error', async (t) => {
  const { ask, ann } = await start(t)
  const patch = async (body: unknown) => (await ask('PATCH', `/api/tasks/${TASK}`, { token: ann, body })).status
  assert.deepEqual([await patch({ title: 'B' }), await patch({ title: 'B', tags: ['a'] }), await patch({ tags: [] })], [403, 200, 200])
})

test('filter[project.id] compares the id in the reference, like project.id in an expression', async (t) => {
  const { ask, sql, ann } = await start(t)
  await sql(`insert into tasks (title, project_id) values ('Other', '${HIDDEN}')`)
  const found = async (filter: string) => (await ask('GET', `/api/tasks?${filter}&fields=title`, { token: ann })).json.data
  for (const [bracket, expression, titles] of [
    [`filter[project.id]=${HIDDEN}`, `project.id == "${HIDDEN}"`, ['Other']],
    ['filter[title]=Other&filter[project.id][isNull]=false', 'title == "Other" && project.id != null', ['Other']],
    // The values of the hidden row still count as missing.
    ['filter[title]=Other&filter[project.name][isNull]=false', 'title == "Other" && project.name != null', []],
  ] as const) {
    const rows = titles.map((title) => ({ title }))
    assert.deepEqual([await found(bracket), await found(`filter=${encodeURIComponent(expression)}`)], [rows, rows], bracket)
  }
})

test('a rule with can() of a closed rule is closed too: the answer is a refusal, not an empty list', async (t) => {
  const { ask, sql, ann, statements } = await start(t)
  await sql(`insert into notes (text, secret, about_id) values ('A', 'S', '${SHOWN}'), ('B', 'S', '${HIDDEN}')`)
  statements.length = 0
  const anonymous = [
    await ask('GET', '/api/notes'),
    await ask('POST', '/api/notes', { body: {} }),
    await ask('DELETE', `/api/tasks/${TASK}`),
  ]
  assert.deepEqual(
    anonymous.map((answer) => answer.status),
    [401, 401, 401],
  )
  assert.deepEqual(statements, [])
  const list = await ask('GET', '/api/notes', { token: ann })
  assert.deepEqual(
    list.json.data.map((note: { text: string; secret: string }) => [note.text, note.secret]),
    [['A', 'S']],
  )
})

test('a search finds only visible items of lists', async (t) => {
  const fields = { title: { type: 'text' }, words: { type: 'list', of: { type: 'text' }, optional: true, read: 'title != "Hidden"' } }
  const { ask, sql } = await testBackend(
    t,
    modelFrom({ name: 'lists', entities: { Page: { fields, access: { read: 'true' }, search: ['title', 'words'] } } }),
  )
  await sql("insert into pages (title, words) values ('Shown', '{apple,pie}'), ('Hidden', '{apple}'), ('Empty', null), ('Apple', '{}')")
  const found = async (words: string) =>
    (await ask('GET', `/api/pages?search=${words}`)).json.data.map((page: { title: string }) => page.title).sort()
  assert.deepEqual([await found('apple'), await found('pie apple'), await found('shown apple')], [['Apple', 'Shown'], ['Shown'], ['Shown']])
})

test('a text that is too long for an index on its field is refused, and other requests succeed', async (t) => {
  const notes = {
    name: 'notes',
    entities: { Note: { fields: { word: { type: 'text', unique: true } }, access: { read: 'true', create: 'true' } } },
  }
  const { ask } = await testBackend(t, modelFrom(notes))
  // A text that PostgreSQL can compress would fit.
  const long = randomBytes(9_000).toString('base64')
  const [bad, good] = await Promise.all([long, 'short'].map((word) => ask('POST', '/api/notes', { body: { word } })))
  assert.deepEqual([bad?.status, bad?.json.code, bad?.json.errors[0].rule], [400, 'validation_failed', 'maxLength'])
  assert.equal(good?.status, 201)
})

test('an index that the API advises accepts every value of the design, even incompressible characters of four bytes', async (t) => {
  const indexed = (max: number, indexes: readonly (readonly string[])[]) => ({
    name: 'notes',
    entities: {
      Note: {
        fields: { word: { type: 'text', max }, line: { type: 'text', max: 200 } },
        access: { read: 'true', create: 'true' },
        indexes,
      },
    },
  })
  const before = await testBackend(t, modelFrom(indexed(5_000, [])))
  const advised = (max: number, fields: string) =>
    `word may be too long for an index, so give it a max of ${max} characters and add [${fields}] to the indexes of Note`
  for (const [query, advice] of [
    ['filter[word]=x', advised(650, `'word'`)],
    ['sort=line,word', advised(450, `'line', 'word'`)],
  ])
    assert.ok((await before.ask('GET', `/api/notes?${query}`)).json.detail.endsWith(`; ${advice}`))
  const random = (characters: number) => String.fromCodePoint(...Array.from({ length: characters }, () => 0x10000 + randomInt(0x80000)))
  for (const [max, fields] of [
    [650, ['word']],
    [450, ['line', 'word']],
  ] as const) {
    const { ask } = await testBackend(t, modelFrom(indexed(max, [fields])))
    const body = { word: random(max), line: random(200) }
    assert.equal((await ask('POST', '/api/notes', { body })).status, 201, fields.join())
  }
})

test('the creator of an account sets its first password; later only the account may change it', async (t) => {
  const model = modelFrom({
    name: 'accounts',
    entities: {
      User: {
        identity: { login: 'email', password: 'password', role: 'role' },
        fields: {
          name: { type: 'text', optional: true },
          email: { type: 'email', unique: true },
          password: { type: 'password', write: 'version == 1 || id == auth.id' },
          role: { type: 'choice', values: ['user', 'admin'], default: 'user', write: 'auth.role == "admin"' },
        },
        access: { create: 'true', read: 'true', update: 'id == auth.id || auth.role == "admin"' },
      },
    },
  })
  const { ask, sql, tokenFor } = await testBackend(t, model)
  const [first, second] = ['Lantern-Otter-42', 'Harbour-Quilt-17']
  const login = async (email: string, password: string) => (await ask('POST', '/api/auth/login', { body: { email, password } })).status
  const registered = await ask('POST', '/api/auth/register', { body: { email: 'ann@example.com', password: first } })
  assert.equal(registered.status, 201, registered.text)
  const { id } = registered.json.user
  await sql("insert into users (id, email, password, role) values ($1, 'root@example.com', '-', 'admin')", [BOB])
  const admin = await tokenFor(BOB)
  const made = await ask('POST', '/api/users', { token: admin, body: { email: 'eve@example.com', password: first } })
  assert.equal(made.status, 201, made.text)
  assert.equal(await login('eve@example.com', first), 200)
  const url = `/api/users/${id}`
  for (const method of ['PATCH', 'PUT']) {
    const body = { name: 'A', email: 'ann@example.com', password: second }
    assert.equal((await ask(method, url, { token: admin, body })).status, 403, method)
    assert.equal((await ask(method, url, { token: admin, body: { name: 'A', email: 'ann@example.com' } })).status, 200, method)
  }
  const upsert = `mutation { upsertUser(where: { email: "ann@example.com" }, create: { email: "ann@example.com", password: "${second}" }, update: { password: "${second}" }) { id } }`
  assert.equal((await ask('POST', '/graphql', { token: admin, body: { query: upsert } })).json.errors[0].extensions.code, 'forbidden')
  assert.equal(await login('ann@example.com', first), 200)
  const own = await ask('PATCH', url, { token: registered.json.token, body: { password: second } })
  assert.equal(own.status, 200, own.text)
  assert.deepEqual([await login('ann@example.com', first), await login('ann@example.com', second)], [401, 200])
})
