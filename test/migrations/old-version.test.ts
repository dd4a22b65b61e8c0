/** During a deployment an instance of the old version runs on the new schema. A write that the new schema refuses is no internal error. */

import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { Model } from '../../src/model/model.ts'
import { migrateTo, modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { testDatabase } from '../support/database.ts'
import type { Entities } from './schema.ts'

const text = { type: 'text', max: 100 }
const open = { access: { read: 'true', create: 'true', update: 'true', delete: 'true' } }
const post = (title: object, more: object = {}): Entities => ({ Post: { fields: { title }, ...more, ...open } })
const tags = (more: object, of: object = {}) => post({ type: 'list', of: { type: 'text', max: 40, ...of }, max: 10, ...more })
const tagged = (tag: string, count = 1) => ({ title: Array.from({ length: count }, () => tag) })
const soft = { softDelete: true }

interface Step {
  /** The constraint that the new version adds or tightens. */
  readonly name: string
  readonly old: Entities
  readonly new: Entities
  /** A body that both versions accept; it is sent first. Null for no such body. */
  readonly good: object | null
  /** A body that the old version accepts and the new schema refuses. */
  readonly bad: object
  readonly status: 400 | 409
  /** `create`: only a new row can violate the constraint. */
  readonly by?: 'create'
}

const STEPS: readonly Step[] = [
  {
    name: 'a new required field',
    old: post(text),
    new: { Post: { fields: { title: text, body: text }, ...open } },
    good: null,
    bad: { title: 'a' },
    status: 400,
    by: 'create',
  },
  {
    name: 'an optional field that becomes required',
    old: post({ ...text, optional: true }),
    new: post(text),
    good: { title: 'a' },
    bad: { title: null },
    status: 400,
  },
  {
    name: 'a shorter text',
    old: post(text),
    new: post({ type: 'text', max: 3 }),
    good: { title: 'a' },
    bad: { title: 'abcd' },
    status: 400,
  },
  { name: 'a longer text', old: post(text), new: post({ ...text, min: 2 }), good: { title: 'ab' }, bad: { title: 'a' }, status: 400 },
  {
    name: 'a pattern',
    old: post(text),
    new: post({ ...text, pattern: '^[a-z]+$' }),
    good: { title: 'a' },
    bad: { title: '1' },
    status: 400,
  },
  {
    name: 'a text that becomes an address',
    old: post(text),
    new: post({ type: 'email' }),
    good: { title: 'a@b.example' },
    bad: { title: 'A@B.example' },
    status: 400,
  },
  {
    name: 'a text that becomes a choice',
    old: post(text),
    new: post({ type: 'choice', values: ['a', 'b'] }),
    good: { title: 'a' },
    bad: { title: 'c' },
    status: 400,
  },
  {
    name: 'a choice that loses a value',
    old: post({ type: 'choice', values: ['a', 'b'] }),
    new: post({ type: 'choice', values: ['a'] }),
    good: { title: 'a' },
    bad: { title: 'b' },
    status: 400,
  },
  {
    name: 'a smaller range of integers',
    old: post({ type: 'integer' }),
    new: post({ type: 'integer', max: 9 }),
    good: { title: 1 },
    bad: { title: 10 },
    status: 400,
  },
  {
    name: 'a smaller range of numbers',
    old: post({ type: 'number' }),
    new: post({ type: 'number', min: 0 }),
    good: { title: 1.5 },
    bad: { title: -0.5 },
    status: 400,
  },
  {
    name: 'a smaller range of decimals',
    old: post({ type: 'decimal', precision: 8, scale: 2 }),
    new: post({ type: 'decimal', precision: 8, scale: 2, max: '5' }),
    good: { title: '1' },
    bad: { title: '5.01' },
    status: 400,
  },
  {
    name: 'fewer digits of a decimal',
    old: post({ type: 'decimal', precision: 8, scale: 2 }),
    new: post({ type: 'decimal', precision: 4, scale: 2 }),
    good: { title: '1' },
    bad: { title: '123456.00' },
    status: 400,
  },
  {
    name: 'a smaller range of dates',
    old: post({ type: 'date' }),
    new: post({ type: 'date', min: '2020-01-01' }),
    good: { title: '2024-01-01' },
    bad: { title: '1999-01-01' },
    status: 400,
  },
  {
    name: 'a smaller range of timestamps',
    old: post({ type: 'timestamp' }),
    new: post({ type: 'timestamp', min: '2020-01-01T00:00:00Z' }),
    good: { title: '2024-01-01T00:00:00Z' },
    bad: { title: '1999-01-01T00:00:00Z' },
    status: 400,
  },
  {
    name: 'a smaller range of times',
    old: post({ type: 'time' }),
    new: post({ type: 'time', max: '12:00' }),
    good: { title: '09:00' },
    bad: { title: '13:00' },
    status: 400,
  },
  { name: 'fewer items of a list', old: tags({}), new: tags({ max: 2 }), good: tagged('a'), bad: tagged('a', 3), status: 400 },
  { name: 'shorter items of a list', old: tags({}), new: tags({}, { max: 2 }), good: tagged('a'), bad: tagged('abc'), status: 400 },
  {
    name: 'a pattern for the items of a list',
    old: tags({}),
    new: tags({}, { pattern: '^[a-z]+$' }),
    good: tagged('a'),
    bad: tagged('1'),
    status: 400,
  },
  {
    name: 'a choice for the items of a list',
    old: tags({}),
    new: post({ type: 'list', of: { type: 'choice', values: ['a'] }, max: 10 }),
    good: tagged('a'),
    bad: tagged('b'),
    status: 400,
  },
  {
    name: 'a check across fields',
    old: post(text),
    new: post(text, { checks: { short: { rule: 'size(title) < 3', message: 'is too long' } } }),
    good: { title: 'a' },
    bad: { title: 'abc' },
    status: 400,
  },
  { name: 'a unique field', old: post(text), new: post({ ...text, unique: true }), good: { title: 'a' }, bad: { title: 'a' }, status: 409 },
  {
    name: 'a unique field among rows that are not deleted',
    old: post(text, soft),
    new: post({ ...text, unique: true }, soft),
    good: { title: 'a' },
    bad: { title: 'a' },
    status: 409,
  },
  {
    name: 'a unique field that was unique within another',
    old: { Post: { fields: { title: { ...text, unique: { within: 'kind' } }, kind: text }, ...open } },
    new: { Post: { fields: { title: { ...text, unique: true }, kind: text }, ...open } },
    good: { title: 'a', kind: 'x' },
    bad: { title: 'a', kind: 'y' },
    status: 409,
  },
  {
    name: 'an identifier that becomes a reference',
    old: { Post: { fields: { userId: { type: 'uuid', optional: true } }, ...open }, User: { fields: { name: text }, ...open } },
    new: {
      Post: { fields: { user: { type: 'ref', entity: 'User', optional: true, was: 'userId' } }, ...open },
      User: { fields: { name: text }, ...open },
    },
    good: { userId: null },
    bad: { userId: '0190f000-0000-7000-8000-000000000000' },
    status: 400,
  },
]

describe('an instance of the old version on the new schema', () => {
  for (const step of STEPS) {
    it(`answers ${step.status} to what ${step.name} refuses`, async (t) => {
      const asked = await oldOnNew(t, step)
      if (step.good !== null) assert.equal((await asked.ask('POST', '/api/posts', { body: step.good })).status, 201)
      const created = await asked.ask('POST', '/api/posts', { body: step.bad })
      check(step, created)
      const together = await Promise.all(Array.from({ length: 5 }, () => asked.ask('POST', '/api/posts', { body: step.bad })))
      for (const answer of together) check(step, answer)
      check(step, await asked.ask('POST', '/graphql', { body: mutation(step.bad) }))
      if (step.by === 'create') return
      const other = step.status === 409 ? { ...step.good, title: 'other', ...('kind' in step.bad ? { kind: 'y' } : {}) } : step.good
      const { json } = await asked.ask('POST', '/api/posts', { body: other })
      check(step, await asked.ask('PATCH', `/api/posts/${json.id}`, { body: step.bad }))
      check(step, await asked.ask('PUT', `/api/posts/${json.id}`, { body: step.bad }))
    })
  }

  it('answers 409 when it deletes a row to which a new reference refers', async (t) => {
    const user = { User: { fields: { name: text }, ...open } }
    const asked = await oldOnNew(t, {
      old: user,
      new: { ...user, Post: { fields: { author: { type: 'ref', entity: 'User', onDelete: 'restrict' } }, ...open } },
    })
    const { json } = await asked.ask('POST', '/api/users', { body: { name: 'a' } })
    await asked.sql('insert into posts (author_id) values ($1)', [json.id])
    const answer = await asked.ask('DELETE', `/api/users/${json.id}`)
    assert.deepEqual([answer.status, answer.json.code], [409, 'still_referenced'])
  })

  it('reveals neither the name nor the columns of a constraint that somebody else has added', async (t) => {
    const asked = await oldOnNew(t, { old: post(text), new: post(text) })
    await asked.sql("alter table posts add column secret text check (secret is null), add constraint their_rule check (title <> 'x')")
    await asked.sql('alter table posts add constraint their_exclusion exclude using btree (title with =)')
    const broken = await asked.ask('POST', '/api/posts', { body: { title: 'x' } })
    assert.deepEqual([broken.status, broken.text.includes('their')], [400, false])
    assert.equal((await asked.ask('POST', '/api/posts', { body: { title: 'y' } })).status, 201)
    const repeated = await asked.ask('POST', '/api/posts', { body: { title: 'y' } })
    assert.deepEqual([repeated.status, repeated.text.includes('their')], [409, false])
  })
})

async function oldOnNew(t: TestContext, step: Pick<Step, 'old' | 'new'>): Promise<TestBackend> {
  const database = await testDatabase()
  t.after(() => database.drop())
  const model = designOf(step.old)
  await migrateTo(model, database.url)
  const asked = await testBackend(t, model, { databaseUrl: database.url })
  // Statements are prepared before the schema changes, as in a running instance.
  assert.equal((await asked.ask('GET', `/api/${model.entities[0]?.path}`)).status, 200)
  await migrateTo(designOf(step.new), database.url, ['deletes-data'])
  return asked
}

function designOf(entities: Entities): Model {
  return modelFrom({ name: 'test', entities })
}

function check(step: Step, { status, json, text: body }: Awaited<ReturnType<TestBackend['ask']>>): void {
  const code = json.errors?.[0]?.extensions?.code ?? json.code
  assert.deepEqual(
    [status === 200 ? step.status : status, code],
    [step.status, step.status === 409 ? 'already_taken' : 'validation_failed'],
    body,
  )
}

function mutation(input: object): object {
  return { query: 'mutation ($input: CreatePostInput!) { createPost(input: $input) { id } }', variables: { input } }
}
