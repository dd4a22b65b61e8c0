/** Mutations other than a single create, update or delete: upserts, increments, many rows at once, and idempotent documents. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import { newPem } from '../identity/instances.ts'
import { type Answered, modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { SEEDED } from '../support/random.ts'

const id = (end: string) => `01900000-0000-7000-8000-${end.padStart(12, '0')}`

/**
 * Counters of several owners. Some counters are hidden from other callers, some hide only their code, and a caller may create counters that
 * the caller may not update.
 */
const design = {
  name: 'counters',
  entities: {
    Person: {
      identity: { login: 'email', password: 'password' },
      fields: { name: { type: 'text' }, email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { read: 'true', create: 'true', update: 'id == auth.id' },
    },
    Counter: {
      fields: {
        shop: { type: 'text', max: 20 },
        name: { type: 'text', max: 20 },
        code: { type: 'text', max: 20, optional: true, unique: true, read: 'open || owner.id == auth.id' },
        hits: { type: 'integer', default: 0, max: 1_000 },
        price: { type: 'decimal', precision: 10, scale: 2, optional: true },
        open: { type: 'boolean', default: true },
        hidden: { type: 'boolean', default: false },
        owner: { type: 'ref', entity: 'Person', inverse: 'counters', default: { expression: 'auth.id' }, immutable: true },
      },
      unique: [['shop', 'name']],
      access: {
        read: '!hidden || owner.id == auth.id',
        create: 'auth.id != null && shop != "closed"',
        update: 'owner.id == auth.id && hits >= 0',
        delete: 'owner.id == auth.id',
      },
    },
    Mark: {
      fields: { text: { type: 'text' }, counter: { type: 'ref', entity: 'Counter', inverse: 'marks', onDelete: 'cascade' } },
      access: { read: 'true', create: 'true' },
    },
    Page: {
      softDelete: true,
      fields: { slug: { type: 'text', max: 20, unique: true } },
      access: { read: 'true', create: 'true', update: 'true', delete: 'true' },
    },
    Tag: {
      fields: { id: { type: 'text', max: 20 }, label: { type: 'text' } },
      access: { read: 'true', create: 'true', update: 'true' },
    },
  },
}

interface World {
  readonly backend: TestBackend
  readonly ann: string
  readonly bob: string
}

async function world(t: TestContext, options: Parameters<typeof testBackend>[2] = {}): Promise<World> {
  const backend = await testBackend(t, modelFrom(design), {
    observe: (o) => {
      if (o.kind === 'defect') assert.fail(String(o.error))
    },
    ...options,
  })
  await backend.sql(
    `insert into persons (id, name, email, password) values ('${id('a')}', 'Ann', 'ann@example.com', 'x'), ('${id('b')}', 'Bob', 'bob@example.com', 'x') on conflict do nothing`,
  )
  return { backend, ann: await backend.tokenFor(id('a')), bob: await backend.tokenFor(id('b')) }
}

interface Sending {
  readonly token?: string
  readonly variables?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

function send({ ask }: TestBackend, query: string, { token, variables, headers }: Sending = {}): Promise<Answered> {
  return ask('POST', '/graphql', {
    headers: { accept: 'application/graphql-response+json', ...headers },
    ...(token === undefined ? {} : { token }),
    body: { query, variables },
  })
}

const UPSERT = `mutation ($where: CounterKey!, $create: CreateCounterInput!, $update: UpdateCounterInput, $increment: CounterIncrement) {
  upsertCounter(where: $where, create: $create, update: $update, increment: $increment) { id created counter { shop name hits version owner { name } } }
}`

const codes = (answer: Answered): readonly string[] =>
  (answer.json.errors ?? []).map((e: { extensions: { code: string } }) => e.extensions.code)

test('a payload shows related rows after the write, omits rows that the write has hidden, and counts new rows', async (t) => {
  const { backend, ann } = await world(t)
  const counter = (await backend.ask('POST', '/api/counters', { token: ann, body: { shop: 'north', name: 'door' } })).json.id
  const MARK = `mutation ($input: CreateMarkInput!, $text: String) {
    createMark(input: $input) { mark { text counter { marks(filter: { text: { ne: $text } }, first: 5) { nodes { text } totalCount } } } }
  }`
  const mark = (text: string) => send(backend, MARK, { variables: { input: { text, counter }, text: 'two' } })
  await mark('one')
  await mark('two')
  const third = await mark('three')
  const marks = { nodes: [{ text: 'one' }, { text: 'three' }], totalCount: 2 }
  assert.deepEqual(third.json.data, { createMark: { mark: { text: 'three', counter: { marks } } } }, third.text)
  const HIDE = `mutation ($id: UUID!, $hidden: Boolean) {
    updateCounter(id: $id, input: { hidden: $hidden }) { id counter { hidden owner { counters { nodes { name hidden } totalCount } } } }
  }`
  const hide = await send(backend, HIDE, { token: ann, variables: { id: counter, hidden: true } })
  const counters = { nodes: [{ name: 'door', hidden: true }], totalCount: 1 }
  assert.deepEqual(hide.json.data.updateCounter.counter, { hidden: true, owner: { counters } }, hide.text)
})

test('an upsert creates a missing row and updates an existing row', async (t) => {
  const { backend, ann } = await world(t)
  const variables = {
    where: { shop_name: { shop: 'north', name: 'door' } },
    create: { shop: 'north', name: 'door', hits: 1 },
    increment: { hits: 5 },
  }
  const first = await send(backend, UPSERT, { token: ann, variables })
  assert.deepEqual(first.json.errors, undefined, first.text)
  const { id: made, ...created } = first.json.data.upsertCounter
  assert.deepEqual(created, { created: true, counter: { shop: 'north', name: 'door', hits: 1, version: 1, owner: { name: 'Ann' } } })
  const second = (await send(backend, UPSERT, { token: ann, variables })).json.data.upsertCounter
  assert.deepEqual(second, {
    id: made,
    created: false,
    counter: { shop: 'north', name: 'door', hits: 6, version: 2, owner: { name: 'Ann' } },
  })
  const bare = await send(
    backend,
    'mutation { one: upsertTag(where: { id: "x" }, create: { id: "x", label: "X" }, update: { label: "Y" }) { id created } two: upsertTag(where: { id: "x" }, create: { id: "x", label: "X" }, update: { label: "Y" }) { __typename created tag { label } } }',
  )
  assert.deepEqual(bare.json.data, {
    one: { id: 'x', created: true },
    two: { __typename: 'UpsertTagPayload', created: false, tag: { label: 'Y' } },
  })
})

test('a soft-deleted row does not block an upsert', async (t) => {
  const { backend } = await world(t)
  const upsert = 'mutation { upsertPage(where: { slug: "a" }, create: { slug: "a" }, update: {}) { id created } }'
  const upserted = async () => (await send(backend, upsert)).json.data.upsertPage
  const first = await upserted()
  assert.deepEqual([first.created, await upserted()], [true, { id: first.id, created: false }])
  await send(backend, `mutation { deletePage(id: "${first.id}") { id } }`)
  assert.equal((await upserted()).created, true)
})

test('both inputs of an upsert are always checked, and problems have pointers', async (t) => {
  const { backend, ann } = await world(t)
  const problemsOf = async (given: object) => {
    const variables = { where: { code: 'c1' }, create: { shop: 's', name: 'n' }, update: {}, ...given }
    const answer = await send(backend, UPSERT, { token: ann, variables })
    return answer.json.errors?.[0].extensions.errors.map((e: { pointer: string; rule: string }) => [e.pointer, e.rule])
  }
  assert.deepEqual(await problemsOf({ create: { shop: 's', name: 'n', hits: 5_000 } }), [['/create/hits', 'maximum']])
  assert.deepEqual(await problemsOf({ update: { name: 'x'.repeat(21) } }), [['/update/name', 'maxLength']])
  assert.deepEqual(await problemsOf({ create: { shop: 's', name: 'n', code: 'c2' } }), [['/create/code', 'const']])
  assert.deepEqual(await problemsOf({ update: { hits: 1 }, increment: { hits: 1 } }), [['/increment/hits', 'increment']])
  assert.equal((await backend.sql('select count(*)::int as n from counters'))[0]?.n, 0)
  assert.equal(await problemsOf({}), undefined)
  assert.deepEqual(await problemsOf({ increment: { hits: 2_000 } }), [['/increment/hits', 'range']])
  const [row] = await backend.sql('select code, hits::int from counters')
  assert.deepEqual(row, { code: 'c1', hits: 0 })
  assert.match((await send(backend, UPSERT, { token: ann, variables: { where: {}, create: { shop: 's', name: 'n' } } })).text, /CounterKey/)
})

test('the create of an upsert requires all required fields, including its key; an optional key comes from where', async (t) => {
  const { backend, ann } = await world(t)
  const upsert = (where: object, create: object) => send(backend, UPSERT, { token: ann, variables: { where, create, update: {} } })
  const required = await upsert({ shop_name: { shop: 's', name: 'n' } }, { shop: 's' })
  assert.deepEqual([required.status, codes(required)], [400, ['validation_failed']], required.text)
  assert.equal(required.json.errors[0].extensions.errors[0].pointer, '/create')
  const optional = await upsert({ code: 'c1' }, { shop: 's', name: 'n' })
  assert.equal(optional.json.data?.upsertCounter.created, true, optional.text)
  assert.deepEqual(await backend.sql('select code from counters'), [{ code: 'c1' }])
  const again = await upsert({ code: 'c1' }, { shop: 'other', name: 'other' })
  assert.equal(again.json.data?.upsertCounter.created, false, again.text)
})

test('an upsert applies the create rule to new rows and the update rule to existing rows', async (t) => {
  const { backend, ann, bob } = await world(t)
  const at = (shop: string) => ({ where: { shop_name: { shop, name: 'n' } }, create: { shop, name: 'n' }, update: { hits: 7 } })
  assert.deepEqual(codes(await send(backend, UPSERT, { token: ann, variables: at('closed') })), ['forbidden'])
  assert.equal((await send(backend, UPSERT, { token: ann, variables: at('open') })).json.data.upsertCounter.created, true)
  assert.deepEqual(codes(await send(backend, UPSERT, { token: bob, variables: at('open') })), ['forbidden'])
  const [row] = await backend.sql('select hits::int, owner_id::text from counters')
  assert.deepEqual(row, { hits: 0, owner_id: id('a') })
  assert.match((await send(backend, UPSERT, { variables: at('open') })).text, /Cannot query field|Unknown type/)
})

test('an upsert reveals no more of a hidden row than a create', async (t) => {
  const { backend, ann, bob } = await world(t)
  await send(
    backend,
    'mutation { createCounters(inputs: [{ shop: "s", name: "secret", hidden: true }, { shop: "s", name: "half", open: false, code: "c" }]) { id } }',
    { token: ann },
  )
  const create = 'mutation ($create: CreateCounterInput!) { createCounter(input: $create) { id } }'
  for (const { where, input } of [
    { where: { shop_name: { shop: 's', name: 'secret' } }, input: { shop: 's', name: 'secret' } },
    { where: { code: 'c' }, input: { shop: 's', name: 'other', code: 'c' } },
  ]) {
    const created = await send(backend, create, { token: bob, variables: { create: input } })
    const upserted = await send(backend, UPSERT, { token: bob, variables: { where, create: input, update: { hits: 9 } } })
    const told = ({ json }: Answered) =>
      JSON.stringify({ ...json.errors[0], path: null }).replaceAll(/"traceId":"\w+"|\/(?:create|input)(?=\/)/g, '')
    assert.deepEqual(codes(created), ['already_taken'])
    assert.equal(told(upserted), told(created))
  }
  assert.deepEqual(await backend.sql('select distinct hits::int from counters'), [{ hits: 0 }])
})

test('of many concurrent upserts of a new row on two instances, one creates it and the others update it', async (t) => {
  const keys = readKeys('AUTH_KEYS', newPem())
  const { backend, ann } = await world(t, { keys })
  const other = await world(t, { keys, databaseUrl: backend.databaseUrl })
  const document = (atomic: string) =>
    `mutation ($where: CounterKey!, $create: CreateCounterInput!) ${atomic} { upsertCounter(where: $where, create: $create, increment: { hits: 1 }) { created } }`
  for (let round = 0; round < 30; round++) {
    const variables = {
      where: { shop_name: { shop: 'race', name: `${round}` } },
      create: { shop: 'race', name: `${round}`, hits: 1, marks: [{ text: 'first' }] },
    }
    const query = document(round % 2 === 0 ? '' : '@atomic')
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => send((i % 2 === 0 ? backend : other.backend) as TestBackend, query, { token: ann, variables })),
    )
    assert.deepEqual(
      answers.flatMap((a) => codes(a)),
      [],
    )
    assert.equal(answers.filter((a) => a.json.data.upsertCounter.created).length, 1)
  }
  assert.deepEqual(await backend.sql('select count(*)::int as n, min(hits)::int, max(hits)::int from counters'), [
    { n: 30, min: 12, max: 12 },
  ])
  // Only the nested rows of the upsert that created the row exist.
  assert.deepEqual(await backend.sql('select count(*)::int as n from marks'), [{ n: 30 }])
})

test('of many concurrent upserts of a row with a client-chosen id, one creates it and the others update it', async (t) => {
  const { backend } = await world(t)
  const query =
    'mutation ($id: String!, $own: String!) { upsertTag(where: { id: $id }, create: { id: $id, label: $own }, update: { label: "changed" }) { created tag { label } } }'
  for (let round = 0; round < 10; round++) {
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, i) => send(backend, query, { variables: { id: `race ${round}`, own: `by ${i}` } })),
    )
    assert.deepEqual(answers.flatMap(codes), [])
    const labels = answers.map(({ json }, i) => [json.data.upsertTag.created, json.data.upsertTag.tag.label, i])
    assert.deepEqual(
      labels.filter(([created]) => created).map(([, label, i]) => label === `by ${i}`),
      [true],
    )
    assert.ok(
      labels.every(([created, label]) => created || label === 'changed'),
      JSON.stringify(labels),
    )
  }
  assert.deepEqual(await backend.sql('select distinct label from tags'), [{ label: 'changed' }])
})

test('within @atomic, an upsert that loses a race keeps the transaction usable, and a refused upsert rolls it back', async (t) => {
  const { backend, ann, bob } = await world(t)
  await send(backend, 'mutation { createCounter(input: { shop: "s", name: "secret", hidden: true }) { id } }', { token: ann })
  const twice = (name: string) => `mutation @atomic {
    a: upsertCounter(where: { shop_name: { shop: "s", name: "new" } }, create: { shop: "s", name: "new", hits: 1 }, increment: { hits: 1 }) { created counter { hits } }
    b: upsertCounter(where: { shop_name: { shop: "s", name: "${name}" } }, create: { shop: "s", name: "${name}" }, increment: { hits: 1 }) { created counter { hits } }
  }`
  const refused = await send(backend, twice('secret'), { token: bob })
  assert.deepEqual([refused.json.data, codes(refused), refused.json.errors[0].path], [null, ['already_taken'], ['b']])
  assert.equal((await backend.sql('select count(*)::int as n from counters'))[0]?.n, 1)
  const done = await send(backend, twice('new'), { token: bob })
  assert.deepEqual(done.json.data, { a: { created: true, counter: { hits: 1 } }, b: { created: false, counter: { hits: 2 } } })
})

/** The same without upsert: read, then update or create. */
async function byRest({ ask }: TestBackend, token: string, step: Step): Promise<string> {
  const { shop, name, code, by, hits, hidden, open } = step
  const filter = by === 'code' ? `filter[code]=${code}` : `filter[shop]=${shop}&filter[name]=${name}`
  const found = await ask('GET', `/api/counters?${filter}&fields=id`, { token })
  const [row] = found.json.data
  const body = row === undefined ? { shop, name, code, hits, hidden, open } : { hits: { increment: hits } }
  const answer = await ask(row === undefined ? 'POST' : 'PATCH', row === undefined ? '/api/counters' : `/api/counters/${row.id}`, {
    token,
    body,
  })
  return answer.status < 300 ? (answer.status === 201 ? 'created' : 'changed') : answer.json.code
}

async function byUpsert(backend: TestBackend, token: string, step: Step): Promise<string> {
  const { shop, name, code, by, hits, hidden, open } = step
  const variables = {
    where: by === 'code' ? { code } : { shop_name: { shop, name } },
    create: { shop, name, code, hits, hidden, open },
    increment: { hits },
  }
  const answer = await send(backend, UPSERT, { token, variables })
  const payload = answer.json.data?.upsertCounter ?? null
  return payload === null ? String(codes(answer)[0]) : payload.created ? 'created' : 'changed'
}

const step = fc.record({
  caller: fc.constantFrom('ann' as const, 'bob' as const),
  by: fc.constantFrom('code' as const, 'name' as const),
  shop: fc.constantFrom('s', 't', 'closed'),
  name: fc.constantFrom('a', 'b'),
  code: fc.constantFrom('c', 'd', 'e'),
  hits: fc.constantFrom(1, 2, 600),
  hidden: fc.boolean(),
  open: fc.boolean(),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

test('random upserts have the same effect as reading first and then updating or creating', async (t) => {
  const [one, two] = [await world(t), await world(t)]
  const seen = new Map<string, number>()
  const rows = ({ backend }: World) =>
    backend.sql('select shop, name, code, hits::int, hidden, open, owner_id, version::int from counters order by 1, 2')
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      for (const { backend } of [one, two]) await backend.sql('delete from counters')
      for (const each of steps) {
        const [reference, upserted] = [
          await byRest(one.backend, one[each.caller], each),
          await byUpsert(two.backend, two[each.caller], each),
        ]
        assert.equal(upserted, reference, JSON.stringify(each))
        seen.set(reference, (seen.get(reference) ?? 0) + 1)
      }
      assert.deepEqual(await rows(two), await rows(one))
    }),
    { numRuns: Number(process.env.GRAPHQL_RUNS ?? 60), ...SEEDED },
  )
  for (const outcome of ['created', 'changed', 'already_taken', 'forbidden', 'validation_failed'])
    assert.ok((seen.get(outcome) ?? 0) > 3, outcome)
})

test('increments apply to the current value, with the checks of REST', async (t) => {
  const { backend, ann } = await world(t)
  const made = await send(backend, 'mutation { createCounter(input: { shop: "s", name: "n", price: "1.50" }) { id } }', { token: ann })
  const counter = made.json.data.createCounter.id
  const add = 'mutation ($id: UUID!, $by: CounterIncrement!) { updateCounter(id: $id, increment: $by) { counter { hits price } } }'
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => send(backend, add, { token: ann, variables: { id: counter, by: { hits: 2, price: '0.25' } } })),
  )
  assert.ok(answers.every((a) => a.json.errors === undefined))
  assert.deepEqual(await backend.sql('select hits::int, price::text from counters'), [{ hits: 100, price: '14.00' }])
  for (const by of [{ hits: 5_000 }, { price: '0.001' }, { price: '1e9' }]) {
    const [name = ''] = Object.keys(by)
    const rest = await backend.ask('PATCH', `/api/counters/${counter}`, {
      token: ann,
      body: { [name]: { increment: (by as Record<string, unknown>)[name] } },
    })
    const graphql = await send(backend, add, { token: ann, variables: { id: counter, by } })
    assert.ok(rest.status >= 400, rest.text)
    assert.deepEqual(
      graphql.json.errors[0].extensions.errors,
      rest.json.errors.map((problem: object) => ({ ...problem, pointer: `/increment/${name}` })),
    )
  }
})

test('a field that is both set and incremented is a problem of its own mutation only', async (t) => {
  const { backend, ann } = await world(t)
  const made = await send(backend, 'mutation { createCounter(input: { shop: "s", name: "n" }) { id } }', { token: ann })
  const id = made.json.data.createCounter.id
  const answer = await send(
    backend,
    `mutation {
      both: updateCounter(id: "${id}", input: { hits: 1 }, increment: { hits: 1 }) { id }
      either: upsertCounter(where: { code: "c" }, create: { shop: "s", name: "u" }, update: { hits: 1 }, increment: { hits: 1 }) { id }
      one: updateCounter(id: "${id}", increment: { hits: 1 }) { counter { hits } }
    }`,
    { token: ann },
  )
  assert.deepEqual(answer.json.data, { both: null, either: null, one: { counter: { hits: 1 } } })
  const problem = { pointer: '/increment/hits', rule: 'increment', message: 'is set already' }
  assert.deepEqual(
    answer.json.errors.map((e: { path: unknown; extensions: { errors: unknown } }) => [e.path, e.extensions.errors]),
    [
      [['both'], [problem]],
      [['either'], [problem]],
    ],
  )
})

test('pointers lead through the arguments of the field to the value of the caller', async (t) => {
  const { backend, ann } = await world(t)
  const made = await send(backend, 'mutation { createCounter(input: { shop: "s", name: "n" }) { id } }', { token: ann })
  const counter = made.json.data.createCounter.id
  const long = 'x'.repeat(21)
  const pointers = async (field: string, variables: object, declared = '') => {
    const answer = await send(backend, `mutation ${declared} { ${field} { __typename } }`, {
      token: ann,
      variables: { id: counter, ...variables },
    })
    return answer.json.errors?.[0].extensions.errors.map((problem: { pointer: string }) => problem.pointer)
  }
  const create = (input: object) => pointers('createCounter(input: $input)', { input }, '($input: CreateCounterInput!)')
  assert.deepEqual(await create({ shop: long, name: 'x', hits: 5_000 }), ['/input/shop', '/input/hits'])
  // A value of the wrong type is refused before execution, with a pointer into the variables.
  assert.deepEqual(await create({ shop: 's', name: 'x', hits: 'many' }), ['/input/hits'])
  assert.deepEqual(await create({ shop: 's', name: 'n' }), ['/input/name', '/input/shop'])
  assert.deepEqual(await create({ shop: 's', name: 'm', marks: [{ text: 'a' }, { text: 'nul\u0000' }] }), ['/input/marks/1/text'])
  const many = (inputs: readonly object[]) => pointers('createCounters(inputs: $inputs)', { inputs }, '($inputs: [CreateCounterInput!]!)')
  assert.deepEqual(
    await many([
      { shop: 's', name: 'x' },
      { shop: 's', name: 'y', marks: [{ text: 'nul\u0000' }] },
    ]),
    ['/inputs/1/marks/0/text'],
  )
  assert.deepEqual(await many([]), ['/inputs'])
  const update = (given: object) =>
    pointers(
      'updateCounter(id: $id, input: $input, increment: $increment)',
      given,
      '($id: UUID!, $input: UpdateCounterInput, $increment: CounterIncrement)',
    )
  assert.deepEqual(await update({ input: { shop: long }, increment: { price: '0.001' } }), ['/input/shop', '/increment/price'])
  assert.deepEqual(await update({ increment: { hits: 5_000 } }), ['/increment/hits'])
  assert.deepEqual(await update({ increment: { price: '1.00' } }), ['/increment/price'])
  assert.deepEqual(await update({ input: { hits: 1 }, increment: { hits: 1 } }), ['/increment/hits'])
  const upsert = (given: object) =>
    pointers(
      'upsertCounter(where: $where, create: $create, update: $update, increment: $increment)',
      { where: { code: 'c' }, create: { shop: 's', name: 'u' }, ...given },
      '($where: CounterKey!, $create: CreateCounterInput!, $update: UpdateCounterInput, $increment: CounterIncrement)',
    )
  assert.deepEqual(await upsert({ create: { shop: long, name: 'u' } }), ['/create/shop'])
  // The value is only in `where`, because `create` leaves it out.
  assert.deepEqual(await upsert({ where: { code: long } }), ['/where/code'])
  assert.deepEqual(await upsert({ update: { shop: long } }), ['/update/shop'])
  assert.deepEqual(await upsert({ increment: { price: '0.001' } }), ['/increment/price'])
  assert.equal(await upsert({}), undefined)
  assert.deepEqual(await upsert({ increment: { hits: 5_000 } }), ['/increment/hits'])
  assert.deepEqual(await upsert({ update: { name: 'n' } }), ['/update/name'])
})

test('one mutation creates many rows, all or none', async (t) => {
  const { backend, ann } = await world(t)
  const query = 'mutation ($inputs: [CreateCounterInput!]!) { createCounters(inputs: $inputs) { id counter { name owner { name } } } }'
  const inputs = Array.from({ length: 40 }, (_, i) => ({ shop: 's', name: `n${i}` }))
  backend.statements.length = 0
  const made = await send(backend, query, { token: ann, variables: { inputs } })
  assert.deepEqual(
    made.json.data.createCounters.map((p: { counter: unknown }) => p.counter),
    inputs.map(({ name }) => ({ name, owner: { name: 'Ann' } })),
  )
  assert.deepEqual(
    backend.statements.filter((s) => s.name !== 'session.state').map((s) => s.name),
    ['create Counter'],
  )
  const ids = await backend.sql('select id::text from counters order by id')
  assert.deepEqual(
    made.json.data.createCounters.map((p: { id: string }) => p.id).toSorted(),
    ids.map((row) => row.id),
  )
  const bad = await send(backend, query, {
    token: ann,
    variables: {
      inputs: [
        { shop: 's', name: 'x' },
        { shop: 's', name: 'x', hits: -1, open: true },
        { shop: 's', name: 'y'.repeat(21) },
      ],
    },
  })
  assert.deepEqual([bad.json.data, bad.json.errors[0].extensions.errors[0].pointer], [{ createCounters: null }, '/inputs/2/name'])
  const taken = await send(backend, query, {
    token: ann,
    variables: {
      inputs: [
        { shop: 's', name: 'x' },
        { shop: 's', name: 'n3' },
      ],
    },
  })
  assert.deepEqual([codes(taken), taken.json.errors[0].extensions.errors[0].pointer], [['already_taken'], '/inputs/1/name'])
  const many = await send(backend, 'mutation ($inputs: [CreateCounterInput!]!) { createCounters(inputs: $inputs) { id } }', {
    token: ann,
    variables: { inputs: Array.from({ length: 1_001 }, (_, i) => ({ shop: 'm', name: `m${i}` })) },
  })
  assert.equal(many.json.errors[0].extensions.errors?.[0].rule, 'maxItems', many.text)
  assert.equal((await backend.sql('select count(*)::int as n from counters'))[0]?.n, 40)
  const none = await send(backend, query, { token: ann, variables: { inputs: [] } })
  assert.equal(none.json.errors[0].extensions.errors[0].rule, 'minItems')
})

test('a document with a key takes effect once, and its repetition gets the same bytes as answer', async (t) => {
  const { backend, ann, bob } = await world(t)
  const query = 'mutation ($name: String!) { createCounter(input: { shop: "s", name: $name }) { id counter { createdAt } } }'
  const keyed = (key: string, variables: object, more: Sending = {}) =>
    send(backend, query, { token: ann, variables: { ...variables }, headers: { 'idempotency-key': key }, ...more })
  const first = await keyed('k1', { name: 'one' })
  const again = await keyed('k1', { name: 'one' })
  assert.equal(again.text, first.text)
  assert.deepEqual([first.headers['idempotency-replayed'], again.headers['idempotency-replayed']], [undefined, 'true'])
  assert.equal(again.headers['content-type'], first.headers['content-type'])
  const other = await keyed('k1', { name: 'two' })
  assert.deepEqual([other.status, codes(other)], [422, ['idempotency_mismatch']])
  assert.deepEqual(codes(await keyed('k1', { name: 'one' }, { token: bob })), ['already_taken'])
  const refused = await keyed('k2', { name: 'one' })
  assert.deepEqual([refused.json.data, codes(refused)], [{ createCounter: null }, ['already_taken']])
  await backend.sql("delete from counters where name = 'one'")
  assert.equal((await keyed('k2', { name: 'one' })).json.errors, undefined)
  const together = await Promise.all(Array.from({ length: 8 }, () => keyed('k3', { name: 'three' })))
  for (const answer of together) assert.ok(answer.status === 200 || codes(answer)[0] === 'idempotency_in_flight', answer.text)
  for (const answer of together.filter((a) => a.status !== 200)) assert.equal(answer.status, 409)
  assert.deepEqual(await backend.sql('select name from counters order by name'), [{ name: 'one' }, { name: 'three' }])
})

test('several mutations with one key must be one transaction; otherwise they are refused', async (t) => {
  const { backend, ann } = await world(t)
  const both = (atomic: string) =>
    `mutation ${atomic} { a: createCounter(input: { shop: "s", name: "a" }) { id } b: upsertCounter(where: { shop_name: { shop: "s", name: "a" } }, create: { shop: "s", name: "a" }, increment: { hits: 1 }) { created } }`
  const headers = { 'idempotency-key': 'k' }
  const apart = await send(backend, both(''), { token: ann, headers })
  assert.deepEqual([apart.status, codes(apart)], [400, ['malformed_request']])
  const first = await send(backend, both('@atomic'), { token: ann, headers })
  assert.equal(first.json.data?.b.created, false, first.text)
  const again = await send(backend, both('@atomic'), { token: ann, headers })
  assert.equal(again.text, first.text)
  assert.deepEqual(await backend.sql('select hits::int from counters'), [{ hits: 1 }])
})
