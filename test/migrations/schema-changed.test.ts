/**
 * An instance of the old version runs beside a database in which a field, a reference or an entity is dropped, renamed or of another type.
 * Its statements may fail or succeed, but no answer is an internal error.
 */

import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { type Answered, migrateTo, modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { testDatabase } from '../support/database.ts'
import type { Entities } from './schema.ts'

const text = { type: 'text', max: 100 }
const open = { access: { read: 'true', create: 'true', update: 'true', delete: 'true' } }
const key = { ...text, unique: true }
const post = (fields: object): Entities => ({ Post: { fields: { key, ...fields }, ...open } })
const user: Entities = { User: { fields: { name: text }, ...open } }
const author = { type: 'ref', entity: 'User', optional: true }
const computed = { type: 'computed', expression: 'size(title)' }

interface Step {
  readonly name: string
  readonly old: Entities
  readonly new: Entities
  /** The value of `title` in the row that is there before the step, and in those that are sent after it. */
  readonly title: unknown
  /** `fails`: statements of the old version cannot run any more. `either`: PostgreSQL converts the values. */
  readonly outcome: 'fails' | 'either'
}

const fails = (name: string, before: Entities, after: Entities): Step => ({ name, old: before, new: after, title: 'a', outcome: 'fails' })
const retyped = (before: object, after: object, title: unknown): Step => ({
  name: `${JSON.stringify(before)} becomes ${JSON.stringify(after)}`,
  old: post({ title: before }),
  new: post({ title: after }),
  title,
  outcome: 'either',
})

const STEPS: readonly Step[] = [
  fails('a field is dropped', post({ title: text }), post({})),
  fails('a field is renamed', post({ title: text }), post({ name: { ...text, was: 'title' } })),
  fails('a reference is dropped', { ...post({ title: text, author }), ...user }, { ...post({ title: text }), ...user }),
  fails(
    'a reference is renamed',
    { ...post({ title: text, author }), ...user },
    { ...post({ title: text, writer: { ...author, was: 'author' } }), ...user },
  ),
  fails('a computed field is dropped', post({ title: text, length: computed }), post({ title: text })),
  fails('an entity is dropped', { ...post({ title: text }), ...user }, user),
  fails('an entity is renamed', post({ title: text }), { Note: { fields: { key, title: text }, was: 'Post', ...open } }),
  retyped(text, { type: 'integer' }, '1'),
  retyped(text, { type: 'decimal', precision: 8, scale: 2 }, '1.00'),
  retyped(text, { type: 'boolean' }, 'true'),
  retyped(text, { type: 'date' }, '2024-01-01'),
  retyped(text, { type: 'timestamp' }, '2024-01-01T00:00:00.000Z'),
  retyped(text, { type: 'uuid' }, '0190f000-0000-7000-8000-000000000000'),
  retyped(text, { type: 'json' }, '{"a":1}'),
  retyped({ type: 'integer' }, text, 1),
  retyped({ type: 'integer' }, { type: 'number' }, 1),
  retyped({ type: 'boolean' }, text, true),
  retyped({ type: 'date' }, text, '2024-01-01'),
  retyped({ type: 'date' }, { type: 'timestamp' }, '2024-01-01'),
  retyped({ type: 'uuid' }, text, '0190f000-0000-7000-8000-000000000000'),
  retyped({ type: 'json' }, text, 'a'),
]

describe('an instance of the old version beside a database of the new one', () => {
  for (const step of STEPS) {
    it(`answers no 500 when ${step.name}`, async (t) => {
      const { asked, id } = await oldOnNew(t, step)
      const told = await askEverything(asked, { id, title: step.title })
      const internal = told.filter(({ answer }) => codesOf(answer).includes('internal_error'))
      assert.deepEqual(
        internal.map(({ what, answer }) => `${what} ${answer.status} ${answer.text}`),
        [],
      )
      const changed = told.filter(({ answer }) => codesOf(answer).includes('schema_changed'))
      for (const { answer, what } of changed) {
        if (answer.status === 200) continue
        assert.deepEqual([answer.status, answer.headers['retry-after']], [503, '1'], what)
      }
      if (step.outcome === 'fails') assert.ok(changed.length >= 8, `${changed.map(({ what }) => what)}`)
    })
  }

  it('answers 500 when somebody else has dropped a column, and reads the record of migrations only then', async (t) => {
    const { asked, id } = await oldOnNew(t, { old: post({ title: text }), new: post({ title: text }), title: 'a' })
    await asked.ask('GET', '/api/posts')
    assert.ok(!asked.statements.some(({ name }) => name === 'recorded hash'))
    await asked.sql('alter table posts drop column title')
    assert.equal((await asked.ask('GET', `/api/posts/${id}`)).status, 500)
    assert.equal(asked.statements.filter(({ name }) => name === 'recorded hash').length, 1)
  })
})

interface Told {
  readonly what: string
  readonly answer: Answered
}

async function askEverything(
  { ask }: TestBackend,
  { id, title }: { readonly id: string; readonly title: unknown },
): Promise<readonly Told[]> {
  let n = 0
  const fresh = () => ({ key: `k${++n}`, title })
  const document = 'mutation ($input: CreatePostInput!) { createPost(input: $input) { post { id } } }'
  const requests: readonly (readonly [method: string, url: string, body?: unknown, headers?: Record<string, string>])[] = [
    ['GET', '/api/posts'],
    ['GET', `/api/posts/${id}`],
    ['GET', '/api/posts?filter[key]=a'],
    ['POST', '/api/posts', fresh()],
    ['POST', '/api/posts', fresh(), { prefer: 'return=minimal' }],
    ['POST', '/api/posts', fresh(), { 'idempotency-key': '"one"' }],
    ['POST', '/api/posts/bulk', [fresh(), fresh()]],
    ['PATCH', `/api/posts/${id}`, { title }],
    ['PUT', `/api/posts/${id}`, fresh()],
    ['POST', '/api/transaction', { operations: [{ method: 'POST', path: '/api/posts', body: fresh() }] }],
    ['POST', '/graphql', { query: '{ posts { nodes { id title } } }' }],
    ['POST', '/graphql', { query: document, variables: { input: fresh() } }],
    ['DELETE', `/api/posts/${id}`],
  ]
  const told: Told[] = []
  for (const [method, url, body, headers] of requests) {
    told.push({ what: `${method} ${url}`, answer: await ask(method, url, { body, ...(headers === undefined ? {} : { headers }) }) })
  }
  const together = Array.from({ length: 4 }, async () => ({ what: 'together', answer: await ask('POST', '/api/posts', { body: fresh() }) }))
  return [...told, ...(await Promise.all(together))]
}

function codesOf({ json }: Answered): readonly unknown[] {
  const errors: readonly { readonly extensions?: { readonly code?: unknown } }[] = json?.errors ?? []
  return [json?.code, ...errors.map(({ extensions }) => extensions?.code)]
}

/** A backend of the old version with a row, on a database that is migrated to the new version. */
async function oldOnNew(t: TestContext, step: Pick<Step, 'old' | 'new' | 'title'>) {
  const database = await testDatabase()
  t.after(() => database.drop())
  const model = modelFrom({ name: 'test', entities: step.old })
  await migrateTo(model, database.url)
  const asked = await testBackend(t, model, { databaseUrl: database.url })
  const created = await asked.ask('POST', '/api/posts', { body: { key: 'a', title: step.title } })
  assert.equal(created.status, 201, created.text)
  // Statements are prepared before the schema changes, as in a running instance.
  for (const url of ['/api/posts', `/api/posts/${created.json.id}`]) assert.equal((await asked.ask('GET', url)).status, 200)
  await migrateTo(modelFrom({ name: 'test', entities: step.new }), database.url, ['deletes-data'])
  return { asked, id: String(created.json.id) }
}
