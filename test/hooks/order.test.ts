/** Hooks against rules, limits, versions and each other. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { problem } from '../../src/base/problem.ts'
import { insertPeople, insertRows } from '../actions/action-world.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { inSomeRound } from '../support/rounds.ts'
import { type Context, hookedWorld, raceForNote } from './hooked-world.ts'

const CLOSED = { read: 'true', create: 'false', update: 'false', delete: 'false' }

/** What the hooks of the next design do; set anew by each test. */
let seen: string[] = []
let act: Readonly<Record<string, (context: Context) => unknown>> = {}

function hook(name: string) {
  return (context: Context) => {
    seen.push(name)
    return act[name]?.(context)
  }
}

const DESIGN = {
  name: 'ruled',
  errors: { codes: { locked: { status: 423, message: 'this page is locked' } } },
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { read: 'id == auth.id', create: 'true', update: 'false', delete: 'false' },
      hooks: { beforeCreate: { run: hook('user.beforeCreate'), as: 'system' }, afterCreate: hook('user.afterCreate') },
    },
    Page: {
      fields: {
        title: { type: 'text', max: 20 },
        slug: { type: 'text', max: 20, optional: true, unique: true, write: 'false' },
        owner: { type: 'ref', entity: 'User', set: 'auth.id' },
        reviewer: { type: 'ref', entity: 'User', optional: true },
        views: { type: 'integer', default: 0, min: 0 },
        number: { type: 'sequence' },
        price: { type: 'decimal', precision: 10, scale: 2, optional: true },
        day: { type: 'date', optional: true },
        tags: { type: 'list', of: { type: 'text', max: 10 }, default: [] },
        extra: { type: 'json', optional: true },
        fixed: { type: 'text', immutable: true, optional: true },
        mail: { type: 'email', optional: true },
      },
      access: { read: 'true', create: 'title != "no"', update: 'owner == auth.id && title != "no"', delete: 'owner == auth.id' },
      hooks: {
        beforeCreate: hook('beforeCreate'),
        afterCreate: { run: hook('afterCreate'), as: 'system' },
        beforeUpdate: hook('beforeUpdate'),
        afterUpdate: { run: hook('afterUpdate'), as: 'system' },
        beforeDelete: hook('beforeDelete'),
        afterDelete: hook('afterDelete'),
      },
    },
    Plain: { fields: { title: { type: 'text' } }, access: { read: 'true', create: 'true', update: 'true', delete: 'true' } },
    Log: { fields: { text: { type: 'text' } }, access: CLOSED },
    Unwritten: {
      fields: { title: { type: 'text' } },
      access: { read: 'true', create: 'true', update: 'true', delete: 'false' },
      hooks: { beforeCreate: './hooks/unwritten.ts' },
    },
  },
}

interface World extends TestBackend {
  readonly ann: string
  readonly bob: string
  readonly annId: string
  readonly page: string
}

async function open(t: TestContext): Promise<World> {
  seen = []
  act = {}
  const world = await testBackend(t, modelFrom(DESIGN))
  const [ann, bob] = await insertPeople(world, 'users', [{ email: 'ann@example.com' }, { email: 'bob@example.com' }])
  assert.ok(ann && bob)
  const [page = ''] = await insertRows(world, 'pages', [{ title: 'first', owner_id: ann.id, views: 1, number: 1, tags: '{}' }])
  return { ...world, ann: ann.token, bob: bob.token, annId: ann.id, page }
}

test('no hook runs for a caller who is refused anyway', async (t) => {
  const world = await open(t)
  const at = `/api/pages/${world.page}`
  const codes = [
    await world.ask('PATCH', at, { token: world.bob, body: { title: 'x' } }),
    await world.ask('DELETE', at, { token: world.bob }),
    await world.ask('PATCH', '/api/pages/0197f5c6-3c3e-7000-8000-000000000000', { token: world.ann, body: { title: 'x' } }),
    await world.ask('PATCH', at, { token: world.ann, body: { title: 'x' }, headers: { 'if-match': '"7"' } }),
    await world.ask('DELETE', at, { token: world.ann, headers: { 'if-match': '"7"' } }),
    await world.ask('POST', '/api/pages', { token: world.ann, body: { title: 'x'.repeat(21) } }),
    await world.ask('POST', '/api/pages', { body: { title: 'x' } }),
    await world.ask('PATCH', at, { token: world.ann, body: { owner: world.annId } }),
  ].map(({ status, json }) => [status, json.code])
  assert.deepEqual(codes, [
    [403, 'forbidden'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [412, 'stale_version'],
    [412, 'stale_version'],
    [400, 'validation_failed'],
    [401, 'not_signed_in'],
    [400, 'validation_failed'],
  ])
  assert.deepEqual(seen, [])
})

test('the rules judge the row with the values of the hook', async (t) => {
  const world = await open(t)
  act = { beforeCreate: () => ({ title: 'no' }), beforeUpdate: () => ({ title: 'no' }) }
  const created = await world.ask('POST', '/api/pages', { token: world.ann, body: { title: 'yes' } })
  const updated = await world.ask('PATCH', `/api/pages/${world.page}`, { token: world.ann, body: { title: 'yes' } })
  assert.deepEqual([created.status, updated.status], [403, 403])
  assert.deepEqual(await world.sql('select title from pages'), [{ title: 'first' }])
})

test('values of a hook obey types, limits and constraints, and the problem names the field', async (t) => {
  const world = await open(t)
  const create = async (values: object) => {
    act = { beforeCreate: () => values }
    const { status, json } = await world.ask('POST', '/api/pages/bulk', { token: world.ann, body: [{ title: 'ok' }] })
    return [status, json.code ?? null, json.errors?.[0]?.pointer ?? null]
  }
  assert.deepEqual(await create({ slug: 'x'.repeat(21) }), [400, 'validation_failed', '/0/slug'])
  assert.deepEqual(await create({ title: null }), [400, 'validation_failed', '/0/title'])
  assert.deepEqual(await create({ views: 'many' }), [400, 'validation_failed', '/0/views'])
  assert.deepEqual(await create({ slug: 'one' }), [201, null, null])
  assert.deepEqual(await create({ slug: 'one' }), [409, 'already_taken', '/0/slug'])
})

test('a hook may not set what Plinth, the server or a password field holds', async (t) => {
  const world = await open(t)
  const failed = async (
    name: string,
    values: unknown,
    send: () => Promise<{ readonly status: number; readonly json: { readonly detail: string } }>,
  ) => {
    act = { [name]: () => values }
    const { status, json } = await send()
    assert.equal(status, 500)
    return json.detail
  }
  const create = () => world.ask('POST', '/api/pages', { token: world.ann, body: { title: 'ok' } })
  const update = () => world.ask('PATCH', `/api/pages/${world.page}`, { token: world.ann, body: { title: 'ok' } })
  const remove = () => world.ask('DELETE', `/api/pages/${world.page}`, { token: world.ann })
  for (const name of ['id', 'createdAt', 'version', 'owner', 'number'])
    assert.match(await failed('beforeCreate', { [name]: '7' }, create), new RegExp(`a hook may not set Page.${name}`))
  assert.match(await failed('beforeUpdate', { fixed: 'x' }, update), /a hook may not set Page.fixed/)
  assert.match(await failed('beforeCreate', { slgu: 'x' }, create), /Page has no field "slgu", did you mean "slug"\?/)
  assert.match(await failed('beforeCreate', 'slug', create), /returned no object/)
  assert.match(await failed('afterCreate', { slug: 'x' }, create), /only hooks before a create or an update/)
  assert.match(await failed('beforeDelete', true, remove), /only hooks before a create or an update/)
  assert.match(
    await failed('user.beforeCreate', { password: 'x' }, () =>
      world.ask('POST', '/api/users', { token: world.ann, body: { email: 'c@example.com', password: 'Lantern-Otter-42' } }),
    ),
    /may not set User.password/,
  )
})

test('input has the values of the request in the form of answers', async (t) => {
  const world = await open(t)
  let got: unknown
  act = {
    beforeCreate: ({ input, row, before }) => {
      got = { input, row, before }
      assert.throws(() => {
        input.title = 'changed'
      }, TypeError)
    },
  }
  const body = {
    title: 'a',
    price: 12.5,
    day: '2026-11-28',
    tags: ['x', 'y'],
    extra: { deep: [1, 'é'] },
    mail: 'Ann@Example.com',
    views: 3,
    reviewer: world.annId,
  }
  const made = await world.ask('POST', '/api/pages', { token: world.ann, body })
  assert.equal(made.status, 201, made.text)
  assert.deepEqual(got, { input: { ...body, price: '12.5', mail: 'ann@example.com' }, row: undefined, before: undefined })
  act = {
    beforeUpdate: ({ input }) => {
      got = input
    },
  }
  await world.ask('PATCH', `/api/pages/${made.json.id}`, { token: world.ann, body: { views: { increment: 2 } } })
  assert.deepEqual(got, { views: { increment: 2 } })
  const put = await world.ask('PUT', `/api/pages/${made.json.id}`, { token: world.ann, body: { title: 'b' } })
  assert.equal(put.status, 200, put.text)
  assert.deepEqual(got, { title: 'b', reviewer: null, views: 0, price: null, day: null, tags: [], extra: null, mail: null })
})

test('a value of the hook replaces a sent amount', async (t) => {
  const world = await open(t)
  act = { beforeUpdate: ({ row }) => ({ views: row.views * 10 }) }
  const { json } = await world.ask('PATCH', `/api/pages/${world.page}`, { token: world.ann, body: { views: { increment: 5 } } })
  assert.equal(json.views, 10)
})

test('a change without values runs no hook', async (t) => {
  const world = await open(t)
  const answer = await world.ask('PATCH', `/api/pages/${world.page}`, { token: world.ann, body: {} })
  assert.deepEqual([answer.status, answer.json.version, seen], [200, 1, []])
})

test('the answer shows what the hook after the write has changed', async (t) => {
  const world = await open(t)
  act = {
    afterCreate: async ({ db, row }) => void (await db.system.Page.update(row.id, { slug: `n${row.number}` })),
  }
  const made = await world.ask('POST', '/api/pages', { token: world.ann, body: { title: 'a' } })
  assert.deepEqual([made.status, made.json.slug, made.json.version], [201, 'n2', 2], made.text)
  assert.deepEqual(seen, ['beforeCreate', 'afterCreate', 'beforeUpdate', 'afterUpdate'])
})

test('rows of a list are written one after the other, each between its hooks', async (t) => {
  const world = await open(t)
  act = { beforeCreate: async ({ db }) => ({ slug: `p${await db.Page.count()}` }) }
  const made = await world.ask('POST', '/api/pages/bulk', { token: world.ann, body: [{ title: 'a' }, { title: 'b' }] })
  assert.equal(made.status, 201, made.text)
  assert.deepEqual(seen, ['beforeCreate', 'afterCreate', 'beforeCreate', 'afterCreate'])
  assert.deepEqual(await world.sql('select slug from pages order by number'), [{ slug: null }, { slug: 'p1' }, { slug: 'p2' }])
})

test('db of a hook has the rules of the caller, and db.system only with as: system', async (t) => {
  const world = await open(t)
  act = { beforeCreate: ({ db }) => db.Log.create({ text: 'x' }) }
  const closed = await world.ask('POST', '/api/pages', { token: world.ann, body: { title: 'a' } })
  assert.deepEqual([closed.status, closed.json.code], [403, 'forbidden'])
  act = { beforeCreate: ({ db }) => db.system.Log.create({ text: 'x' }) }
  const none = await world.ask('POST', '/api/pages', { token: world.ann, body: { title: 'a' } })
  assert.equal(none.status, 500)
})

test('a problem of a hook has the status and the message of the design', async (t) => {
  const world = await open(t)
  act = {
    beforeDelete: () => {
      throw problem('locked')
    },
  }
  const { status, json } = await world.ask('DELETE', `/api/pages/${world.page}`, { token: world.ann })
  assert.deepEqual([status, json.code, json.detail], [423, 'locked', 'this page is locked'])
})

test('hooks that cause one another without end are stopped', async (t) => {
  const world = await open(t)
  act = { afterUpdate: ({ db, row }) => db.system.Page.update(row.id, { views: row.views + 1 }).then(() => undefined) }
  const answer = await world.ask('PATCH', `/api/pages/${world.page}`, { token: world.ann, body: { title: 'x' } })
  assert.equal(answer.status, 500)
  assert.deepEqual(await world.sql('select title, views::int from pages'), [{ title: 'first', views: 1 }])
})

test('a registration with a taken login that is not told leaves nothing of its hook', async (t) => {
  const world = await open(t)
  act = { 'user.beforeCreate': ({ db }) => db.system.Log.create({ text: 'tried' }).then(() => undefined) }
  const register = (email: string) => world.ask('POST', '/api/auth/register', { body: { email, password: 'Lantern-Otter-42-Field' } })
  const [taken, fresh] = [await register('ann@example.com'), await register('new@example.com')]
  assert.deepEqual([taken.status, taken.text], [fresh.status, fresh.text])
  assert.deepEqual(seen, ['user.beforeCreate', 'user.beforeCreate', 'user.afterCreate'])
  assert.deepEqual(await world.sql('select text from logs'), [{ text: 'tried' }])
})

test('a repetition with the same key runs no hook', async (t) => {
  const world = await open(t)
  const send = () => world.ask('POST', '/api/pages', { token: world.ann, body: { title: 'a' }, headers: { 'idempotency-key': 'k' } })
  const [first, again] = [await send(), await send()]
  assert.deepEqual([again.status, again.json.id], [201, first.json.id])
  assert.deepEqual(seen, ['beforeCreate', 'afterCreate'])
})

test('a hook that is not written yet answers 501, and other operations are not affected', async (t) => {
  const world = await open(t)
  const made = await world.ask('POST', '/api/unwrittens', { token: world.ann, body: { title: 'a' } })
  assert.deepEqual([made.status, made.json.code], [501, 'not_implemented'])
  const [id] = await insertRows(world, 'unwrittens', [{ title: 'a' }])
  assert.equal((await world.ask('PATCH', `/api/unwrittens/${id}`, { token: world.ann, body: { title: 'b' } })).status, 200)
})

test('entities without hooks keep their statements and their merging', async (t) => {
  const world = await open(t)
  const titles = Array.from({ length: 20 }, (_, i) => `t${i}`)
  await inSomeRound(async () => {
    world.statements.length = 0
    await Promise.all(titles.map((title) => world.ask('POST', '/api/plains', { token: world.ann, body: { title } })))
    const names = world.statements.map(({ name }) => name).filter((name) => !name.startsWith('session'))
    assert.ok(
      names.every((name) => name === 'create Plain'),
      names.join(', '),
    )
    return names.length < titles.length ? null : `${names.length} statements`
  })
})

test('an upsert whose row another request makes meanwhile leaves nothing of the hook of its create', async (t) => {
  const world = await hookedWorld(t)
  raceForNote(world, 'new')
  const query =
    'mutation { upsertNote(where: { title: "new" }, create: { title: "new" }, update: { likes: 7 }) { created note { likes } } }'
  const answer = await world.ask('POST', '/graphql', { token: world.token, body: { query } })
  assert.deepEqual(answer.json.data, { upsertNote: { created: false, note: { likes: 7 } } }, answer.text)
  assert.deepEqual(
    world.ran.map(({ moment }) => moment),
    ['beforeCreate', 'beforeUpdate', 'afterUpdate'],
  )
  assert.deepEqual(await world.sql('select text from logs'), [])
})
