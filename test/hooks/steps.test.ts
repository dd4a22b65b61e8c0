/** Hooks around the rows that steps of actions and transitions write. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problem } from '../../src/base/problem.ts'
import { empty } from '../../src/base/sql/sql.ts'
import { compileAction } from '../../src/compile/actions/program.ts'
import { entityNamed } from '../../src/model/model.ts'
import { singleText } from '../../src/postgres/executor/statement-text.ts'
import { insertRows } from '../actions/action-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { type Context, type HookedWorld, hookedWorld, raceForNote } from './hooked-world.ts'

const notes = (world: HookedWorld) => world.sql('select title, slug, likes::int, state from notes order by title')
const momentsOf = ({ ran }: HookedWorld): readonly string[] => ran.map(({ moment }) => moment)

function act(world: HookedWorld, path: string, body: unknown = {}) {
  return world.ask('POST', `/api/${path}`, { token: world.token, body })
}

test('a transition runs the hooks of an update', async (t) => {
  const world = await hookedWorld(t)
  const show = () => act(world, `notes/${world.note}/show`)
  const old = { title: 'old', slug: null, likes: 0, state: 'draft' }
  await t.test('a hook that refuses or fails leaves the state', async () => {
    for (const moment of ['beforeUpdate', 'afterUpdate'] as const) {
      world.setScript({
        [moment]() {
          throw problem('no_thanks')
        },
      })
      assert.equal((await show()).json.code, 'no_thanks')
      world.setScript({ [moment]: ({ row }: Context) => row.does.not.exist })
      assert.equal((await show()).json.code, 'internal_error')
      assert.deepEqual(await notes(world), [old])
    }
  })
  await t.test('in GraphQL, too', async () => {
    world.setScript({
      beforeUpdate() {
        throw problem('no_thanks')
      },
    })
    const query = `mutation { showNote(id: "${world.note}") { state } }`
    const answer = await world.ask('POST', '/graphql', { token: world.token, body: { query } })
    assert.equal(answer.json.errors[0].extensions.code, 'no_thanks', answer.text)
  })
  await t.test('they get the new state, and set other values', async () => {
    world.setScript({ beforeUpdate: () => ({ slug: 'shown' }) })
    const answer = await show()
    assert.ok(answer.status < 300, answer.text)
    assert.deepEqual(await notes(world), [{ ...old, slug: 'shown', state: 'shown' }])
    const [before, after] = world.ran.map(({ context }) => context)
    assert.deepEqual([before.input, before.row.state], [{ state: 'shown' }, 'draft'])
    assert.deepEqual([after.row.state, after.row.slug, after.before.state], ['shown', 'shown', 'draft'])
  })
  await t.test('none runs for an illegal one', async () => {
    world.setScript({})
    assert.equal((await show()).json.code, 'illegal_transition')
    assert.deepEqual(momentsOf(world), [])
  })
})

test('values of hooks are judged like those of steps', async (t) => {
  const world = await hookedWorld(t)
  world.setScript({ beforeUpdate: () => ({ slug: 'x'.repeat(41) }) })
  const rename = (title: string) => act(world, `notes/${world.note}/rename`, { title })
  assert.equal((await rename('a')).json.code, 'validation_failed')
  world.setScript({ beforeUpdate: () => ({ title: null }) })
  assert.equal((await rename('a')).json.errors[0].pointer, '/title')
  world.setScript({ beforeUpdate: () => ({ state: 'shown' }) })
  assert.equal((await rename('a')).json.code, 'internal_error')
  world.setScript({ beforeUpdate: () => ({ title: 'of the hook', likes: 5 }) })
  const { json } = await rename('a')
  assert.equal(json.id, world.note)
  assert.deepEqual(await notes(world), [{ title: 'of the hook', slug: null, likes: 5, state: 'draft' }])
})

test('rows of each are written one after the other, each with its hooks', async (t) => {
  const world = await hookedWorld(t)
  world.setScript({ beforeCreate: ({ input }: Context) => ({ slug: `slug of ${input.title}` }) })
  const made = await act(world, 'actions/noteEach', { titles: ['a', 'b'] })
  assert.deepEqual(made.json, { titles: ['a', 'b'], made: 2 }, made.text)
  assert.deepEqual(momentsOf(world), ['beforeCreate', 'afterCreate', 'beforeCreate', 'afterCreate'])
  assert.equal((await notes(world))[1]?.slug, 'slug of b')
  await t.test('several elements about one row are one write, with the sum', async () => {
    world.setScript({})
    const liked = await act(world, 'actions/likeEach', { note: world.note, amounts: [1, 2, 4] })
    assert.deepEqual(liked.json, { likes: 7 }, liked.text)
    assert.deepEqual(
      world.ran.map(({ moment, context }) => [moment, context.input]),
      [
        ['beforeUpdate', { likes: 7 }],
        ['afterUpdate', { likes: 7 }],
      ],
    )
  })
  await t.test('a refusal of the second undoes the first', async () => {
    const was = await notes(world)
    world.setScript({
      afterCreate({ input }: Context) {
        if (input.title === 'd') throw problem('no_thanks')
      },
    })
    assert.equal((await act(world, 'actions/noteEach', { titles: ['c', 'd'] })).json.code, 'no_thanks')
    assert.deepEqual(await notes(world), was)
  })
})

test('an ensure looks for the row first', async (t) => {
  const world = await hookedWorld(t)
  await t.test('a row that exists is changed with the hooks of an update', async () => {
    world.setScript({})
    const found = await act(world, 'actions/ensured', { title: 'old' })
    assert.deepEqual(found.json, { id: world.note }, found.text)
    assert.deepEqual(momentsOf(world), ['beforeUpdate', 'afterUpdate'])
    assert.equal((await notes(world))[0]?.likes, 1)
  })
  await t.test('a row that is left as it is runs no hook', async () => {
    world.setScript({})
    const kept = await act(world, 'actions/keepEach', { titles: ['old', 'new'] })
    assert.deepEqual(kept.json, { titles: ['old', 'new'] }, kept.text)
    assert.deepEqual(momentsOf(world), ['beforeCreate', 'afterCreate'])
    assert.equal((await act(world, 'actions/keepEach', { titles: ['x', 'x'] })).json.code, 'already_taken')
  })
  await t.test('a row that another request makes meanwhile is changed, and nothing of the hook before remains', async () => {
    raceForNote(world, 'race')
    const raced = await act(world, 'actions/ensured', { title: 'race' })
    assert.equal(raced.status, 200, raced.text)
    assert.deepEqual(momentsOf(world), ['beforeCreate', 'beforeUpdate', 'afterUpdate'])
    assert.deepEqual(await world.sql('select text from logs'), [])
    assert.deepEqual(await world.sql(`select likes::int from notes where title = 'race'`), [{ likes: 1 }])
  })
})

test('an ensure for each element changes rows that exist and makes the others, each with its hooks', async (t) => {
  const world = await hookedWorld(t)
  const [a, b] = await insertRows(world, 'notes', [
    { title: 'a', likes: 2, state: 'draft', board_id: world.board },
    { title: 'b', likes: 3, state: 'draft', board_id: world.board },
    { title: 'copy of a', likes: 10, state: 'draft' },
  ])
  await world.sql(`delete from notes where id = $1`, [world.note])
  const copyAll = () => act(world, 'actions/copyAll', { board: world.board })
  await t.test('with the values of its element', async () => {
    world.setScript({})
    const copied = await copyAll()
    const expected = { likes: [12, 3], titles: ['copy of a', 'copy of b'] }
    assert.deepEqual(copied.json, (a ?? '') < (b ?? '') ? expected : { likes: [3, 12], titles: ['copy of b', 'copy of a'] }, copied.text)
    const inputs = world.ran.map(({ moment, context: { input } }) => [moment, input])
    const changes = inputs.filter(([moment]) => moment === 'beforeUpdate')
    assert.deepEqual(changes, [['beforeUpdate', { likes: 12, slug: 'first' }]])
    assert.deepEqual(momentsOf(world).toSorted(), ['afterCreate', 'afterUpdate', 'beforeCreate', 'beforeUpdate'])
  })
  await t.test('an element is as it was before the step, also when a hook deletes its row', async () => {
    let runs = 0
    world.setScript({
      async beforeUpdate({ db }: Context) {
        if (runs++ === 0) for (const id of [a, b]) await db.system.Note.delete(id)
      },
    })
    const copied = await copyAll()
    assert.deepEqual(copied.json.likes.toSorted(), [14, 6], copied.text)
    assert.deepEqual(
      (await notes(world)).map(({ title, slug }) => [title, slug]),
      [
        ['copy of a', 'first'],
        ['copy of b', 'first'],
      ],
    )
  })
  await t.test('two elements about one row, and a refusal of the second, undo all', async () => {
    const was = await notes(world)
    world.setScript({})
    assert.equal((await act(world, 'actions/ensureEach', { titles: ['x', 'x'] })).json.code, 'already_taken')
    world.setScript({
      beforeUpdate() {
        throw problem('no_thanks')
      },
    })
    assert.equal((await act(world, 'actions/ensureEach', { titles: ['new', 'copy of a'] })).json.code, 'no_thanks')
    assert.deepEqual(await notes(world), was)
  })
})

test('a row that a hook of an earlier row has changed is computed again', async (t) => {
  const world = await hookedWorld(t)
  await insertRows(world, 'notes', [{ title: 'other', likes: 1, state: 'draft', board_id: world.board }])
  const [first, second] = await world.sql('select id, title from notes order by id')
  let given: unknown
  const script = (change: (db: Context) => Promise<unknown>) => ({
    async beforeUpdate({ row, db, input }: Context) {
      if (row.id === first?.id) await change(db)
      if (row.id === second?.id && 'likes' in input) given = [row.likes, input]
    },
  })
  world.setScript(script((db) => db.system.Log.create({ text: 'nothing' })))
  const liked = await act(world, 'actions/likeAll', {})
  assert.equal(liked.status, 204, liked.text)
  let runs = 0
  world.setScript(script(async (db) => runs++ === 0 && db.system.Note.update(second?.id, { likes: 100, title: 'changed' })))
  const again = await act(world, 'actions/likeAll', {})
  assert.equal(again.status, 204, again.text)
  assert.deepEqual(given, [100, { likes: 101, slug: 'changed' }])
  const [after] = await world.sql('select likes::int, slug from notes where id = $1', [second?.id])
  assert.deepEqual(after, { likes: 101, slug: 'changed' })
})

test('an ensure needs the right to make the row, also when the row exists', async (t) => {
  const ran: string[] = []
  const hooks = { beforeCreate: { run: () => void ran.push('create') }, beforeUpdate: { run: () => void ran.push('update') } }
  const world = await testBackend(
    t,
    modelFrom({
      name: 'rights',
      entities: {
        Tag: {
          fields: { name: { type: 'text', max: 20, unique: true }, uses: { type: 'integer', default: 0 } },
          access: { read: 'true', create: 'name != "kept"', update: 'true' },
          hooks,
        },
      },
      actions: {
        use: {
          allow: 'true',
          input: { name: 'Tag.name' },
          steps: [{ ensure: 'Tag', set: 'input', existing: { uses: 'uses + 1' } }],
        },
      },
    }),
    { connections: 2 },
  )
  await insertRows(world, 'tags', [
    { name: 'kept', uses: 0 },
    { name: 'free', uses: 0 },
  ])
  const statuses: number[] = []
  for (const name of ['kept', 'free', 'new']) statuses.push((await world.ask('POST', '/api/actions/use', { body: { name } })).status)
  assert.deepEqual(statuses, [403, 204, 204])
  assert.deepEqual(ran, ['update', 'create'])
})

test('the statements of actions that write no rows with hooks are the same as without hooks', () => {
  const designWith = (hooks: object) => ({
    name: 'plain',
    entities: {
      Note: { fields: { title: { type: 'text' } }, access: { create: 'true', read: 'true' }, hooks },
      Board: { fields: { name: { type: 'text' }, notes: { type: 'integer', default: 0 } }, access: { read: 'true', update: 'true' } },
    },
    actions: {
      plain: {
        allow: 'true',
        input: { board: { ref: 'Board' } },
        steps: [
          { update: 'input.board', set: { notes: 'notes + 1' } },
          { delete: 'Board', where: 'notes > 5' },
        ],
        answer: { notes: 'input.board.notes' },
      },
    },
  })
  const [hooked, plain] = [{ afterCreate: { run: () => undefined } }, {}].map((hooks) => {
    const model = modelFrom(designWith(hooks))
    const [action] = model.actions
    assert.ok(action !== undefined)
    return compileAction(model, action, {
      outputOf: ({ row }) => ({ entity: entityNamed(model, row.entity), fields: [], includes: [] }),
      openSession: () => empty,
    })
  })
  assert.deepEqual(hooked?.hooked, [])
  assert.deepEqual(
    hooked?.statements.map((statement) => singleText(statement)),
    plain?.statements.map((statement) => singleText(statement)),
  )
})

test('an action with an Idempotency-Key that is repeated runs no hook again', async (t) => {
  const world = await hookedWorld(t)
  world.setScript({})
  const make = () =>
    world.ask('POST', '/api/actions/note', { token: world.token, body: { title: 'once' }, headers: { 'idempotency-key': 'once' } })
  const [first, second] = [await make(), await make()]
  assert.deepEqual([first.status, second.json], [200, first.json], second.text)
  assert.deepEqual(momentsOf(world), ['beforeCreate', 'afterCreate'])
})
