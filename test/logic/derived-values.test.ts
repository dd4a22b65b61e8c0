/** Computed fields over relations and the caller in answers. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { insertPeople, insertRows, openDesign } from '../actions/action-world.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

interface Asked {
  readonly token?: string | undefined
  readonly body?: unknown
}

async function graphql(world: TestBackend, query: string, { token }: Asked = {}) {
  const { json, text } = await world.ask('POST', '/graphql', { token, body: { query } })
  assert.equal(json.errors, undefined, text)
  return json.data
}

async function openSchool(t: TestContext) {
  const world = await openDesign(t, 'school.yaml')
  const [teacher, ann, bob] = await insertPeople(
    world,
    'persons',
    (['teacher', 'student', 'student'] as const).map((role, i) => ({ name: `person ${i}`, email: `p${i}@example.org`, role })),
  )
  assert.ok(teacher !== undefined && ann !== undefined && bob !== undefined)
  const [course, other] = await insertRows(world, 'courses', [
    { title: 'one', capacity: 3 },
    { title: 'two', capacity: 3 },
  ])
  await insertRows(world, 'enrolments', [
    { course_id: course, student_id: ann.id, state: 'active', grade: 2 },
    { course_id: course, student_id: bob.id, state: 'active', grade: 5 },
    { course_id: other, student_id: ann.id, state: 'waiting', grade: 5 },
  ])
  return { world, teacher, ann, bob, course, other }
}

const ACTIVE = "select count(*)::int as n from enrolments where course_id = $1 and state = 'active'"

test('a field computed as system counts rows that the caller may not read', async (t) => {
  const { world, ann, course, other } = await openSchool(t)
  const { token } = ann
  const own = await world.ask('GET', '/api/enrolments', { token })
  assert.equal(own.json.data.length, 2, 'Ann reads her own enrolments alone')
  for (const id of [course, other]) {
    const [counted] = await world.sql(ACTIVE, [id])
    for (const asked of [{}, { token }]) {
      const { json } = await world.ask('GET', `/api/courses/${id}`, asked)
      assert.equal(json.taken, counted?.n)
      assert.deepEqual(await graphql(world, `{ course(id: "${id}") { taken } }`, asked), { course: { taken: counted?.n } })
    }
  }
  const list = await world.ask('GET', '/api/courses?sort=id&fields=title,taken', { token })
  const byTitle = (a: { title: string }, b: { title: string }) => a.title.localeCompare(b.title)
  assert.deepEqual(list.json.data.toSorted(byTitle), [
    { title: 'one', taken: 2 },
    { title: 'two', taken: 0 },
  ])
  const included = await world.ask('GET', '/api/enrolments?include=course&sort=-id', { token })
  assert.deepEqual(included.json.data.map(({ course: row }: { course: { taken: number } }) => row.taken).toSorted(), [0, 2])
  const related = await graphql(world, '{ enrolments { nodes { course { seats: taken } } } }', { token })
  assert.deepEqual(related.enrolments.nodes.map(({ course: row }: { course: { seats: number } }) => row.seats).toSorted(), [0, 2])
})

test('a field with a read rule is null on other rows, and a caller who can never read it does not see its name', async (t) => {
  const { world, teacher, ann, bob } = await openSchool(t)
  const [average] = await world.sql('select avg(grade)::text as value from enrolments where student_id = $1', [ann.id])
  const seen = async (id: string, token: string) => (await world.ask('GET', `/api/persons/${id}`, { token })).json.average
  assert.equal(Number(await seen(ann.id, ann.token)), Number(average?.value))
  assert.equal(Number(await seen(ann.id, teacher.token)), Number(average?.value))
  assert.equal(await seen(ann.id, bob.token), null)
  const query = `{ person(id: "${ann.id}") { average } }`
  assert.equal(Number((await graphql(world, query, ann)).person.average), Number(average?.value))
  assert.equal((await graphql(world, query, bob)).person.average, null)
})

test('a list is not filtered or sorted by a field that is computed when it is read', async (t) => {
  const { world } = await openSchool(t)
  for (const query of ['sort=taken', 'filter[taken]=1', `filter=${encodeURIComponent('taken > 1')}`]) {
    const { status, json } = await world.ask('GET', `/api/courses?${query}`)
    assert.deepEqual([status, json.code], [400, 'invalid_parameter'], JSON.stringify(json))
    assert.match(json.detail, /taken is computed when it is read/)
  }
})

test('the OpenAPI document describes such a field as read-only', async (t) => {
  const { world, teacher } = await openSchool(t)
  const { json } = await world.ask('GET', '/openapi.json', { token: teacher.token })
  const { taken } = json.components.schemas.Course.properties
  assert.deepEqual(taken, { type: ['integer', 'null'], format: 'int64', readOnly: true })
  assert.ok(json.components.schemas.Person.properties.average.readOnly)
  assert.equal(json.components.schemas.CourseCreate.properties.taken, undefined)
})

test('answers of writes and of actions have the value after the write', async (t) => {
  const world = await openDesign(t, 'shop.yaml')
  const [buyer] = await insertPeople(world, 'users', [{ email: 'buyer@example.org', role: 'customer' }])
  const [product] = await insertRows(world, 'products', [{ name: 'tea', price: '2.50', stock: 9 }])
  const token = buyer?.token
  const items = [{ product, quantity: 2 }]
  const cart = await world.ask('POST', '/api/carts', { token, body: { items } })
  assert.deepEqual([cart.status, cart.json.total], [201, '5.00'], cart.text)
  const item = await world.ask('GET', '/api/cart-items', { token })
  const id = item.json.data[0].id
  const changed = await graphql(world, `mutation { updateCartItem(id: "${id}", input: { quantity: 3 }) { cartItem { cart { total } } } }`, {
    token,
  })
  assert.equal(changed.updateCartItem.cartItem.cart.total, '7.50')
  const [total] = await world.sql(
    'select sum(i.quantity * p.price)::text as value from cart_items i join products p on p.id = i.product_id',
  )
  assert.equal(total?.value, '7.50')
  const order = await world.ask('POST', '/api/actions/checkout', { token })
  assert.equal(order.json.total, '7.50', order.text)
  const found = await world.ask('GET', `/api/orders/${order.json.order}`, { token })
  const [sum] = await world.sql('select sum(quantity * price)::text as value from order_lines')
  assert.deepEqual([found.json.total, found.json.total], [sum?.value, '7.50'])
  const paid = await world.ask('GET', '/api/orders?include=lines', { token })
  assert.equal(paid.json.data[0].total, '7.50')
})

test('a replacement may contain the value that a read answered, and no other write contains the field', async (t) => {
  const { world, teacher, course } = await openSchool(t)
  const { token } = teacher
  const sent = await world.ask('POST', '/api/courses', { token, body: { title: 'three', taken: 1 } })
  assert.deepEqual([sent.status, sent.json.code], [400, 'validation_failed'], sent.text)
  const closed = await world.ask('PUT', `/api/courses/${course}`, { token, body: { title: 'one', taken: 7 } })
  assert.equal(closed.status, 403, closed.text)
})

const WEIGHTS = {
  name: 'weights',
  entities: {
    Box: {
      fields: {
        name: { type: 'text', max: 20 },
        each: { type: 'integer', default: 2 },
        weight: { type: 'computed', expression: 'things.sum(x, each)' },
        first: { type: 'computed', expression: 'things.min(x, x.name)' },
        secret: { type: 'computed', expression: 'size(things)', read: 'false' },
      },
      access: { read: 'true', create: 'true', update: 'true' },
    },
    Thing: {
      fields: { box: { type: 'ref', entity: 'Box', inverse: 'things' }, name: { type: 'text', max: 20 } },
      access: { read: 'name != "hidden"', create: 'true' },
    },
  },
}

test('a value of the row itself is summed for each of its related rows', async (t) => {
  const world = await testBackend(t, modelFrom(WEIGHTS))
  const things = [{ name: 'a' }, { name: 'b' }, { name: 'hidden' }]
  const made = await world.ask('POST', '/api/boxes', { body: { name: 'one', things } })
  const shown = { weight: 4, first: 'a' }
  const of = ({ weight, first }: { weight: number; first: string }) => ({ weight, first })
  assert.deepEqual([made.status, of(made.json)], [201, shown], made.text)
  const list = await world.ask('GET', '/api/boxes')
  assert.deepEqual(list.json.data.map(of), [shown])
  assert.equal('secret' in list.json.data[0], false)
  assert.equal((await world.ask('GET', '/api/boxes?fields=secret')).status, 400)
  assert.deepEqual(await graphql(world, '{ boxes { nodes { weight first } } }'), { boxes: { nodes: [shown] } })
  const { id, version, weight } = made.json
  const same = await world.ask('PUT', `/api/boxes/${id}`, { body: { id, version, weight, name: 'two', each: 3 } })
  assert.deepEqual([same.status, of(same.json)], [200, { weight: 6, first: 'a' }], same.text)
  const other = await world.ask('PUT', `/api/boxes/${id}`, { body: { weight: 1, name: 'two' } })
  assert.deepEqual([other.status, other.json.code], [400, 'validation_failed'])
})

test('callers who read at once each get their own values', async (t) => {
  const { world, teacher, ann, bob } = await openSchool(t)
  const callers = Array.from({ length: 24 }, (_, i) => [teacher, ann, bob][i % 3])
  const seen = await Promise.all(
    callers.map(async (caller) => {
      const { json } = await world.ask('GET', `/api/persons/${ann.id}`, { token: caller?.token })
      const list = await world.ask('GET', '/api/persons?fields=id,average', { token: caller?.token })
      const { average } = list.json.data.find(({ id }: { id: string }) => id === ann.id)
      return [json.average === null, average === null]
    }),
  )
  assert.deepEqual(
    seen,
    callers.map((caller) => [caller === bob, caller === bob]),
  )
})
