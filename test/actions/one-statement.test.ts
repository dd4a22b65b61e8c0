/** Actions as one statement: the same answers and tables as with several statements. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { type Random, randomFrom } from '../support/random.ts'
import { insertPeople, insertRows, type Person } from './action-world.ts'

const OWN = 'owner == auth.id'

const MODEL = modelFrom({
  name: 'desk',
  entities: {
    Person: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { read: 'id == auth.id', create: 'true' },
    },
    Account: {
      fields: {
        iban: { type: 'text', max: 40, unique: true },
        owner: { type: 'ref', entity: 'Person', set: 'auth.id' },
        balance: { type: 'decimal', precision: 10, scale: 2, min: 0, max: 5000 },
        label: { type: 'text', max: 20, optional: true },
        loud: { type: 'computed', expression: 'label + "!"' },
        seen: { type: 'timestamp', optional: true, set: 'now()', on: 'write' },
      },
      access: { read: OWN, create: OWN, update: OWN },
      actions: {
        rename: {
          allow: 'auth.id != null',
          input: { label: 'Account.label?', code: { type: 'integer', optional: true } },
          steps: [
            { require: 'input.code == null || input.code > 3', else: 'code_too_low' },
            { update: 'row', set: { label: 'input.label' } },
          ],
        },
        deposit: {
          as: 'system',
          allow: `${OWN} && balance < 4000`,
          input: { amount: 'Account.balance', booking: { ref: 'Booking', optional: true } },
          steps: [
            { require: 'row.balance + input.amount != 13' },
            { update: 'row', set: { balance: 'balance + input.amount', label: '"last " + row.iban' } },
            {
              create: 'Booking',
              set: { account: 'row', amount: 'input.amount', after: 'row.balance', previous: 'input.booking' },
              as: 'booking',
            },
          ],
          answer: { loud: 'row.loud', version: 'row.version', after: 'booking.after', booking: 'booking', text: 'booking.text' },
        },
      },
    },
    Booking: {
      fields: {
        account: { type: 'ref', entity: 'Account' },
        amount: { type: 'decimal', precision: 6, scale: 2 },
        after: { type: 'decimal', precision: 10, scale: 2, optional: true },
        previous: { type: 'ref', entity: 'Booking', optional: true },
        text: { type: 'text', default: 'none' },
        state: { type: 'choice', values: ['made', 'checked', 'gone'], default: 'made' },
      },
      access: { read: 'true', create: 'amount > 5' },
    },
    Mark: {
      // A new mark needs the row of its account, a change does not.
      fields: {
        account: { type: 'ref', entity: 'Account' },
        text: { type: 'text' },
        iban: { type: 'text', optional: true, set: 'account.iban' },
      },
      access: { read: 'true' },
      actions: {
        edit: {
          as: 'system',
          allow: 'auth.id != null',
          input: { text: 'Mark.text' },
          steps: [{ update: 'row', set: { text: 'input.text + iban' } }],
        },
      },
    },
  },
  workflows: {
    checking: {
      entity: 'Booking',
      field: 'state',
      transitions: {
        check: { from: 'made', to: 'checked', allow: 'auth.id != null', guard: 'amount != 7' },
        drop: {
          from: ['made', 'checked'],
          to: 'gone',
          allow: 'auth.id != null',
          as: 'system',
          steps: [{ update: 'row', set: { text: '"dropped"' } }],
        },
      },
    },
  },
  actions: {
    move: {
      as: 'system',
      allow: 'auth.id != null',
      input: { from: { ref: 'Account', by: 'iban', where: OWN }, to: { ref: 'Account', by: 'iban' }, amount: 'Booking.amount' },
      steps: [
        { require: 'input.from.balance >= input.amount', else: 'insufficient_funds' },
        { update: 'input.from', set: { balance: 'balance - input.amount' } },
        { update: 'input.to', set: { balance: 'balance + input.amount', label: '"got"' } },
        { create: 'Booking', set: { account: 'input.from', amount: '-input.amount' } },
        { create: 'Booking', set: { account: 'input.to', amount: 'input.amount' }, as: 'booked' },
      ],
      answer: { id: 'booked.id', balance: 'input.from.balance', other: 'input.to.balance', one: 1, nothing: null },
    },
    book: {
      allow: 'auth.id != null',
      input: { account: { ref: 'Account' }, amount: 'Booking.amount', text: 'Booking.text?' },
      steps: [{ create: 'Booking', set: { account: 'input.account', amount: 'input.amount', text: 'input.text' }, as: 'booking' }],
      answer: 'booking',
    },
    open: {
      allow: 'auth.id != null',
      input: { iban: 'Account.iban' },
      steps: [{ create: 'Account', set: { iban: 'input.iban', balance: '10' }, as: 'account' }],
      answer: 'account',
    },
  },
})

interface World {
  readonly world: TestBackend
  readonly people: readonly Person[]
  readonly accounts: readonly string[]
  readonly bookings: readonly string[]
  readonly marks: readonly string[]
}

const PEOPLE = 3
const IBANS = ['DE1', 'DE2', 'DE3', 'DE4', 'DE5']

async function openWorld(t: TestContext, short: boolean): Promise<World> {
  const world = await testBackend(t, MODEL, { short })
  const people = await insertPeople(
    world,
    'persons',
    Array.from({ length: PEOPLE }, (_, i) => ({ email: `p${i}@example.org` })),
  )
  const accounts = await insertRows(
    world,
    'accounts',
    IBANS.map((iban, i) => ({ iban, owner_id: people[i % 2]?.id, balance: 100 * i })),
  )
  const bookings = await insertRows(
    world,
    'bookings',
    [3, 7, 9, 9].map((amount) => ({ account_id: accounts[0], amount, text: 'x', state: 'made' })),
  )
  const marks = await insertRows(
    world,
    'marks',
    [0, 1, 2].map((i) => ({ account_id: accounts[i], text: 'x'.repeat(i), iban: IBANS[i] })),
  )
  return { world, people, accounts, bookings, marks }
}

interface Call {
  readonly action: string
  readonly caller: number
  /** The index of the row of a row action. */
  readonly row: number
  readonly body: (of: World) => unknown
  readonly version: string | null
}

function randomCall(random: Random): Call {
  const amount = random.pick(['1', '5.01', '7', '12.5', '13', '90', '400', '2000', '-3', '0'])
  const [i, j] = [random.below(IBANS.length + 1), random.below(IBANS.length)]
  const iban = (at: number): string => IBANS[at] ?? 'DE9'
  const [label] = random.pick<readonly (string | null | undefined)[]>([[undefined], [null], ['a'], ['long'.repeat(5)]])
  const version = random.chance(0.3) ? `"${random.pick([1, 2, 3])}"` : null
  const call = { caller: random.below(PEOPLE), row: random.below(IBANS.length), version }
  return random.pick<Call>([
    { ...call, action: 'accounts/rename', body: () => ({ ...(label === undefined ? {} : { label }), code: random.pick([2, 4]) }) },
    { ...call, action: 'accounts/deposit', body: ({ bookings }) => ({ amount, ...(i < 3 ? { booking: bookings[i] } : {}) }) },
    { ...call, action: 'bookings/check', body: () => ({}) },
    { ...call, action: 'bookings/drop', body: () => ({}) },
    { ...call, action: 'marks/edit', body: () => ({ text: `t${i}` }) },
    { ...call, action: 'move', body: () => ({ from: iban(i), to: iban(j), amount }) },
    { ...call, action: 'move', body: () => ({ from: iban(i), to: iban(j), amount }) },
    { ...call, action: 'book', body: ({ accounts }) => ({ account: accounts[j], amount, ...(i > 2 ? { text: `t${i}` } : {}) }) },
    { ...call, action: 'open', body: () => ({ iban: random.pick(['DE1', `NEW${random.below(1000)}`]) }) },
  ])
}

async function ask(of: World, { action, caller, row, version, body }: Call) {
  const [entity = '', name = ''] = action.split('/')
  const ids = { accounts: of.accounts, bookings: of.bookings, marks: of.marks }[entity] ?? []
  const path = name === '' ? `/api/actions/${action}` : `/api/${entity}/${ids[row] ?? '00000000-0000-7000-8000-000000000000'}/${name}`
  const headers = version === null ? {} : { 'if-match': version }
  const { status, text } = await of.world.ask('POST', path, { token: of.people[caller]?.token, headers, body: body(of) })
  return { status, text: plain(of, text) }
}

/** Replaces what differs between two runs: ids, times and trace ids. */
function plain({ people, accounts, bookings, marks }: World, text: string): string {
  const known = [...people.map(({ id }) => id), ...accounts, ...bookings, ...marks]
  return text
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => (known.includes(id) ? `known ${known.indexOf(id)}` : 'new'))
    .replace(/\d{4}-\d\d-\d\d[T ][\d:.]+(Z|\+00(:00)?)?/g, 'time')
    .replace(/"traceId":"[0-9a-f]+"/, '')
}

async function tables(of: World): Promise<readonly string[]> {
  const kinds = ['accounts', 'bookings', 'marks'].map((kind) => `select '${kind}' as kind, to_jsonb(t)::text as row from ${kind} t`)
  const all = await of.world.sql(kinds.join(' union all '))
  return all.map(({ kind, row }) => `${kind} ${plain(of, String(row))}`).toSorted()
}

test('one statement and several give the same answers and the same tables', async (t) => {
  const [one, several] = [await openWorld(t, true), await openWorld(t, false)]
  const statuses = new Map<string, number>()
  for (let seed = 0; seed < 400; seed++) {
    // Each world draws the same random body.
    const [a, b] = [await ask(one, randomCall(randomFrom(seed))), await ask(several, randomCall(randomFrom(seed)))]
    const { action } = randomCall(randomFrom(seed))
    assert.deepEqual(a, b, `seed ${seed}: ${action}`)
    statuses.set(`${action} ${a.status}`, (statuses.get(`${action} ${a.status}`) ?? 0) + 1)
  }
  assert.deepEqual(await tables(one), await tables(several))
  const outcomes = JSON.stringify([...statuses].toSorted())
  for (const action of ['accounts/rename', 'accounts/deposit', 'bookings/check', 'bookings/drop', 'marks/edit', 'move', 'book', 'open'])
    assert.ok((statuses.get(`${action} 200`) ?? 0) > 0, `${action} is done at least once: ${outcomes}`)
  const names = new Set(one.world.statements.filter(({ text }) => text.includes('"#go"')).map(({ name }) => name))
  assert.equal(names.size, 8, `every action is one statement: ${[...names].join(', ')}`)
  assert.ok(!several.world.statements.some(({ text }) => text.includes('"#go"')))
})

test('calls that name different rows share a statement, and each gets its own answer', async (t) => {
  const of = await openWorld(t, true)
  const token = of.people[0]?.token
  const deposit = async (i: number, amount: string) =>
    of.world.ask('POST', `/api/accounts/${of.accounts[i]}/deposit`, { token, body: { amount } })
  let total = 0
  for (let round = 0; round < 30; round++) {
    const asked = [0, 2, 4, 0, 1].map((account, i) => deposit(account, String(i + 1)))
    const answers = await Promise.all(asked)
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200, 404],
      answers.map(({ text }) => text).join('\n'),
    )
    // Two calls name the first account, and the database may do either first.
    const before = round * 5
    const firstIsBefore = Number(answers[0]?.json.after) < Number(answers[3]?.json.after)
    const [first, fourth] = firstIsBefore ? [before + 1, before + 5] : [before + 5, before + 4]
    assert.deepEqual(
      answers.slice(0, 4).map(({ json }) => json.after),
      [first, 202 + round * 2, 403 + round * 3, fourth].map((after) => after.toFixed(2)),
    )
    total += 10
  }
  const [sums] = await of.world.sql(
    'select (select sum(balance) from accounts)::int as balances, (select sum(amount) from bookings)::int as booked',
  )
  assert.deepEqual(sums, { balances: 1000 + total, booked: 28 + total })
  assert.ok(of.world.statements.some(({ text }) => text.includes('"#go"') && text.includes('unnest')))
})

test('a random value is stored as it is answered', async (t) => {
  const code = { type: 'text', max: 20, set: 'random(8)' }
  const model = modelFrom({
    name: 'codes',
    entities: { Voucher: { fields: { code, other: { type: 'text', max: 20 } }, access: { read: 'true' } } },
    actions: {
      issue: {
        as: 'system',
        allow: 'true',
        steps: [{ create: 'Voucher', set: { other: 'random(9)' }, as: 'voucher' }],
        answer: { code: 'voucher.code', other: 'voucher.other' },
      },
    },
  })
  const world = await testBackend(t, model)
  const { status, json, text } = await world.ask('POST', '/api/actions/issue')
  assert.equal(status, 200, text)
  assert.deepEqual([json], await world.sql('select code, other from vouchers'))
})
