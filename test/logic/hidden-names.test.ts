/** Failures of actions tell no names of fields that their callers cannot read, and name the right entity. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { insertPeople, insertRows } from '../actions/action-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const MODEL = modelFrom({
  name: 'parts',
  entities: {
    Person: {
      identity: { login: 'email', password: 'password', role: 'role' },
      fields: {
        email: { type: 'email', unique: true },
        password: { type: 'password' },
        role: { type: 'choice', values: ['user', 'admin'], default: 'user', write: 'false' },
      },
      access: { read: 'id == auth.id', create: 'true', update: 'false', delete: 'false' },
    },
    Part: {
      fields: {
        name: { type: 'text', max: 20 },
        stock: { type: 'integer', min: 0, default: 5, read: 'auth.role == "admin"' },
        inside: { type: 'ref', entity: 'Part', inverse: 'parts', optional: true, acyclic: true, read: 'auth.role == "admin"' },
      },
      access: { read: 'true', create: 'false', update: 'false', delete: 'false' },
      actions: {
        take: {
          as: 'system',
          allow: 'auth.id != null',
          input: { amount: 'integer' },
          steps: [{ update: 'row', set: { stock: 'stock - input.amount' } }],
        },
        putInto: {
          as: 'system',
          allow: 'auth.id != null',
          input: { part: { ref: 'Part' } },
          steps: [{ update: 'row', set: { inside: 'input.part' } }],
        },
        remove: {
          as: 'system',
          allow: 'auth.id != null',
          input: { note: { ref: 'Note' } },
          steps: [{ delete: 'input.note' }, { delete: 'row' }],
        },
      },
    },
    Note: {
      fields: { part: { type: 'ref', entity: 'Part', inverse: 'notes' } },
      access: { read: 'true', create: 'false', update: 'false', delete: 'false' },
    },
  },
  actions: {
    count: { as: 'system', allow: 'auth.role == "admin"', steps: [{ create: 'Part', set: { name: '"x"' } }] },
  },
})

async function openParts(t: TestContext) {
  const world = await testBackend(t, MODEL)
  const [user, admin] = await insertPeople(world, 'persons', [
    { email: 'a@example.org', role: 'user' },
    { email: 'b@example.org', role: 'admin' },
  ])
  const [part = '', other = ''] = await insertRows(world, 'parts', [
    { name: 'a', stock: 5 },
    { name: 'b', stock: 5 },
  ])
  const ask = async (token: string | undefined, path: string, body: unknown, headers = {}) => {
    const { json } = await world.ask('POST', `/api/${path}`, { token, body, headers })
    return { code: json?.code, detail: json?.detail, pointers: (json?.errors ?? []).map((one: { pointer: string }) => one.pointer) }
  }
  return { world, user, admin, part, other, ask }
}

test('the limit of a field is told without the name of the field to callers who cannot read it', async (t) => {
  const { user, admin, part, ask } = await openParts(t)
  const take = async (token: string | undefined) => (await ask(token, `parts/${part}/take`, { amount: 6 })).pointers
  assert.deepEqual(await take(user?.token), [''])
  assert.deepEqual(await take(admin?.token), ['/stock'])
})

test('a circle of references is told without the name of the reference to callers who cannot read it', async (t) => {
  const { user, admin, part, ask } = await openParts(t)
  const putInto = (token: string | undefined) => ask(token, `parts/${part}/putInto`, { part })
  const { detail } = await putInto(user?.token)
  assert.equal(detail, 'this Part would become its own ancestor')
  assert.deepEqual(await putInto(admin?.token), {
    code: 'circular_reference',
    detail: 'this Part would become its own ancestor by inside',
    pointers: ['/inside'],
  })
})

test('a deletion that other rows forbid names the entity of the row, and not that of an earlier deletion', async (t) => {
  const { world, user, part, ask } = await openParts(t)
  const [note] = await insertRows(world, 'notes', [{ part_id: part }, { part_id: part }])
  const { code, detail } = await ask(user?.token, `parts/${part}/remove`, { note })
  assert.deepEqual([code, detail], ['still_referenced', 'this Part is still referred to by other rows'])
})

test('a repetition of an action as system is refused to a caller who has lost the right to call it', async (t) => {
  const { world, admin, ask } = await openParts(t)
  const count = async () => (await ask(await world.tokenFor(admin?.id ?? ''), 'actions/count', {}, { 'idempotency-key': 'k' })).code
  assert.deepEqual([await count(), await count()], [undefined, undefined])
  await world.sql("update persons set role = 'user'")
  assert.equal(await count(), 'forbidden')
  assert.deepEqual(await world.sql("select count(*)::int as n from parts where name = 'x'"), [{ n: 1 }])
})
