/** Events of actions, of transitions, of code, and of the step emit. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { insertRows } from '../actions/action-world.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { until } from './events-world.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests look into contexts of any shape
type Context = any

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const CLOSED = { read: 'true', create: 'false', update: 'false', delete: 'false' }

const say = (text: string, when?: string) => ({ call: 'say', as: 'system', input: { text }, ...(when === undefined ? {} : { when }) })

function design() {
  return {
    name: 'acting',
    on: {
      'Order.pay': [say("'pay ' + row.state + ' ' + string(row.version)")],
      'Order.rename': [
        say("'rename ' + row.title + ' for ' + input.by.name + ' ' + input.note", 'size(input.tags) == 2 && "b" in input.tags'),
      ],
      'Order.drop': [say("'drop ' + row.title")],
      'Order.compute': [say("'compute ' + row.title + ' ' + string(input.factor)")],
      'Line.count': [say("'count ' + string(row.pieces)")],
      'Order.shipped': [say("'shipped ' + row.title")],
      'Line.packed': [say("'packed ' + string(row.pieces)")],
    },
    workflows: {
      ordering: { entity: 'Order', field: 'state', transitions: { pay: { from: 'placed', to: 'paid', allow: 'true' } } },
    },
    actions: {
      say: { input: { text: { type: 'text' } }, steps: [{ create: 'Said', set: { text: 'input.text' } }] },
      payAll: {
        allow: 'true',
        steps: [
          { list: 'Order', limit: 10, as: 'orders' },
          { call: 'Order.pay', on: 'o', each: 'o in orders' },
        ],
      },
      dropFirst: {
        allow: 'true',
        steps: [
          { find: 'Order', sort: ['title'], as: 'first' },
          { call: 'Order.drop', on: 'first' },
        ],
      },
      fail: {
        allow: 'true',
        steps: [{ find: 'Order', as: 'one' }, { emit: 'Order.shipped', on: 'one' }, { require: 'one.title == "never"' }],
      },
    },
    entities: {
      Person: { fields: { name: { type: 'text' } }, access: OPEN },
      Order: {
        fields: { title: { type: 'text' }, state: { type: 'choice', values: ['placed', 'paid'], default: 'placed' } },
        access: OPEN,
        actions: {
          rename: {
            allow: 'true',
            input: {
              title: { type: 'text' },
              by: { ref: 'Person' },
              note: { type: 'text', optional: true, default: '-' },
              tags: { type: 'list', of: { type: 'text' } },
            },
            steps: [{ update: 'row', set: { title: 'input.title' } }],
          },
          drop: { allow: 'true', steps: [{ delete: 'row' }] },
          compute: {
            allow: 'true',
            input: { factor: { type: 'integer' } },
            run: async ({ row, input, db }: Context) => void (await db.Order.update(row.id, { title: row.title.repeat(input.factor) })),
          },
          ship: {
            allow: 'true',
            steps: [
              { update: 'row.lines', set: { pieces: 'pieces + 1' } },
              { emit: 'Line.packed', on: 'l', each: 'l in row.lines', when: 'l.pieces > 2' },
              { emit: 'Order.shipped' },
            ],
          },
        },
      },
      Line: {
        fields: { order: { type: 'ref', entity: 'Order', inverse: 'lines', onDelete: 'cascade' }, pieces: { type: 'integer' } },
        access: OPEN,
        actions: { count: { allow: 'true', steps: [{ update: 'row', set: { pieces: 'pieces * 10' } }] } },
      },
      Said: { fields: { text: { type: 'text' } }, access: CLOSED },
    },
  }
}

interface World extends TestBackend {
  /** Waits for so many texts, and gives all. */
  said(count: number): Promise<readonly string[]>
  post(path: string, body?: unknown): Promise<number>
}

async function open(t: TestContext): Promise<World> {
  const world = await testBackend(t, modelFrom(design()))
  return {
    ...world,
    said: (count) =>
      until(`${count} texts`, async () => {
        const rows = (await world.sql('select text from saids')).map(({ text }) => String(text)).sort()
        return rows.length >= count ? rows : null
      }),
    post: async (path, body) => (await world.ask('POST', `/api/${path}`, body === undefined ? {} : { body })).status,
  }
}

test('a transition is an event with its row, also when an action calls it for several rows', async (t) => {
  const world = await open(t)
  const [one] = await insertRows(world, 'orders', [{ title: 'a', state: 'placed' }])
  assert.equal(await world.post(`orders/${one}/pay`), 200)
  assert.deepEqual(await world.said(1), ['pay paid 2'])
  assert.equal(await world.post(`orders/${one}/pay`), 409)
  await world.sql("update orders set state = 'placed'")
  await insertRows(world, 'orders', [{ title: 'b', state: 'placed' }])
  assert.equal(await world.post('actions/payAll'), 204)
  assert.deepEqual(await world.said(3), ['pay paid 2', 'pay paid 2', 'pay paid 3'])
})

test('an event of an action has its input, and rows of references as they are', async (t) => {
  const world = await open(t)
  const [order] = await insertRows(world, 'orders', [{ title: 'a', state: 'placed' }])
  const [by] = await insertRows(world, 'persons', [{ name: 'Ann' }])
  assert.equal(await world.post(`orders/${order}/rename`, { title: 'b', by, tags: ['a'] }), 200)
  assert.equal(await world.post(`orders/${order}/rename`, { title: 'c', by, tags: ['a', 'b'] }), 200)
  assert.deepEqual(await world.said(1), ['rename c for Ann -'])
})

test('a deleted row is in the event as it was', async (t) => {
  const world = await open(t)
  const [order] = await insertRows(world, 'orders', [
    { title: 'a', state: 'placed' },
    { title: 'b', state: 'placed' },
  ])
  assert.equal(await world.post(`orders/${order}/drop`), 204)
  assert.deepEqual(await world.said(1), ['drop a'])
  assert.equal(await world.post('actions/dropFirst'), 204)
  assert.deepEqual(await world.said(2), ['drop a', 'drop b'])
})

test('the event of an action of code has the row as the code has left it', async (t) => {
  const world = await open(t)
  const [order] = await insertRows(world, 'orders', [{ title: 'ab', state: 'placed' }])
  assert.equal(await world.post(`orders/${order}/compute`, { factor: 2 }), 204)
  assert.deepEqual(await world.said(1), ['compute abab 2'])
})

test('emit logs events of rows, for each element and with a condition', async (t) => {
  const world = await open(t)
  const [order] = await insertRows(world, 'orders', [{ title: 'a', state: 'placed' }])
  await insertRows(world, 'lines', [
    { order_id: order, pieces: 1 },
    { order_id: order, pieces: 2 },
    { order_id: order, pieces: 3 },
  ])
  assert.equal(await world.post(`orders/${order}/ship`), 200)
  assert.deepEqual(await world.said(3), ['packed 3', 'packed 4', 'shipped a'])
})

test('an action that fails leaves no event, also none that a step has logged', async (t) => {
  const world = await open(t)
  await insertRows(world, 'orders', [{ title: 'a', state: 'placed' }])
  assert.equal(await world.post('actions/fail'), 409)
  assert.deepEqual(await world.sql('select 1 from plinth.events'), [])
})

test('an action without reactions runs the statements that it always runs', async (t) => {
  const plain = await testBackend(t, modelFrom({ ...design(), on: {}, actions: {}, entities: withoutEmit() }))
  const world = await open(t)
  const textsOf = async (one: TestBackend): Promise<readonly string[]> => {
    const [order] = await insertRows(one, 'orders', [{ title: 'a', state: 'placed' }])
    const [line] = await insertRows(one, 'lines', [{ order_id: order, pieces: 1 }])
    one.statements.length = 0
    assert.equal((await one.ask('PATCH', `/api/lines/${line}`, { body: { pieces: 3 } })).status, 200)
    return one.statements.filter(({ name }) => !name.startsWith('events.')).map(({ text }) => text)
  }
  assert.deepEqual(await textsOf(world), await textsOf(plain))
})

function withoutEmit() {
  const { entities } = design()
  const { ship: _, ...actions } = entities.Order.actions
  return { ...entities, Order: { ...entities.Order, actions } }
}
