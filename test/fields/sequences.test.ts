/** Numbers that the server gives new rows: unique in every way of writing, also with concurrent writes. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Answered, modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { inSomeRound } from '../support/rounds.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const DESIGN = {
  name: 'tickets',
  entities: {
    Org: { access: OPEN, fields: { name: { type: 'text', max: 20, unique: true } } },
    Ticket: {
      access: { ...OPEN, create: 'title == null || title != "refused"' },
      fields: {
        org: { type: 'ref', entity: 'Org', inverse: 'tickets', immutable: true, onDelete: 'cascade' },
        number: { type: 'sequence', within: 'org' },
        total: { type: 'sequence' },
        label: { type: 'computed', expression: '"T-" + string(number)' },
        title: { type: 'text', max: 20, optional: true, unique: true },
      },
    },
  },
}

async function start(t: TestContext, change: (design: typeof DESIGN) => object = (design) => design) {
  const backend = await testBackend(t, modelFrom(change(DESIGN)))
  const org = async (name: string): Promise<string> => (await backend.ask('POST', '/api/orgs', { body: { name } })).json.id
  return { backend, ask: backend.ask, a: await org('a'), b: await org('b') }
}

async function numbersOf({ sql }: TestBackend, org: string): Promise<readonly number[]> {
  return (await sql('select number::integer as n from tickets where org_id = $1 order by number', [org])).map(({ n }) => Number(n))
}

test('each org counts its own tickets from 1; the number is in the answer, and in what is computed from it', async (t) => {
  const { ask, a, b } = await start(t)
  const numbers: unknown[] = []
  for (const org of [a, a, b, a]) {
    const { json } = await ask('POST', '/api/tickets', { body: { org } })
    numbers.push([json.number, json.total, json.label])
  }
  assert.deepEqual(numbers, [
    [1, 1, 'T-1'],
    [2, 2, 'T-2'],
    [1, 3, 'T-1'],
    [3, 4, 'T-3'],
  ])
})

test('50 creates at once on each of two instances give 100 numbers', async (t) => {
  const { backend, a } = await start(t)
  const other = await testBackend(t, backend.model, { databaseUrl: backend.databaseUrl })
  const all = await Promise.all(
    Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? backend : other).ask('POST', '/api/tickets', { body: { org: a } })),
  )
  assert.deepEqual([...new Set(all.map(({ status }) => status))], [201])
  const numbers = all.map(({ json }) => json.number).toSorted((x, y) => x - y)
  assert.deepEqual(
    numbers,
    Array.from({ length: 100 }, (_, i) => i + 1),
  )
})

test('50 creates at once are merged like creates without a number', async (t) => {
  const { backend, ask, a, b } = await start(t)
  const fifty = () => Promise.all(Array.from({ length: 50 }, (_, i) => ask('POST', '/api/tickets', { body: { org: i % 2 === 0 ? a : b } })))
  // The executor first learns what a statement costs, and merges fewer calls meanwhile.
  await inSomeRound(async () => {
    backend.statements.length = 0
    const all = await fifty()
    assert.equal(new Set(all.map(({ json }) => json.total)).size, 50)
    const sent = backend.statements.filter(({ name }) => name === 'create Ticket').length
    return sent < 25 ? null : `${sent} statements for 50 creates`
  })
})

test('creates in several scopes at once: bulk, nested, in transactions, by GraphQL and by upsert', async (t) => {
  const { backend, ask, a, b } = await start(t)
  const document = (org: string) => `mutation { createTicket(input: { org: "${org}" }) { ticket { number } } }`
  const upsert = (org: string, i: number) =>
    `mutation { upsertTicket(where: { title: "u${i}" }, create: { title: "u${i}", org: "${org}" }, update: { title: "u${i}" }) { ticket { number } } }`
  const one = (org: string) => ({ method: 'POST', path: '/api/tickets', body: { org } })
  const statuses = await Promise.all(
    Array.from({ length: 12 }, async (_, i) => {
      const [x, y] = i % 2 === 0 ? [a, b] : [b, a]
      const answers = await Promise.all([
        ask('POST', '/api/tickets', { body: [{ org: x }, { org: y }, { org: x }] }),
        ask('POST', '/api/transaction', { body: { operations: [one(x), one(x)] } }),
        ask('POST', '/graphql', { body: { query: document(x) } }),
        ask('POST', '/graphql', { body: { query: upsert(x, i) } }),
        ask('POST', '/api/orgs', { body: { name: `n${i}`, tickets: [{}, {}, {}] } }),
      ])
      return answers.map(({ status, json }) => (json.errors === undefined ? status : json.errors))
    }),
  )
  assert.deepEqual([...new Set(statuses.flat())].toSorted(), [200, 201])
  for (const org of [a, b]) {
    const numbers = await numbersOf(backend, org)
    assert.equal(numbers.length, 12 * 1.5 + 12 + 6 + 6)
    assert.equal(new Set(numbers).size, numbers.length)
  }
  const nested = await backend.sql(
    'select array_agg(number order by number)::text as n from tickets where org_id not in ($1, $2) group by org_id',
    [a, b],
  )
  assert.deepEqual([...new Set(nested.map(({ n }) => n))], ['{1,2,3}'])
})

/** Runs six transactions at once, each with a ticket of both orgs, every second one in the opposite order. */
async function numberInOppositeOrders({ ask, a, b }: Awaited<ReturnType<typeof start>>) {
  const one = (org: string) => ({ method: 'POST', path: '/api/tickets', body: { org } })
  return Promise.all(
    Array.from({ length: 6 }, (_, i) =>
      ask('POST', '/api/transaction', { body: { operations: i % 2 === 0 ? [one(a), one(b)] : [one(b), one(a)] } }),
    ),
  )
}

/** Transactions of one caller wait for its share of the connections; one that waits too long gets `overloaded`. */
function unexpectedOf(all: readonly Answered[], codes: readonly string[]): readonly string[] {
  return all.filter(({ status, json }) => status !== 200 && !codes.includes(json.code)).map(({ text }) => text)
}

test('transactions that number rows of two scopes in opposite order wait at the sequence of the whole table, and do not deadlock', async (t) => {
  const started = await start(t)
  let done = 0
  for (let round = 0; round < 5; round++) {
    const all = await numberInOppositeOrders(started)
    done += all.filter(({ status }) => status === 200).length
    assert.deepEqual(unexpectedOf(all, ['overloaded']), [])
  }
  await started.backend.sql('select pg_stat_force_next_flush()')
  const [row] = await started.backend.sql('select deadlocks::int from pg_stat_database where datname = current_database()')
  assert.equal(row?.deadlocks, 0)
  assert.equal(new Set(await numbersOf(started.backend, started.a)).size, done)
})

test('without such a sequence they deadlock: each succeeds or is a conflict that can be tried again', async (t) => {
  const started = await start(t, ({ entities: { Org, Ticket }, ...design }) => {
    const { total: _, ...fields } = Ticket.fields
    return { ...design, entities: { Org, Ticket: { ...Ticket, fields } } }
  })
  const all = await numberInOppositeOrders(started)
  assert.deepEqual(unexpectedOf(all, ['write_conflict', 'overloaded']), [])
  assert.equal(new Set(await numbersOf(started.backend, started.a)).size, all.filter(({ status }) => status === 200).length)
})

test('no request can set a number: no create, PATCH, PUT or mutation', async (t) => {
  const { ask, a } = await start(t)
  const created = await ask('POST', '/api/tickets', { body: { org: a } })
  const url = `/api/tickets/${created.json.id}`
  for (const [method, address, body] of [
    ['POST', '/api/tickets', { org: a, number: 7 }],
    ['PATCH', url, { number: 7 }],
    ['PUT', url, { number: 7 }],
  ] as const) {
    const { status, json } = await ask(method, address, { body })
    assert.deepEqual([status, json.code, json.errors[0].pointer], [400, 'validation_failed', '/number'], method)
  }
  const query = `mutation { createTicket(input: { org: "${a}", number: 7 }) { ticket { number } } }`
  assert.equal((await ask('POST', '/graphql', { body: { query } })).json.errors[0].extensions.code, 'invalid_document')
  const { json } = await ask('GET', '/openapi.json')
  const { number } = Object.values(json.components.schemas as Record<string, { properties?: Record<string, unknown> }>)
    .map(({ properties }) => properties ?? {})
    .find((properties) => 'number' in properties && 'label' in properties) as { number: { readOnly?: boolean } }
  assert.equal(number.readOnly, true)
})

test('a refused create takes no number; one that fails in the database may leave a gap', async (t) => {
  const { backend, ask, a } = await start(t)
  const create = (title: string) => ask('POST', '/api/tickets', { body: { org: a, title } })
  assert.equal((await create('refused')).status, 403)
  assert.equal((await create('x')).json.number, 1)
  assert.equal((await create('x')).status, 409)
  const bulk = await ask('POST', '/api/tickets', {
    body: [
      { org: a, title: 'y' },
      { org: a, title: 'refused' },
    ],
  })
  assert.equal(bulk.status, 403)
  assert.ok((await create('z')).json.number >= 2)
  assert.equal(new Set(await numbersOf(backend, a)).size, 2)
})

test('the number of a deleted row is not given again, with and without softDelete; SQL may insert a higher one', async (t) => {
  for (const softDelete of [false, true]) {
    const { backend, ask, a } = await start(t, ({ entities, ...design }) => ({
      ...design,
      entities: { ...entities, Ticket: { ...entities.Ticket, softDelete } },
    }))
    const create = async () => (await ask('POST', '/api/tickets', { body: { org: a } })).json
    await create()
    const { id, number } = await create()
    assert.equal(number, 2)
    assert.equal((await ask('DELETE', `/api/tickets/${id}`)).status, 204)
    assert.equal((await create()).number, 3)
    await backend.sql('insert into tickets (org_id, number, total) values ($1, 40, 90)', [a])
    const { number: next, total } = await create()
    assert.deepEqual([next, total], [41, 91])
    await assert.rejects(backend.sql('insert into tickets (org_id, number, total) values ($1, 41, 99)', [a]), /duplicate key/)
  }
})
