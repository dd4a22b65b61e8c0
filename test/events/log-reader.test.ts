/** Reading the log: transactions that commit late, pages, and what a page costs. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from '../../src/base/sql/sql.ts'
import type { Run, Statement } from '../../src/base/sql/statement.ts'
import { type Cursor, largest, type Mark, NOTHING_SEEN } from '../../src/services/events/cursor.ts'
import { takeLeadership } from '../../src/services/events/leadership.ts'
import { PAGE_EVENTS } from '../../src/services/events/log-columns.ts'
import { type LogPage, readLog } from '../../src/services/events/log-reader.ts'
import { type EngineWorld, INSERT, openEngineWorld as open } from './engine-world.ts'
import { rowsRead } from './rows-read.ts'

const START: Cursor = { seen: NOTHING_SEEN, floor: '0', batch: null }

/** Reads page after page. */
function reader({ executor }: EngineWorld): () => Promise<LogPage> {
  let cursor = START
  return async () => {
    const page = await readLog(executor.run, cursor, null)
    cursor = page.cursor
    return page
  }
}

test('the events of a transaction that commits late are read, and none is read twice', async (t) => {
  const world = await open(t)
  const next = reader(world)
  const read = async (): Promise<readonly number[]> => (await next()).events.map(({ row }) => JSON.parse(row).n)
  const late = await world.connect()
  await late.query('begin')
  await late.query(INSERT.replace('$1', '1'))
  await world.sql(INSERT, [2])
  assert.deepEqual(await read(), [1, 2])
  assert.deepEqual(await read(), [])
  await late.query('commit')
  await world.sql(INSERT, [1])
  assert.deepEqual(await read(), [1, 1])
  assert.deepEqual(await read(), [])
})

test('a backlog of many transactions, and one large transaction, are read in pages', async (t) => {
  const world = await open(t)
  const next = reader(world)
  const many = PAGE_EVENTS * 2 + 10
  await world.sql(INSERT, [many])
  for (let i = 0; i < 5; i++) await world.sql(INSERT, [PAGE_EVENTS / 2])
  const ids: string[] = []
  for (let page = await next(); page.cursor.batch !== null || page.events.length > 0; page = await next()) {
    assert.ok(page.events.length <= PAGE_EVENTS)
    ids.push(...page.events.map(({ id }) => id))
  }
  assert.equal(ids.length, many + 5 * (PAGE_EVENTS / 2))
  assert.equal(new Set(ids).size, ids.length)
})

test('a page ends before it has too many bytes', async (t) => {
  const world = await open(t)
  const next = reader(world)
  await world.sql(INSERT, [4])
  // Random bytes, which PostgreSQL cannot compress.
  await world.sql(`update plinth.events set after = jsonb_build_object('n', id, 'large', (
    select string_agg(md5(random()::text || g), '') from generate_series(1, 150000) g))`)
  const pages: number[] = []
  for (let page = await next(); page.cursor.batch !== null || page.events.length > 0; page = await next()) pages.push(page.events.length)
  assert.deepEqual(pages, [0, 2, 2])
})

test('a page of a large batch costs what the page costs', async (t) => {
  const world = await open(t)
  const pages = 10
  // Events that were delivered, the batch (as one transaction and as many), and events after it.
  await world.sql(INSERT, [PAGE_EVENTS])
  const { cursor: delivered } = await readLog(world.executor.run, START, null)
  assert.equal(delivered.batch, null)
  const late = await world.connect()
  await late.query('begin')
  await late.query(INSERT.replace('$1', String(PAGE_EVENTS)))
  await world.sql(INSERT, [1])
  const { cursor: before } = await readLog(world.executor.run, delivered, null)
  await late.query('commit')
  await world.sql(INSERT, [pages * PAGE_EVENTS])
  let page = await readLog(world.executor.run, before, null)
  assert.deepEqual([page.events.length, page.cursor.batch === null], [0, false])
  await world.sql(INSERT, [PAGE_EVENTS])
  let found = 0
  let most = 0
  for (let i = 0; page.cursor.batch !== null; i++) {
    const at = page.cursor
    const run: Run = async (statement, values) => {
      if (i % 4 === 0) most = Math.max(most, await rowsRead(world.executor.run, statement as Statement, values))
      return world.executor.run(statement, values)
    }
    page = await readLog(run, at, null)
    found += page.events.length
  }
  assert.equal(found, (pages + 1) * PAGE_EVENTS)
  // The page of each part, and the rows that were delivered before the batch.
  assert.ok(most <= 4 * PAGE_EVENTS, `a page has read ${most} rows`)
})

test('a small batch costs what its events cost, beside a large transaction that runs', async (t) => {
  const world = await open(t)
  await world.sql(INSERT, [10_000])
  const late = await world.connect()
  await late.query('begin')
  await late.query(INSERT.replace('$1', '20000'))
  await world.sql(INSERT, [1])
  const [seen] = await world.executor.run({ name: 'now', sql: sql`select pg_current_snapshot()` }, {})
  await world.sql(INSERT, [2])
  const cursor = { ...START, seen: seen?.[0] ?? '' }
  let rows = 0
  const page = await readLog(
    async (statement, values) => {
      rows = await rowsRead(world.executor.run, statement, values)
      return world.executor.run(statement, values)
    },
    cursor,
    null,
  )
  assert.equal(page.events.length, 2)
  assert.ok(rows < 20, `it has read ${rows} rows`)
})

test('transactions that overlap in any way: each event is read once, those of a row in order', async (t) => {
  const world = await open(t)
  const leadership = await takeLeadership(world.executor.run, { holder: crypto.randomUUID(), leaseMs: 60_000 })
  assert.ok(leadership !== null)
  const clients = await Promise.all(Array.from({ length: 5 }, () => world.connect()))
  // A generator with a fixed seed (Lehmer), so that a failure can be repeated.
  let seed = 20_261_129
  const below = (n: number): number => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % n
  }
  const isOpen = clients.map(() => false)
  let [cursor, mark, highest]: [Cursor, Mark | null, string] = [START, null, '0']
  const seen = new Map<string, string>()
  const versions = new Map<string, number>()
  const read = async (): Promise<boolean> => {
    const page = await readLog(world.executor.run, cursor, mark)
    for (const { id, rowId, version } of page.events) {
      assert.ok(!seen.has(id), `the event ${id} was read twice`)
      assert.ok(Number(version) > (versions.get(rowId) ?? 0), `the row ${rowId} has ${version} after ${versions.get(rowId)}`)
      seen.set(id, rowId)
      versions.set(rowId, Number(version))
    }
    cursor = page.cursor
    highest = largest(highest, page.events.at(-1)?.id ?? '0')
    if (below(3) === 0) {
      const xid = await leadership.save(cursor)
      assert.ok(xid !== null)
      mark = { number: cursor.batch?.until ?? highest, xid }
    }
    return page.events.length > 0 || cursor.batch !== null
  }
  for (let step = 0; step < 250; step++) {
    const place = below(clients.length)
    const client = clients[place]
    assert.ok(client !== undefined)
    if (!isOpen[place]) await client.query('begin')
    isOpen[place] = true
    switch (below(6)) {
      case 0:
        await client.query(below(4) === 0 ? 'rollback' : 'commit')
        isOpen[place] = false
        break
      case 1:
        await client.query(INSERT.replace('$1', String(below(40) === 0 ? PAGE_EVENTS * 2 : 1 + below(4))))
        break
      case 2:
      case 3:
        // Rows that no other transaction has locked.
        await client.query(`update things set n = n + 1, version = version + 1
          where id in (select id from things order by random() limit 3 for update skip locked)`)
        break
      default:
        await read()
    }
  }
  for (const [place, client] of clients.entries()) if (isOpen[place]) await client.query('commit')
  while (await read());
  const [row] = await world.sql('select count(*)::int as n from plinth.events')
  assert.equal(seen.size, row?.n)
})
