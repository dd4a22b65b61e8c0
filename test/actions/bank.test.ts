/** The bank: transfers with double entry. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { testBackend } from '../support/backend.ts'
import { RUN_SEED, randomFrom } from '../support/random.ts'
import { openBank } from './action-world.ts'

async function openTransfers(t: TestContext, { accounts, balance = 1_000 }: { readonly accounts: number; readonly balance?: number }) {
  const bank = await openBank(t, { accounts, balance })
  const { world, owners, ibans } = bank
  const ask = (caller: number | null, body: unknown) =>
    world.ask('POST', '/api/actions/transfer', { token: caller === null ? undefined : owners[caller]?.token, body })
  const transfer = (from: number, to: number, amount: string, more: Readonly<Record<string, unknown>> = {}) =>
    ask(from, { from: ibans[from], to: ibans[to], amount, ...more })
  return { ...bank, ask, transfer }
}

test('a transfer moves money and books both sides', async (t) => {
  const { world, transfer, ibans } = await openTransfers(t, { accounts: 2 })
  const done = await transfer(0, 1, '12.50', { note: 'rent' })
  assert.equal(done.status, 200, done.text)
  assert.equal(done.json.balance, '987.50')
  assert.deepEqual(await world.sql('select iban, balance::text, version::int from accounts order by iban'), [
    { iban: ibans[0], balance: '987.50', version: 2 },
    { iban: ibans[1], balance: '1012.50', version: 2 },
  ])
  assert.deepEqual(await world.sql('select amount::text, transfer_id from entries order by amount'), [
    { amount: '-12.50', transfer_id: done.json.id },
    { amount: '12.50', transfer_id: done.json.id },
  ])
  assert.deepEqual(await world.sql('select note from transfers'), [{ note: 'rent' }])
})

test('a transfer that is refused changes nothing', async (t) => {
  const { world, transfer, ask, owners, ibans } = await openTransfers(t, { accounts: 3, balance: 100 })
  const cases = [
    [await transfer(0, 0, '1'), 422, 'same_account', undefined],
    [await transfer(0, 1, '100.01'), 409, 'insufficient_funds', undefined],
    [await transfer(0, 1, '0'), 400, 'validation_failed', '/amount'],
    [await transfer(0, 1, 'x'), 400, 'validation_failed', '/amount'],
    [await ask(0, { from: ibans[1], to: ibans[0], amount: '1' }), 400, 'validation_failed', '/from'],
    [await ask(0, { from: ibans[0], to: 'DE99', amount: '1' }), 400, 'validation_failed', '/to'],
    [await ask(0, { from: ibans[0], to: ibans[1] }), 400, 'validation_failed', '/amount'],
    [await ask(0, { from: ibans[0], to: ibans[1], amount: '1', amonut: 2 }), 400, 'validation_failed', '/amonut'],
    [await ask(null, { from: ibans[0], to: ibans[1], amount: '1' }), 401, 'not_signed_in', undefined],
    [await world.ask('GET', '/api/actions/transfer', { token: owners[0]?.token }), 405, 'method_not_allowed', undefined],
    [await world.ask('POST', '/api/actions/transfers', { token: owners[0]?.token, body: {} }), 404, 'route_not_found', undefined],
  ] as const
  for (const [{ status, json, text }, expected, code, pointer] of cases)
    assert.deepEqual([status, json.code, json.errors?.[0]?.pointer], [expected, code, pointer], text)
  assert.deepEqual(await world.sql('select distinct balance::text from accounts'), [{ balance: '100.00' }])
  assert.deepEqual(await world.sql('select count(*)::int as n from entries'), [{ n: 0 }])
})

test('a repetition with the same Idempotency-Key moves nothing more', async (t) => {
  const { world, owners, ibans } = await openTransfers(t, { accounts: 2 })
  const asked = {
    token: owners[0]?.token,
    body: { from: ibans[0], to: ibans[1], amount: '10' },
    headers: { 'idempotency-key': 'rent-2026-11' },
  }
  const [first, again] = [await world.ask('POST', '/api/actions/transfer', asked), await world.ask('POST', '/api/actions/transfer', asked)]
  assert.deepEqual([first.status, again.status, again.json], [200, 200, first.json])
  assert.deepEqual(await world.sql('select count(*)::int as n from transfers'), [{ n: 1 }])
})

test(`random transfers in all directions keep the sum, and every balance is the sum of its entries (SEED=${RUN_SEED})`, async (t) => {
  const random = randomFrom(RUN_SEED)
  const [accounts, callers] = [10, 32]
  const { world, ibans, owners } = await openTransfers(t, { accounts, balance: 100 })
  // One instance never sends two calls for one account at once, so the calls of two instances wait for each other.
  const second = await testBackend(t, world.model, { databaseUrl: world.databaseUrl })
  const tokens = await Promise.all(owners.map(({ id }) => second.tokenFor(id)))
  const transfer = (from: number, to: number, amount: string) => {
    const body = { from: ibans[from], to: ibans[to], amount }
    const [instance, token] = random.chance(0.5) ? [world, owners[from]?.token] : [second, tokens[from]]
    return instance.ask('POST', '/api/actions/transfer', { token, body })
  }
  let left = 1_000
  const codes = new Map<string, number>()
  const caller = async (): Promise<void> => {
    while (left-- > 0) {
      const { status, json } = await transfer(random.below(accounts), random.below(accounts), ((random.below(4_000) + 1) / 100).toFixed(2))
      const code = status === 200 ? 'done' : String(json.code)
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const outcomes = JSON.stringify([...codes])
  assert.deepEqual([...codes.keys()].toSorted(), ['done', 'insufficient_funds', 'same_account'], outcomes)
  assert.ok((codes.get('done') ?? 0) > 300, outcomes)
  const booked = 'balance = 100 + coalesce((select sum(amount) from entries e where e.account_id = a.id), 0)'
  const [sums] = await world.sql(
    `select sum(balance)::text as total, min(balance) >= 0 as positive, bool_and(${booked}) as booked from accounts a`,
  )
  assert.deepEqual(sums, { total: '1000.00', positive: true, booked: true })
})
