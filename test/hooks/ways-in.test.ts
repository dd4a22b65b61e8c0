/** Every way to write a row runs the hooks of its entity, whatever they do. */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { problem } from '../../src/base/problem.ts'
import type { HookMoment } from '../../src/model/model.ts'
import { type Context, type HookedWorld, hookedWorld, WAYS, type Way } from './hooked-world.ts'

const MOMENT_OF = {
  create: { before: 'beforeCreate', after: 'afterCreate' },
  update: { before: 'beforeUpdate', after: 'afterUpdate' },
  delete: { before: 'beforeDelete', after: 'afterDelete' },
} as const satisfies Record<Way['operation'], Record<'before' | 'after', HookMoment>>

/** What is in the tables. */
async function contents(world: HookedWorld): Promise<readonly unknown[]> {
  const rows = await world.sql(
    `select 'note' as of, title, slug, likes::text, state from notes union all select 'board', name, null, null, null from boards
     union all select 'account', email, slug, null, null from accounts union all select 'log', text, null, null, null from logs order by 1, 2`,
  )
  return rows
}

async function connectionsInTransactions(world: HookedWorld): Promise<unknown> {
  const [row] = await world.sql(
    `select count(*)::int as n from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
  )
  return row?.n
}

/** Makes the row that a way changes or deletes again. */
async function restore(world: HookedWorld): Promise<void> {
  await world.sql(`delete from notes`)
  await world.sql(`delete from logs`)
  await world.sql(
    `insert into notes (id, title, board_id, likes, state, created_at, updated_at, version) values ($1, 'old', $2, 0, 'draft', now(), now(), 1)`,
    [world.note, world.board],
  )
}

const FAILURES: Readonly<Record<string, { readonly run: (context: Context) => unknown; readonly code: string }>> = {
  refuses: {
    run: () => {
      throw problem('no_thanks', { status: 422 })
    },
    code: 'no_thanks',
  },
  throws: {
    run: ({ row }) => row.does.not.exist,
    code: 'internal_error',
  },
  'never settles': { run: () => new Promise(() => {}), code: 'statement_timeout' },
  'writes another row and then refuses': {
    async run({ db }) {
      await db.system.Log.create({ text: 'written' })
      throw problem('no_thanks')
    },
    code: 'no_thanks',
  },
}

const title = (): string => `t${randomUUID().slice(0, 13)}`

async function checkWay(t: TestContext, world: HookedWorld, way: Way): Promise<void> {
  const { before, after } = MOMENT_OF[way.operation]
  const table = way.table ?? 'notes'
  await t.test('both hooks run once, with the row and the values', async () => {
    await restore(world)
    world.setScript({})
    const own = title()
    const answer = await way.send(world, own)
    assert.equal(way.codeOf(answer), null, answer.text)
    assert.deepEqual(
      world.ran.map(({ moment }) => moment),
      [before, after],
    )
    const [first, last] = world.ran.map(({ context }) => context)
    if (way.operation === 'delete') assert.deepEqual([first.input, first.row.title, last.row.title], [undefined, 'old', 'old'])
    else assert.deepEqual([first.input.title, first.row?.title, last.row.title], [own, way.operation === 'update' ? 'old' : undefined, own])
    if (way.operation === 'update') assert.equal(last.before.title, 'old')
    for (const { context } of world.ran) assert.ok(!JSON.stringify([context.input, context.row]).includes('password'))
  })
  if (way.operation !== 'delete')
    await t.test('the hook before it changes the values', async () => {
      await restore(world)
      world.setScript({ [before]: ({ input }: Context) => ({ slug: `slug of ${input.title}` }) })
      const own = title()
      const answer = await way.send(world, own)
      assert.equal(way.codeOf(answer), null, answer.text)
      assert.deepEqual(await world.sql(`select slug from ${table} where title = $1`, [own]), [{ slug: `slug of ${own}` }])
    })
  await t.test('the hook after it writes other rows', async () => {
    await restore(world)
    world.setScript({ [after]: ({ db, row }: Context) => db.system.Log.create({ text: row.id }).then(() => undefined) })
    const answer = await way.send(world, title())
    assert.equal(way.codeOf(answer), null, answer.text)
    assert.equal((await world.sql('select text from logs')).length, 1)
  })
  for (const moment of [before, after])
    for (const does of ['refuses', 'throws', 'writes another row and then refuses'])
      await t.test(`${moment} ${does}: nothing is written, and no connection is held`, () => checkFailure(world, way, { moment, does }))
}

async function checkFailure(
  world: HookedWorld,
  way: Way,
  { moment, does }: { readonly moment: HookMoment; readonly does: string },
): Promise<void> {
  const { run, code } = FAILURES[does] ?? assert.fail(does)
  await restore(world)
  const was = await contents(world)
  world.setScript({ [moment]: run })
  const answer = await way.send(world, title())
  assert.equal(way.codeOf(answer), code, answer.text)
  assert.deepEqual(await contents(world), was)
  assert.equal(await connectionsInTransactions(world), 0)
}

test('every way in runs the hooks', async (t) => {
  const world = await hookedWorld(t)
  for (const [name, way] of Object.entries(WAYS)) await t.test(name, (inner) => checkWay(inner, world, way))
})

test('a hook that never settles ends with its time limit, in every way in', async (t) => {
  // No hook needs to be in time here.
  const world = await hookedWorld(t, '20ms', { patience: 1 })
  for (const [name, way] of Object.entries(WAYS))
    for (const moment of Object.values(MOMENT_OF[way.operation]))
      await t.test(`${name}: ${moment}`, () => checkFailure(world, way, { moment, does: 'never settles' }))
})
