/** Steps with the rights of the caller: rules of rows and fields, hidden values, and what a step names. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { insertPeople, insertRows } from './action-world.ts'

const NOTE = {
  softDelete: true,
  fields: {
    title: { type: 'text' },
    slot: { type: 'text', optional: true },
    secret: { type: 'integer', default: 0, read: 'owner == auth.id' },
    state: { type: 'choice', values: ['open', 'closed'], default: 'open' },
    rating: { type: 'integer', optional: true, write: 'input.rating < 3' },
    owner: { type: 'ref', entity: 'User', inverse: 'notes' },
    parent: { type: 'ref', entity: 'Note', inverse: 'parts', optional: true, acyclic: true, read: 'owner == auth.id' },
    editor: { type: 'ref', entity: 'User', inverse: 'edited', set: 'auth.id', on: 'write', optional: true },
  },
  unique: [['owner', 'slot']],
  access: {
    read: 'state == "open" || owner == auth.id',
    create: 'auth.id != null',
    update: 'owner == auth.id || input.title == "free"',
    delete: 'owner == auth.id',
  },
  actions: {
    rename: { allow: 'true', input: { title: 'Note.title' }, steps: [{ update: 'row', set: { title: 'input.title' } }] },
    under: { as: 'system', allow: 'true', input: { parent: { ref: 'Note' } }, steps: [{ update: 'row', set: { parent: 'input.parent' } }] },
    edit: { allow: 'true', input: { title: 'Note.title?', rating: 'Note.rating?' }, steps: [{ update: 'row', set: 'input' }] },
    drop: { allow: 'true', steps: [{ delete: 'row' }], answer: { row: 'Note(row)', title: 'row.title' } },
    parts: {
      allow: 'true',
      steps: [{ list: 'row.parts', limit: 10, as: 'parts' }],
      answer: {
        parts: 'parts.total',
        named: { each: 'p in row.parts', is: 'p.title' },
        above: { each: 'p in row.parent.parts', is: 'p.id' },
      },
    },
  },
}

const DESIGN = {
  name: 'notes',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { read: 'true' },
    },
    Note: NOTE,
  },
  actions: {
    closeMine: {
      allow: 'auth.id != null',
      steps: [
        { update: 'Note', where: 'owner == auth.id', set: { state: 'closed' }, as: 'shut' },
        { update: 'shut', set: { title: '"done"' } },
      ],
      answer: { count: 'size(shut)', ids: { each: 'n in shut', is: 'n.id' } },
    },
    give: {
      allow: 'auth.id != null',
      input: { to: { ref: 'User' }, title: 'Note.title' },
      steps: [{ create: 'Note', set: { title: 'input.title', owner: 'input.to', state: 'closed' }, as: 'given' }],
      answer: { id: 'given.id', title: 'given.title', row: 'Note(given)', owner: 'given.owner.email' },
    },
    take: {
      allow: 'auth.id != null',
      input: { from: { ref: 'User' }, title: 'text?' },
      steps: [{ ensure: 'Note', set: { owner: 'input.from', slot: '"a"', title: '"new"' }, as: 'note' }],
      answer: { title: 'note.title' },
    },
    retitle: {
      allow: 'auth.id != null',
      input: { from: { ref: 'User' } },
      steps: [{ ensure: 'Note', set: { owner: 'input.from', slot: '"a"', title: '"new"' }, existing: { title: '"taken"' }, as: 'note' }],
      answer: { title: 'note.title' },
    },
    collect: {
      as: 'system',
      allow: 'auth.id != null',
      input: { to: { ref: 'User' } },
      steps: [
        { list: 'Note', where: 'owner == auth.id', limit: 10, as: 'mine' },
        {
          ensure: 'Note',
          each: 'n in mine',
          set: { owner: 'input.to', slot: 'n.slot', title: 'n.title' },
          existing: { title: 'n.title', secret: 'secret + n.secret' },
          as: 'taken',
        },
      ],
      answer: { count: 'taken.total' },
    },
    richest: {
      allow: 'true',
      steps: [{ find: 'Note', sort: ['-secret', 'title'], as: 'note' }],
      answer: { title: 'note.title' },
    },
    byTitle: {
      allow: 'true',
      steps: [{ list: 'Note', sort: ['title'], limit: 10, as: 'notes' }],
      answer: { notes: { each: 'n in notes', key: 'n.title', is: 'Note(n)' } },
    },
  },
}

async function openNotes(t: TestContext) {
  const world = await testBackend(t, modelFrom(DESIGN))
  const [ann, bob] = await insertPeople(world, 'users', [{ email: 'ann@example.org' }, { email: 'bob@example.org' }])
  const own = (owner: string | undefined, more: Readonly<Record<string, unknown>>) => ({
    owner_id: owner,
    secret: 0,
    state: 'open',
    ...more,
  })
  const [first = '', second = '', hidden = ''] = await insertRows(world, 'notes', [
    own(ann?.id, { title: 'b', secret: 9, slot: 'a' }),
    own(ann?.id, { title: 'a', secret: 1 }),
    own(bob?.id, { title: 'h', state: 'closed', slot: 'a' }),
  ])
  await world.sql('update notes set parent_id = $1 where id = $2', [first, second])
  const act = async (person: typeof ann, path: string, body: unknown = {}) => {
    const { status, json } = await world.ask('POST', `/api/${path}`, { token: person?.token, body })
    return [status, status < 400 ? json : json.code] as const
  }
  const read = async (person: typeof ann, path: string) => (await world.ask('GET', `/api/${path}`, { token: person?.token })).json
  return { world, ann, bob, first, second, hidden, act, read }
}

test('a step changes a row whose server sets fields at every write, and a rule of update sees what the step gives', async (t) => {
  const { world, ann, bob, first, act } = await openNotes(t)
  assert.equal((await act(ann, `notes/${first}/rename`, { title: 'c' }))[0], 200)
  assert.deepEqual(await world.sql('select title, editor_id from notes where id = $1', [first]), [{ title: 'c', editor_id: ann?.id }])
  assert.deepEqual(await act(bob, `notes/${first}/rename`, { title: 'd' }), [403, 'forbidden'])
  assert.equal((await act(bob, `notes/${first}/rename`, { title: 'free' }))[0], 200)
})

test('a row that a step deletes keeps its values, is no row of the answer, and has the fields of every write', async (t) => {
  const { world, ann, bob, first, act } = await openNotes(t)
  assert.deepEqual(await act(bob, `notes/${first}/drop`), [403, 'forbidden'])
  assert.deepEqual(await act(ann, `notes/${first}/drop`), [200, { row: null, title: 'b' }])
  const [row] = await world.sql('select editor_id, deleted_at is not null as gone from notes where id = $1', [first])
  assert.deepEqual(row, { editor_id: ann?.id, gone: true })
})

test('an update of many rows names the rows that it has changed', async (t) => {
  const { world, ann, first, second, act } = await openNotes(t)
  const [status, answer] = await act(ann, 'actions/closeMine')
  assert.deepEqual([status, { ...answer, ids: answer.ids.toSorted() }], [200, { count: 2, ids: [first, second].toSorted() }])
  assert.deepEqual(await world.sql("select count(*)::int as n from notes where title = 'done' and version = 3"), [{ n: 2 }])
})

test('of a row that it made and that the caller may not read, an answer shows only the id', async (t) => {
  const { world, ann, bob, act } = await openNotes(t)
  const [status, answer] = await act(ann, 'actions/give', { to: bob?.id, title: 'x' })
  const [made] = await world.sql("select id from notes where title = 'x'")
  assert.deepEqual([status, answer], [200, { id: made?.id, title: null, row: null, owner: null }])
})

test('an ensure takes a row only if the caller may read it, and changes it only if the caller may', async (t) => {
  const { world, ann, bob, act } = await openNotes(t)
  assert.deepEqual(await act(ann, 'actions/take', { from: bob?.id }), [403, 'forbidden'])
  assert.deepEqual(await act(bob, 'actions/take', { from: ann?.id }), [200, { title: 'b' }])
  assert.deepEqual(await act(bob, 'actions/retitle', { from: ann?.id }), [403, 'forbidden'])
  assert.deepEqual(await act(ann, 'actions/retitle', { from: ann?.id }), [200, { title: 'taken' }])
  assert.deepEqual(await world.sql('select count(*)::int as n from notes'), [{ n: 3 }])
})

test('an input that was not sent asks no rule of its field', async (t) => {
  const { ann, first, act } = await openNotes(t)
  assert.equal((await act(ann, `notes/${first}/edit`, { title: 'x' }))[0], 200)
  assert.equal((await act(ann, `notes/${first}/edit`, { rating: 2 }))[0], 200)
  assert.deepEqual(await act(ann, `notes/${first}/edit`, { rating: 3 }), [403, 'forbidden'])
})

test('an ensure changes each row that is there with its own element', async (t) => {
  const { world, ann, bob, second, act } = await openNotes(t)
  await world.sql("update notes set slot = 'b' where id = $1", [second])
  assert.deepEqual(await act(ann, 'actions/collect', { to: bob?.id }), [200, { count: 2 }])
  const rows = await world.sql('select title, slot, secret::int from notes where owner_id = $1 order by slot', [bob?.id])
  assert.deepEqual(rows, [
    { title: 'b', slot: 'a', secret: 9 },
    { title: 'a', slot: 'b', secret: 0 },
  ])
})

test('an addition of a missing amount, a list for each element, and the relation of a row that is left out', async (t) => {
  const world = await testBackend(
    t,
    modelFrom({
      name: 'jars',
      entities: {
        Shelf: { fields: { name: { type: 'text' } }, access: { read: 'true', create: 'true' } },
        Jar: {
          fields: {
            shelf: { type: 'ref', entity: 'Shelf', inverse: 'jars' },
            weight: { type: 'integer', optional: true },
            tags: { type: 'list', of: { type: 'text' }, default: [] },
          },
          access: { read: 'true', create: 'true' },
        },
      },
      actions: {
        fill: {
          as: 'system',
          allow: 'true',
          input: { jar: { ref: 'Jar' }, shelf: { ref: 'Shelf' } },
          steps: [
            { update: 'input.jar', set: { weight: 'weight + j.weight' }, each: 'j in input.shelf.jars' },
            { update: 'k', set: { tags: 'input.jar.tags' }, each: 'k in input.shelf.jars' },
          ],
        },
        check: {
          as: 'system',
          allow: 'true',
          input: { jar: { ref: 'Jar' }, other: { ref: 'Shelf', optional: true } },
          steps: [
            { update: 'Jar', where: 'false', set: { weight: 8 }, when: 'input.other != null', as: 'none' },
            { require: '!none.exists(n, n.weight == 8)' },
            { update: 'input.jar', set: { weight: 9 }, when: 'size(input.other.jars) == 0' },
          ],
        },
      },
    }),
  )
  const create = async (path: string, body: unknown) => (await world.ask('POST', `/api/${path}`, { body })).json.id
  const [one, two] = [await create('shelfs', { name: 'one' }), await create('shelfs', { name: 'two' })]
  const jar = await create('jars', { shelf: one, weight: 1, tags: ['a', 'b'] })
  await create('jars', { shelf: two, weight: 2 })
  const ask = async (path: string, body: unknown) => (await world.ask('POST', `/api/actions/${path}`, { body })).status
  const rows = () => world.sql('select weight::int, tags from jars order by shelf_id = $1 desc', [one])
  assert.equal(await ask('fill', { jar, shelf: two }), 204)
  assert.deepEqual(await rows(), [
    { weight: 3, tags: ['a', 'b'] },
    { weight: 2, tags: ['a', 'b'] },
  ])
  await create('jars', { shelf: two })
  assert.equal(await ask('fill', { jar, shelf: two }), 204)
  assert.equal((await rows())[0]?.weight, null)
  assert.equal(await ask('check', { jar }), 204)
  assert.equal((await rows())[0]?.weight, null)
})

test('a step cannot make a row its own ancestor', async (t) => {
  const { ann, first, second, act } = await openNotes(t)
  assert.deepEqual(await act(ann, `notes/${first}/under`, { parent: second }), [409, 'circular_reference'])
  assert.deepEqual(await act(ann, `notes/${first}/under`, { parent: first }), [409, 'circular_reference'])
  assert.equal((await act(ann, `notes/${second}/under`, { parent: first }))[0], 200)
})

test('the order of a step tells nothing about hidden values', async (t) => {
  const { ann, bob, read } = await openNotes(t)
  assert.deepEqual(await read(ann, 'actions/richest'), { title: 'b' })
  // All that bob may see have no value for bob but his own, which sorts after the missing ones.
  assert.deepEqual(await read(bob, 'actions/richest'), { title: 'a' })
})

test('a reference that the caller may not read leads nowhere, in both directions', async (t) => {
  const { ann, bob, first, second, read } = await openNotes(t)
  assert.deepEqual(await read(ann, `notes/${first}/parts`), { parts: 1, named: ['a'], above: [] })
  assert.deepEqual(await read(ann, `notes/${second}/parts`), { parts: 0, named: [], above: [second] })
  assert.deepEqual(await read(bob, `notes/${first}/parts`), { parts: 0, named: [], above: [] })
  assert.deepEqual(await read(bob, `notes/${second}/parts`), { parts: 0, named: [], above: [] })
})

test('in GraphQL, an object with keys has whole rows', async (t) => {
  const { world, bob, first } = await openNotes(t)
  const { json, text } = await world.ask('POST', '/graphql', { token: bob?.token, body: { query: '{ byTitle { notes } }' } })
  assert.deepEqual(Object.keys(json.data?.byTitle?.notes ?? {}), ['a', 'b', 'h'], text)
  assert.deepEqual([json.data.byTitle.notes.b.id, json.data.byTitle.notes.b.secret], [first, null])
})

test('a text cannot be stored as a reference', () => {
  const actions = {
    move: { allow: 'true', input: { to: 'text' }, steps: [{ update: 'Note', where: 'true', set: { parent: 'input.to' } }] },
  }
  const { diagnostics } = resolveDesign({ ...DESIGN, actions }, NO_SOURCE)
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code),
    ['PLN-D312'],
  )
})
