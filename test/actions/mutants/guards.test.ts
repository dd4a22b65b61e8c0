/** Each condition of the bank, the shop and the school refuses somebody. `npm run test:mutants` drops each of them in turn. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { insertPeople, insertRows, openBank, openDesign, type Person } from '../action-world.ts'

/** The status of a call, and its code or nothing. */
type Outcome = readonly [number, string?]

test('the conditions of the bank refuse anonymous callers and the accounts of others', async (t) => {
  const { world, owners, ibans } = await openBank(t)
  const transfer = async (person: Person | undefined, from: string, to: string): Promise<Outcome> => {
    const { status, json } = await world.ask('POST', '/api/actions/transfer', { token: person?.token, body: { from, to, amount: '1' } })
    return [status, json.errors?.[0].pointer ?? json.code]
  }
  const [ann, bob] = owners
  const [own = '', other = ''] = ibans
  assert.deepEqual(await transfer(undefined, own, other), [401, 'not_signed_in'])
  assert.deepEqual(await transfer(ann, other, own), [400, '/from'])
  assert.equal((await transfer(ann, own, other))[0], 200)
  const statement = async (person: Person | undefined, account: string) => {
    const query = `{ statement(account: "${account}", month: "2026-11") { iban } }`
    const { json } = await world.ask('POST', '/graphql', { token: person?.token, body: { query } })
    return json.errors?.[0].extensions.code ?? json.data.statement.iban
  }
  assert.equal(await statement(undefined, own), 'invalid_document')
  assert.equal(await statement(bob, own), 'validation_failed')
  assert.equal(await statement(ann, own), own)
})

test('the conditions of the shop refuse other callers and other states', async (t) => {
  const world = await openDesign(t, 'shop.yaml')
  const [staff, buyer, other] = await insertPeople(world, 'users', [
    { email: 'staff@example.org', role: 'staff' },
    { email: 'buyer@example.org', role: 'customer' },
    { email: 'other@example.org', role: 'customer' },
  ])
  const [product] = await insertRows(world, 'products', [{ name: 'pen', price: '2.50', stock: 50 }])
  const act = async (person: Person | undefined, path: string, body: unknown = {}): Promise<Outcome> => {
    const { status, json } = await world.ask('POST', `/api/${path}`, { token: person?.token, body })
    return status < 400 ? [status] : [status, json.code]
  }
  const order = async (): Promise<string> => {
    assert.deepEqual(await act(buyer, 'actions/addToCart', { product, quantity: 1 }), [200])
    const { json } = await world.ask('POST', '/api/actions/checkout', { token: buyer?.token, body: {} })
    return json.order
  }
  assert.deepEqual(await act(undefined, 'actions/addToCart', { product, quantity: 1 }), [401, 'not_signed_in'])
  assert.deepEqual(await act(undefined, 'actions/checkout'), [401, 'not_signed_in'])
  const [first, second] = [await order(), await order()]
  const cases: readonly (readonly [Person | undefined, string, Outcome])[] = [
    [buyer, `orders/${first}/pay`, [403, 'forbidden']],
    [staff, `orders/${first}/ship`, [409, 'illegal_transition']],
    [other, `orders/${first}/cancel`, [404, 'not_found']],
    [staff, `orders/${first}/pay`, [200]],
    [staff, `orders/${first}/pay`, [409, 'illegal_transition']],
    [buyer, `orders/${first}/ship`, [403, 'forbidden']],
    [staff, `orders/${first}/ship`, [200]],
    [buyer, `orders/${first}/cancel`, [409, 'illegal_transition']],
    [buyer, `orders/${second}/cancel`, [200]],
  ]
  for (const [person, path, expected] of cases) assert.deepEqual(await act(person, path), expected, path)
  assert.deepEqual(await world.sql('select stock::int from products'), [{ stock: 49 }])
})

test('the conditions of the school refuse the wrong role, other students and grades for those who wait', async (t) => {
  const world = await openDesign(t, 'school.yaml')
  const [teacher, ann, bob] = await insertPeople(world, 'persons', [
    { name: 'teacher', email: 'teacher@example.org', role: 'teacher' },
    { name: 'ann', email: 'ann@example.org', role: 'student' },
    { name: 'bob', email: 'bob@example.org', role: 'student' },
  ])
  const [course] = await insertRows(world, 'courses', [{ title: 'chess', capacity: 1 }])
  const ask = (person: Person | undefined, path: string, body: unknown = {}) =>
    world.ask('POST', `/api/${path}`, { token: person?.token, body })
  const act = async (person: Person | undefined, path: string, body: unknown = {}): Promise<Outcome> => {
    const { status, json } = await ask(person, path, body)
    return status < 400 ? [status] : [status, json.code]
  }
  assert.deepEqual(await act(teacher, `courses/${course}/enrol`), [403, 'forbidden'])
  const [active, waiting] = [(await ask(ann, `courses/${course}/enrol`)).json, (await ask(bob, `courses/${course}/enrol`)).json]
  assert.deepEqual([active.state, waiting.state], ['active', 'waiting'])
  const cases: readonly (readonly [Person | undefined, string, unknown, Outcome])[] = [
    [ann, `courses/${course}/resize`, { capacity: 5 }, [403, 'forbidden']],
    [ann, `courses/${course}/promote`, {}, [403, 'forbidden']],
    [bob, `enrolments/${active.id}/leave`, {}, [404, 'not_found']],
    [teacher, `enrolments/${waiting.id}/grade`, { grade: 1 }, [403, 'forbidden']],
    [ann, `enrolments/${active.id}/grade`, { grade: 1 }, [403, 'forbidden']],
    [teacher, `enrolments/${active.id}/grade`, { grade: 2 }, [200]],
    [teacher, `courses/${course}/resize`, { capacity: 2 }, [200]],
    [teacher, `courses/${course}/resize`, { capacity: 1 }, [409, 'check_failed']],
  ]
  for (const [person, path, body, expected] of cases) assert.deepEqual(await act(person, path, body), expected, path)
})
