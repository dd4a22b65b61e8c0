/** Actions in GraphQL: mutations and queries, their arguments, answers, errors and types. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { buildSchema, printSchema, validateSchema } from 'graphql'
import { parse } from 'yaml'
import { LIMITS } from '../../src/base/limits.ts'
import { graphqlNames } from '../../src/compile/graphql/names.ts'
import { graphqlApi } from '../../src/compile/graphql/schema.ts'
import { viewFor } from '../../src/compile/rules/view.ts'
import { ANONYMOUS, type Caller } from '../../src/model/caller.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { insertPeople, insertRows, openBank, openDesign, type Person } from './action-world.ts'

const TRANSFER = `mutation ($from: String!, $to: String!, $amount: Decimal!, $note: String) {
  done: transfer(from: $from, to: $to, amount: $amount, note: $note) { __typename left: balance id }
}`

/** The same schema without descriptions, in which the arguments of a field are on its line. */
function withoutDescriptions(text: string): string {
  return printSchema(buildSchema(text.replaceAll(/"""[\s\S]*?"""/g, '')))
}

type Variables = Readonly<Record<string, unknown>>

function asking(world: TestBackend) {
  return (person: Person | undefined, query: string, variables: Variables = {}, headers: Readonly<Record<string, string>> = {}) =>
    world.ask('POST', '/graphql', { token: person?.token, body: { query, variables }, headers })
}

async function openAccounts(t: TestContext) {
  const { world, owners, ibans } = await openBank(t)
  const [from = '', to = ''] = ibans
  const balances = async () => (await world.sql('select balance::text from accounts order by iban')).map(({ balance }) => balance)
  return { world, owner: owners[0], ibans: [from, to] as const, ask: asking(world), balances }
}

test('a transfer is a mutation with the selected parts of its answer', async (t) => {
  const { world, owner, ibans, ask, balances } = await openAccounts(t)
  const [from, to] = ibans
  const done = await ask(owner, TRANSFER, { from, to, amount: '12.50', note: 'rent' })
  const [transfer] = await world.sql('select id, note from transfers')
  assert.deepEqual(done.json, { data: { done: { __typename: 'TransferAnswer', left: '87.50', id: transfer?.id } } })
  assert.equal(transfer?.note, 'rent')
  assert.deepEqual(await balances(), ['87.50', '112.50'])
})

test('a transfer that is refused is null, with the code and the argument', async (t) => {
  const { world, owner, ibans, ask, balances } = await openAccounts(t)
  const [from, to] = ibans
  const cases = [
    [{ from, to: from, amount: '1' }, 'same_account', undefined],
    [{ from, to, amount: '1000' }, 'insufficient_funds', undefined],
    [{ from, to, amount: '0' }, 'validation_failed', '/amount'],
    [{ from, to: 'DE99', amount: '1' }, 'validation_failed', '/to'],
    [{ from: to, to: from, amount: '1' }, 'validation_failed', '/from'],
  ] as const
  for (const [variables, code, pointer] of cases) {
    const { status, json, text } = await ask(owner, TRANSFER, variables)
    const [error] = json.errors
    assert.deepEqual(
      [status, json.data, error.path, error.extensions.code, error.extensions.errors?.[0].pointer],
      [200, { done: null }, ['done'], code, pointer],
      text,
    )
  }
  const { json } = await ask(owner, TRANSFER, { from, to, amount: true })
  assert.deepEqual([json.data, json.errors[0].extensions.errors[0].pointer], [undefined, '/amount'])
  assert.deepEqual(await balances(), ['100.00', '100.00'])
  assert.deepEqual(await world.sql('select count(*)::int as n from transfers'), [{ n: 0 }])
})

test('several actions run in order, each in its transaction; @atomic puts them into one', async (t) => {
  const { owner, ibans, ask, balances } = await openAccounts(t)
  const [from, to] = ibans
  const one = (name: string, amount: number) => `${name}: transfer(from: "${from}", to: "${to}", amount: ${amount}) { balance }`
  const both = `${one('a', 60)} ${one('b', 60)}`
  const atomic = await ask(owner, `mutation @atomic { ${both} }`)
  assert.deepEqual([atomic.json.data, atomic.json.errors[0].path], [null, ['b']])
  assert.deepEqual(await balances(), ['100.00', '100.00'])
  const { json } = await ask(owner, `mutation { ${both} ${one('c', 10)} }`)
  assert.deepEqual(json.data, { a: { balance: '40.00' }, b: null, c: { balance: '30.00' } })
  assert.deepEqual(await balances(), ['30.00', '170.00'])
})

test('a repetition with the same Idempotency-Key moves nothing more', async (t) => {
  const { owner, ibans, ask, balances } = await openAccounts(t)
  const [from, to] = ibans
  const send = () => ask(owner, TRANSFER, { from, to, amount: '10' }, { 'idempotency-key': 'rent-2026-11' })
  const [first, again] = [await send(), await send()]
  assert.deepEqual(again.json, first.json)
  assert.equal(first.json.data.done.left, '90.00')
  assert.deepEqual(await balances(), ['90.00', '110.00'])
})

test('an action that reads is a query', async (t) => {
  const { world, owner, ibans, ask } = await openAccounts(t)
  const [from, to] = ibans
  await ask(owner, TRANSFER, { from, to, amount: '12.50', note: 'rent' })
  const [{ month } = {}] = await world.sql(`select to_char(now() at time zone 'utc', 'YYYY-MM') as month`)
  const query = `query ($account: String!, $month: String!) {
    accounts { nodes { iban } }
    statement(account: $account, month: $month) { opening closing entries { amount to note __typename } }
  }`
  const done = await ask(owner, query, { account: from, month })
  const entries = [{ amount: '-12.50', to, note: 'rent', __typename: 'StatementAnswerEntries' }]
  const accounts = { nodes: [{ iban: from }] }
  assert.deepEqual(done.json, { data: { accounts, statement: { opening: '0', closing: '-12.50', entries } } }, done.text)
  const refused = await ask(owner, query, { account: to, month })
  assert.deepEqual(refused.json.data, { accounts, statement: null })
  const [error] = refused.json.errors
  assert.deepEqual(
    [error.path, error.extensions.code, error.extensions.errors[0].pointer],
    [['statement'], 'validation_failed', '/account'],
  )
  assert.match((await ask(owner, `mutation { statement(account: "${from}", month: "2026-11") { opening } }`)).text, /invalid_document/)
})

async function openShop(t: TestContext) {
  const world = await openDesign(t, 'shop.yaml')
  const [staff, buyer, other] = await insertPeople(world, 'users', [
    { email: 'staff@example.org', role: 'staff' },
    { email: 'buyer@example.org', role: 'customer' },
    { email: 'other@example.org', role: 'customer' },
  ])
  const [product] = await insertRows(world, 'products', [{ name: 'pen', price: '2.50', stock: 5 }])
  const ask = asking(world)
  const filled = await ask(buyer, 'mutation ($product: UUID!) { addToCart(product: $product, quantity: 2) { total } }', { product })
  assert.deepEqual(filled.json, { data: { addToCart: { total: '5.00' } } }, filled.text)
  return { world, staff, buyer, other, ask }
}

test('a checkout answers its lines, and a transition answers the row that the document selects', async (t) => {
  const { world, staff, buyer, other, ask } = await openShop(t)
  const placed = await ask(buyer, 'mutation { checkout { order number total lines { product quantity price } } }')
  const { order: id, ...rest } = placed.json.data.checkout
  assert.deepEqual(rest, { number: 1, total: '5.00', lines: [{ product: 'pen', quantity: 2, price: '2.50' }] })
  const [error] = (await ask(buyer, 'mutation { checkout { order } }')).json.errors
  assert.deepEqual([error.message, error.extensions.code], ['the cart is empty', 'cart_empty'])

  const pay = 'mutation ($id: UUID!, $ifVersion: SafeInt) { payOrder(id: $id, ifVersion: $ifVersion) { status version } }'
  assert.equal((await ask(staff, pay, { id, ifVersion: 7 })).json.errors[0].extensions.code, 'stale_version')
  assert.deepEqual((await ask(staff, pay, { id, ifVersion: 1 })).json, { data: { payOrder: { status: 'paid', version: 2 } } })

  const cancel = `mutation ($id: UUID!, $first: Int) {
    cancelOrder(id: $id) { state: status customer { email } lines(first: $first) { totalCount nodes { quantity product { stock } } } }
  }`
  assert.equal((await ask(other, cancel, { id })).json.errors[0].extensions.code, 'not_found')
  const lines = { totalCount: 1, nodes: [{ quantity: 2, product: { stock: 5 } }] }
  const done = await ask(buyer, cancel, { id, first: 3 })
  assert.deepEqual(done.json, { data: { cancelOrder: { state: 'cancelled', customer: { email: 'buyer@example.org' }, lines } } }, done.text)
  assert.equal((await ask(buyer, cancel, { id, first: 5 })).json.errors[0].extensions.code, 'illegal_transition')
  assert.deepEqual(await world.sql('select stock::int from products'), [{ stock: 5 }])
})

test('the names and types of the bank and of the shop', async (t) => {
  const { world: bank, owner } = await openAccounts(t)
  const { world: shop, buyer } = await openShop(t)
  const textOf = async (world: TestBackend, person: Person | undefined) => {
    const { json } = await world.ask('GET', '/graphql/schema', { token: person?.token })
    return withoutDescriptions(json.sdl)
  }
  const [ofBank, ofShop] = [await textOf(bank, owner), await textOf(shop, buyer)]
  const scalars = { iban: 'String', date: 'Date', amount: 'Decimal', from: 'String', to: 'String', note: 'String' }
  const entry = ['date', 'amount', 'from', 'to', 'note'] as const
  for (const [text, part] of [
    [ofBank, 'transfer(from: String!, to: String!, amount: Decimal!, note: String): TransferAnswer\n'],
    [ofBank, 'type TransferAnswer {\n  id: UUID\n  balance: Decimal\n}'],
    [ofBank, 'statement(account: String!, month: String!): StatementAnswer\n'],
    [ofBank, 'closing: Decimal\n  entries: [StatementAnswerEntries!]!\n}'],
    [ofBank, `type StatementAnswerEntries {\n${entry.map((name) => `  ${name}: ${scalars[name]}\n`).join('')}}`],
    [ofShop, 'addToCart(product: UUID!, quantity: SafeInt!): AddToCartAnswer\n'],
    [ofShop, 'checkout: CheckoutAnswer\n'],
    [ofShop, 'lines: [CheckoutAnswerLines!]!\n}'],
    [ofShop, 'cancelOrder(id: UUID!, ifVersion: SafeInt): Order\n'],
  ] as const)
    assert.ok(text.includes(part), `${part}\n\n${text}`)
})

test('the schema has the actions of its callers', async (t) => {
  const { world, staff, buyer } = await openShop(t)
  const linesOf = async (person: Person | undefined) => {
    const { json } = await world.ask('GET', '/graphql/schema', { token: person?.token })
    const mutation = buildSchema(json.sdl).getMutationType()
    return Object.keys(mutation?.getFields() ?? {}).filter((name) => /^(addToCart|checkout|(pay|ship|cancel)Order)$/.test(name))
  }
  assert.deepEqual(await linesOf(undefined), [])
  assert.deepEqual(await linesOf(buyer), ['addToCart', 'checkout', 'cancelOrder'])
  assert.deepEqual(await linesOf(staff), ['addToCart', 'checkout', 'payOrder', 'shipOrder', 'cancelOrder'])
  const hidden = await asking(world)(buyer, 'mutation { payOrder(id: "x") { status } }')
  assert.deepEqual([hidden.status, hidden.json.errors[0].extensions.code], [200, 'invalid_document'])
})

const user: Caller = { claims: new Map([['id', '01900000-0000-7000-8000-0000000000a1']]), session: null }

const AWKWARD = {
  name: 'awkward',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { create: 'true' },
    },
    Note: {
      fields: {
        kind: { type: 'choice', values: ['short', 'long'] },
        size: { type: 'choice', values: ['a b', 'c'] },
        id2: { type: 'text' },
      },
      access: { read: 'true' },
      actions: {
        update: { allow: 'true', input: { kind: 'Note.kind', id: 'text?' }, steps: [{ update: 'row', set: { kind: 'input.kind' } }] },
        show: {
          allow: 'true',
          answer: { kind: 'row.kind', size: 'row.size', 'the id': 'row.id2', inner: { deep: { n: 1, on: true, no: null } } },
        },
      },
    },
    Secret: { fields: { text: { type: 'text' } }, access: {} },
    ListNotesAnswer: { fields: { text: { type: 'text' } }, access: { read: 'true' } },
  },
  actions: {
    note: {
      allow: 'true',
      input: { order: { type: 'choice', values: ['up', 'go down'], default: 'up' }, tags: { type: 'list', of: { type: 'text' } } },
      answer: 'input.order',
    },
    listNotes: {
      allow: 'true',
      steps: [{ list: 'Note', limit: 5, as: 'notes' }],
      answer: {
        rows: { each: 'n in notes', is: 'Note(n)' },
        kinds: { each: 'n in notes', is: 'n.kind' },
        byId: { each: 'n in notes', key: 'string(n.id)', is: { kind: 'n.kind' } },
        empty: {},
      },
    },
    keep: {
      allow: 'auth.id != null',
      as: 'system',
      steps: [{ create: 'Secret', set: { text: '"x"' }, as: 'secret' }],
      answer: 'Secret(secret)',
    },
    clear: { allow: 'auth.id != null', as: 'system', steps: [{ delete: 'Secret', where: 'true' }] },
    closed: { steps: [{ delete: 'Secret', where: 'true' }] },
  },
}

test('names that are taken, choices, rows and answers without parts have types of their own', () => {
  const model = modelFrom(AWKWARD)
  const schemaOf = (caller: Caller) => graphqlApi(viewFor(model, caller), graphqlNames(model), LIMITS).schema
  for (const caller of [ANONYMOUS, user]) assert.deepEqual(validateSchema(schemaOf(caller)), [])
  const text = withoutDescriptions(printSchema(schemaOf(user)))
  for (const part of [
    'note_(order: Note_Order, tags: [String!]!): String',
    'listNotes: ListNotesAnswer_\n',
    'updateNote_(id: UUID!, kind: NoteKind!, id_: String, ifVersion: SafeInt): Note',
    'showNote(id: UUID!): ShowNoteAnswer',
    'keep: Boolean',
    'clear: Boolean',
    'enum Note_Order {\n  up\n  go_down\n}',
    'type ListNotesAnswer_ {\n  rows: [Note]!\n  kinds: [NoteKind]!\n  byId: JSON!\n}',
    'type ShowNoteAnswer {\n  kind: NoteKind\n  size: String\n  the_id: String\n  inner: ShowNoteAnswerInner!\n}',
    'type ShowNoteAnswerInnerDeep {\n  n: SafeInt!\n  on: Boolean!\n  no: JSON\n}',
  ])
    assert.ok(text.includes(part), `${part}\n\n${text}`)
  assert.doesNotMatch(text, /closed/)
  assert.doesNotMatch(printSchema(schemaOf(ANONYMOUS)), /keep|clear/)
})

test('answers of rows, lists, objects with keys and nothing have the form of their types', async (t) => {
  const world = await testBackend(t, modelFrom(AWKWARD))
  const [person] = await insertPeople(world, 'users', [{ email: 'a@example.org' }])
  const [id] = await insertRows(world, 'notes', [{ kind: 'short', size: 'a b', id2: 'one' }])
  const ask = asking(world)
  const read = `query ($id: UUID!) {
    note_(tags: []) down: note_(order: go_down, tags: ["a"]) showNote(id: $id) { size the_id inner { deep { n on no } } }
    listNotes { rows { size kind } kinds byId }
  }`
  assert.deepEqual((await ask(person, read, { id })).json, {
    data: {
      note_: 'up',
      down: 'go down',
      showNote: { size: 'a b', the_id: 'one', inner: { deep: { n: 1, on: true, no: null } } },
      listNotes: { rows: [{ size: 'a_b', kind: 'short' }], kinds: ['short'], byId: { [String(id)]: { kind: 'short' } } },
    },
  })
  assert.deepEqual((await ask(person, 'mutation { keep clear }')).json, { data: { keep: true, clear: true } })
})

test('the example of the page on actions', async (t) => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/reference/logic.md'), 'utf8')
  const [, design = ''] = /^```yaml design\n([\s\S]*?)^```$/m.exec(page) ?? []
  const [, query = '', answer = ''] = /^```graphql\n([\s\S]*?)^```\n\n```json\n([\s\S]*?)^```$/m.exec(page) ?? []
  const world = await testBackend(t, modelFrom(parse(design)))
  const [person] = await insertPeople(world, 'customers', [{ email: 'a@example.org' }])
  await insertRows(
    world,
    'accounts',
    ['DE01', 'DE02'].map((iban) => ({ iban, owner_id: person?.id, balance: 100 })),
  )
  const { json } = await asking(world)(person, query)
  for (const error of json.errors) delete error.extensions.traceId
  assert.deepEqual(json, JSON.parse(answer))
})
