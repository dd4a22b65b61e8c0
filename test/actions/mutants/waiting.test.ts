/** Each lock of the bank, the shop and the school: an action waits for another transaction and is judged on what that one has written. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { asking, insertPeople, insertRows, openBank, openDesign, type Person, waiting } from '../action-world.ts'

const TIMEOUT = { timeout: 60_000 }

test('a transfer waits for both accounts', TIMEOUT, async (t) => {
  const { world, owners, ibans } = await openBank(t)
  const [from, to] = ibans
  const transfer = () => asking(world)(owners[0], 'actions/transfer', { from, to, amount: '50' })
  assert.equal(
    (await waiting(world, { sql: `update accounts set balance = 0 where iban = '${from}'` }, transfer)).json.code,
    'insufficient_funds',
  )
  await world.sql('update accounts set balance = 100')
  assert.equal((await waiting(world, { sql: `update accounts set balance = 500 where iban = '${to}'` }, transfer)).status, 200)
  assert.deepEqual(await world.sql('select balance::text from accounts order by iban'), [{ balance: '50.00' }, { balance: '550.00' }])
})

async function openShop(t: TestContext) {
  const world = await openDesign(t, 'shop.yaml')
  const [staff, buyer] = await insertPeople(world, 'users', [
    { email: 'staff@example.org', role: 'staff' },
    { email: 'buyer@example.org', role: 'customer' },
  ])
  const products = await insertRows(
    world,
    'products',
    ['pen', 'ink'].map((name) => ({ name, price: '1', stock: 5 })),
  )
  const act = asking(world)
  const fill = () => act(buyer, 'actions/addToCart', { product: products[0], quantity: 1 })
  assert.equal((await fill()).status, 200)
  const [cart] = await world.sql('select id from carts')
  return { world, staff, buyer, products, act, fill, cart: String(cart?.id), checkout: () => act(buyer, 'actions/checkout') }
}

test('a checkout waits for an item that is added to the cart', TIMEOUT, async (t) => {
  const { world, cart, products, checkout } = await openShop(t)
  const columns = 'id, cart_id, product_id, quantity, created_at, updated_at, version'
  const item = `insert into cart_items (${columns}) values (gen_random_uuid(), '${cart}', '${products[1]}', 2, now(), now(), 1)`
  assert.equal((await waiting(world, { sql: item }, checkout)).json.lines.length, 2)
})

test('a checkout waits for the stock and for the items', TIMEOUT, async (t) => {
  const { world, checkout } = await openShop(t)
  assert.equal((await waiting(world, { sql: 'update products set stock = 0' }, checkout)).json.code, 'out_of_stock')
  await world.sql('update products set stock = 5')
  const done = await waiting(world, { sql: 'update cart_items set quantity = 3' }, checkout)
  assert.deepEqual(
    done.json.lines.map(({ quantity }: { quantity: number }) => quantity),
    [3],
  )
})

test('a transition waits for another one of the same row', TIMEOUT, async (t) => {
  const { world, staff, buyer, act, checkout } = await openShop(t)
  const { json } = await checkout()
  for (const [person, move, from, to] of [
    [staff, 'pay', 'placed', 'cancelled'],
    [staff, 'ship', 'paid', 'cancelled'],
    [buyer, 'cancel', 'placed', 'shipped'],
  ] as const) {
    await world.sql('update orders set status = $1', [from])
    const refused = await waiting(world, { sql: `update orders set status = '${to}'` }, () => act(person, `orders/${json.order}/${move}`))
    assert.deepEqual([refused.json.code, move], ['illegal_transition', move])
    assert.deepEqual(await world.sql('select status from orders'), [{ status: to }])
  }
})

async function openSchool(t: TestContext, { capacity }: { readonly capacity: number }) {
  const world = await openDesign(t, 'school.yaml')
  const [teacher, ...students] = await insertPeople(world, 'persons', [
    { name: 'teacher', email: 'teacher@example.org', role: 'teacher' },
    ...['a', 'b', 'c'].map((name) => ({ name, email: `${name}@example.org`, role: 'student' })),
  ])
  const [course = ''] = await insertRows(world, 'courses', [{ title: 'chess', capacity }])
  const act = asking(world)
  const enrol = async (person: Person | undefined) => (await act(person, `courses/${course}/enrol`)).json
  /** Another transaction that takes a place with plain SQL. */
  const taking = (person: Person | undefined) =>
    `insert into enrolments (id, course_id, student_id, state, created_at, updated_at, version)
     values (gen_random_uuid(), '${course}', '${person?.id}', 'active', now(), now(), 1)`
  const states = async () => (await world.sql('select state from enrolments order by state')).map(({ state }) => state)
  return { world, teacher, students, course, act, enrol, taking, states }
}

test('an enrolment waits for another one', TIMEOUT, async (t) => {
  const { world, students, course, act, taking, states } = await openSchool(t, { capacity: 1 })
  const done = await waiting(world, { sql: taking(students[0]) }, () => act(students[1], `courses/${course}/enrol`))
  assert.equal(done.json.state, 'waiting')
  assert.deepEqual(await states(), ['active', 'waiting'])
})

test('free places are given when an enrolment that is under way is known', TIMEOUT, async (t) => {
  const { world, teacher, students, course, act, enrol, taking, states } = await openSchool(t, { capacity: 1 })
  await enrol(students[0])
  await enrol(students[1])
  const grown = await waiting(world, { sql: taking(students[2]) }, () => act(teacher, `courses/${course}/resize`, { capacity: 2 }))
  assert.equal(grown.status, 200, grown.text)
  assert.deepEqual(await states(), ['active', 'active', 'waiting'])
})

test('a promotion waits for an enrolment that is under way', TIMEOUT, async (t) => {
  const { world, teacher, students, course, act, enrol, taking, states } = await openSchool(t, { capacity: 1 })
  const first = await enrol(students[0])
  await enrol(students[1])
  await world.sql('delete from enrolments where id = $1', [first.id])
  const promoted = await waiting(world, { sql: taking(students[2]) }, () => act(teacher, `courses/${course}/promote`))
  assert.equal(promoted.status, 200, promoted.text)
  assert.deepEqual(await states(), ['active', 'waiting'])
})

test('a promotion passes over an enrolment that gets its place meanwhile', TIMEOUT, async (t) => {
  const { world, teacher, students, course, act, enrol } = await openSchool(t, { capacity: 1 })
  const [first, second] = [await enrol(students[0]), await enrol(students[1])]
  for (const [path, body] of [
    ['promote', {}],
    ['resize', { capacity: 1 }],
  ] as const) {
    await world.sql('delete from enrolments where id = $1', [first.id])
    await world.sql("update enrolments set state = 'waiting'")
    const taking = `update enrolments set state = 'active' where id = '${second.id}'`
    const { status, text } = await waiting(world, { sql: taking }, () => act(teacher, `courses/${course}/${path}`, body))
    assert.equal(status, 200, text)
    assert.deepEqual(await world.sql('select state, version::int from enrolments'), [{ state: 'active', version: 1 }])
  }
})

test('who leaves passes over an enrolment that gets its place meanwhile', TIMEOUT, async (t) => {
  const { world, students, act, enrol } = await openSchool(t, { capacity: 1 })
  const [first, second] = [await enrol(students[0]), await enrol(students[1])]
  const taking = `update enrolments set state = 'active' where id = '${second.id}'`
  const { status, text } = await waiting(world, { sql: taking }, () => act(students[0], `enrolments/${first.id}/leave`))
  assert.equal(status, 204, text)
  assert.deepEqual(await world.sql('select state, version::int from enrolments'), [{ state: 'active', version: 1 }])
})

test('who leaves locks the course before the enrolment, as every action does', TIMEOUT, async (t) => {
  const { world, students, course, act, enrol } = await openSchool(t, { capacity: 1 })
  const first = await enrol(students[0])
  // The last statement fails if the action, which waits for the course, has locked the enrolment.
  const sql = `select from courses where id = '${course}' for update`
  const then = `select from enrolments where id = '${first.id}' for update nowait`
  const left = await waiting(world, { sql, then }, () => act(students[0], `enrolments/${first.id}/leave`))
  assert.equal(left.status, 204, left.text)
})

test('who leaves gives the place only if no other enrolment takes it', TIMEOUT, async (t) => {
  const { world, students, act, enrol, taking, states } = await openSchool(t, { capacity: 1 })
  const first = await enrol(students[0])
  await enrol(students[1])
  const left = await waiting(world, { sql: taking(students[2]) }, () => act(students[0], `enrolments/${first.id}/leave`))
  assert.equal(left.status, 204, left.text)
  assert.deepEqual(await states(), ['active', 'waiting'])
})

test("an enrolment that becomes somebody else's is not left, and one that waits is not graded", TIMEOUT, async (t) => {
  const { world, teacher, students, act, enrol } = await openSchool(t, { capacity: 5 })
  const { id } = await enrol(students[0])
  const graded = await waiting(world, { sql: `update enrolments set state = 'waiting'` }, () =>
    act(teacher, `enrolments/${id}/grade`, { grade: 2 }),
  )
  assert.equal(graded.json.code, 'forbidden')
  const left = await waiting(world, { sql: `update enrolments set student_id = '${students[1]?.id}'` }, () =>
    act(students[0], `enrolments/${id}/leave`),
  )
  assert.equal(left.json.code, 'not_found')
})
