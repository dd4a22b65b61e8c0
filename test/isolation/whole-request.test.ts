/** A request is one transaction, and one that reads cannot write. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

// biome-ignore lint/suspicious/noExplicitAny: the design is made at run time
type Context = any

const FAMILY = modelFrom({
  name: 'family',
  entities: {
    Parent: { fields: { name: { type: 'text', max: 20, unique: true } }, access: OPEN },
    Kid: {
      fields: {
        name: { type: 'text', max: 20 },
        age: { type: 'integer', min: 0, optional: true },
        code: { type: 'text', max: 20, optional: true, unique: true },
        parent: { type: 'ref', entity: 'Parent', inverse: 'kids' },
        friend: { type: 'ref', entity: 'Kid', inverse: 'friends', optional: true },
      },
      checks: { adult: { rule: 'age != 17', message: 'not 17' } },
      access: { ...OPEN, create: 'name != "refused"' },
      hooks: {
        afterCreate: ({ row }: Context) => {
          if (row.name === 'thrown') throw new Error('the hook')
        },
      },
    },
  },
})

/** What is wrong with child 37, and the status of the answer. */
const WRONG = {
  'a value of another type': [{ age: 'ten' }, 400],
  'a value that is too small': [{ age: -1 }, 400],
  'a value that the database refuses': [{ age: 17 }, 400],
  'a value that is taken': [{ code: 'taken' }, 409],
  'a value that is twice in the request': [{ code: 'c36' }, 409],
  'a row that does not exist': [{ friend: '01900000-0000-7000-8000-000000000000' }, 400],
  'a rule that refuses it': [{ name: 'refused' }, 403],
  'a hook that throws': [{ name: 'thrown' }, 500],
} as const

test('a parent with 50 children of which child 37 is wrong leaves no row, in each way of writing', async (t) => {
  const { ask, sql } = await testBackend(t, FAMILY)
  const [old] = await sql("insert into parents (name) values ('old') returning id")
  await sql("insert into kids (name, code, age, parent_id) values ('old', 'taken', 1, $1)", [old?.id])
  const counts = () => sql('select (select count(*)::int from parents) as parents, (select count(*)::int from kids) as children')
  const before = await counts()
  const childrenWith = (wrong: object, more: object = {}): readonly object[] =>
    Array.from({ length: 50 }, (_, i) => ({ name: `c${i}`, code: `c${i}`, age: 1, ...more, ...(i === 37 ? wrong : {}) }))
  for (const [what, [wrong, status]] of Object.entries(WRONG)) {
    const nested = await ask('POST', '/api/parents', { body: { name: 'new', kids: childrenWith(wrong) } })
    assert.equal(nested.status, status, `${what}: ${nested.text}`)
    const many = await ask('POST', '/api/kids', { body: childrenWith(wrong, { parent: old?.id }) })
    assert.equal(many.status, status, `${what}: ${many.text}`)
    const operations = [
      { method: 'POST', path: '/api/parents', body: { name: 'new' }, name: 'made' },
      ...childrenWith(wrong, { parent: { $ref: 'made.id' } })
        .slice(0, 45)
        .map((body) => ({ method: 'POST', path: '/api/kids', body })),
    ]
    const transaction = await ask('POST', '/api/transaction', { body: { operations } })
    assert.equal(transaction.status, status, `${what}: ${transaction.text}`)
    const query = 'mutation ($input: CreateParentInput!) { createParent(input: $input) { id } }'
    const graphql = await ask('POST', '/graphql', { body: { query, variables: { input: { name: 'new', kids: childrenWith(wrong) } } } })
    assert.ok(graphql.json.errors.length > 0, what)
    assert.deepEqual(await counts(), before, what)
  }
  const right = await ask('POST', '/api/parents', { body: { name: 'new', kids: childrenWith({}) } })
  assert.equal(right.status, 201)
  assert.deepEqual(await counts(), [{ parents: 2, children: 51 }])
})

test('several mutations of a document have a transaction each, and one with @atomic', async (t) => {
  const { ask, sql } = await testBackend(t, FAMILY)
  const fields = `first: createParent(input: { name: "a" }) { id }
    second: createParent(input: { name: "a" }) { id }
    third: createParent(input: { name: "b" }) { id }`
  const names = async () => (await sql('select name from parents order by name')).map(({ name }) => name)
  const atomic = await ask('POST', '/graphql', { body: { query: `mutation @atomic { ${fields} }` } })
  assert.deepEqual([atomic.json.data, atomic.json.errors[0].path, await names()], [null, ['second'], []])
  const each = await ask('POST', '/graphql', { body: { query: `mutation { ${fields} }` } })
  assert.deepEqual([each.json.data.second, each.json.errors[0].path, await names()], [null, ['second'], ['a', 'b']])
})
