import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limitsOf } from './limits-of.ts'
import type { MeasuredLimits, WeighedOperation } from './measured-limits.ts'
import { type Look, type SeenWaits, seenIn } from './watch-waits.ts'

const QUIET: SeenWaits = { looks: 100, waiting: 0, inUse: 2, sessions: 10, row: null, holder: null }

function operation(change: Partial<WeighedOperation>): WeighedOperation {
  return {
    ...{ id: 'A.get', what: 'GET /api/a/{id}', kind: 'read', weight: 40, alone: null, without: null, relation: null, waits: QUIET },
    ceiling: { callers: 32, perSecond: 1_000, failed: 0, ofBare: 0.1 },
    cost: { statements: 1, rowsRead: 2, bytes: 300, answerRows: 1, serverMs: 0.5, databaseMs: 0.2, serverMb: 200, databaseMb: 100 },
    ...change,
  }
}

function limits(operations: readonly WeighedOperation[], change: Partial<MeasuredLimits> = {}) {
  return measuredLimits(operations, change).limits
}

function measuredLimits(operations: readonly WeighedOperation[], change: Partial<MeasuredLimits> = {}) {
  return limitsOf({
    ...{
      operations,
      growth: null,
      instances: [],
      targetMs: 50,
      left: [],
      cores: 2,
      memoryBytes: 8e9,
      databaseBytes: 1e9,
      mostConnections: 100,
    },
    rows: new Map([['B', 5_000]]),
    expected: { perSecond: 500, from: 'targets.throughput' },
    ...change,
  })
}

test('processors end at the requests a second that their time allows, in the order of the multiples', () => {
  const found = limits([operation({})])
  assert.deepEqual(
    found.map(({ resource, at, times }) => [resource, at, times]),
    [
      ['the processor of one serving process', 2_000, 4],
      ['the memory for the database', 5_722, 6],
      ['the connections of one process', 5_000, 10],
      ['the processors of the database', 10_000, 20],
    ],
  )
})

test('who waits for one row has that row as a limit, also if looks meet long transactions', () => {
  const waits = { ...QUIET, waiting: 60, row: { table: 'counters', part: 0.9 }, holder: { ms: 71, idle: 50, looks: 60 } }
  const [first] = limits([operation({ waits, alone: 220, ceiling: { callers: 32, perSecond: 265, failed: 0, ofBare: 0.1 } })])
  assert.deepEqual([first?.resource, first?.at, first?.isProven, first?.basis], ['one row', 265, true, 'measured'])
  assert.match(first?.why ?? '', /60 % of the looks .* one row of counters/)
})

test('a lock that is held for long is named, and more callers who get more leave it suspected', () => {
  const waits = { ...QUIET, waiting: 60, row: { table: 'rooms', part: 0.9 }, holder: { ms: 200, idle: 58, looks: 60 } }
  const [first] = limits([operation({ waits, alone: 2, ceiling: { callers: 32, perSecond: 4, failed: 0, ofBare: 0.1 } })])
  assert.deepEqual([first?.resource, first?.isProven], ['a lock that is held for long', false])
  assert.match(first?.change ?? '', /before the lock or after the commit/)
})

test('a row that is changed in turns by one process is named where the sessions of several wait for it', () => {
  const waits = { ...QUIET, waiting: 20, row: { table: 'counters', part: 1 } }
  const of = (instances: number, perSecond: number, waiting: number) => ({
    ...{ instances, callers: 32, perSecond, failed: 0, serverMs: 2, databaseMs: 1, connections: 5, waiting, serverMb: 100, databaseMb: 20 },
  })
  const writing = operation({ kind: 'write', waits, cost: { ...operation({}).cost, serverMs: 2 } })
  const [first] = limits([writing], { instances: [of(1, 522, 0.24), of(2, 317, 0.94), of(4, 245, 1)] })
  assert.deepEqual([first?.resource, first?.at, first?.isProven, first?.basis], ['one row', 500, false, 'measured'])
  assert.match(
    first?.why ?? '',
    /^with 4 serving processes .* 100 % of the looks; they answered 245 .* 522; they waited for one row of counters/,
  )
  assert.equal(limits([writing], { instances: [of(1, 522, 0), of(2, 600, 0.3)] })[0]?.resource, 'the processor of one serving process')
})

test('an included relation is named where it is the dearest of many requests, and makes them twice as dear', () => {
  const plain = operation({})
  const cost = { ...plain.cost, serverMs: 6, rowsRead: 101 }
  const including = operation({ id: 'A.get-b', what: 'GET /api/a/{id}?include=b', without: 'A.get', cost })
  const [first] = limits([plain, including])
  assert.deepEqual([first?.resource, first?.where], ['an included relation', 'GET /api/a/{id}?include=b'])
  assert.notEqual(limits([plain, { ...including, cost: { ...cost, serverMs: 0.9 } }])[0]?.resource, 'an included relation')
  // It is 27 % of the load of these.
  const others = ['A.list', 'B.get', 'B.list', 'C.get', 'C.list'].map((id) => operation({ id }))
  const twice = { ...including, cost: { ...cost, serverMs: 1.1 } }
  assert.equal(limits([plain, ...others, twice])[0]?.resource, 'an included relation')
  const dear = operation({ id: 'C.search', cost: { ...cost, serverMs: 2 } })
  assert.notEqual(limits([plain, ...others, twice, dear])[0]?.resource, 'an included relation')
})

test('a relation is named where it uses up a resource first, and that resource has its own name where it ends later', () => {
  const cost = { ...operation({}).cost, serverMs: 6, databaseMs: 4, rowsRead: 211, bytes: 100_000, answerRows: 101 }
  const including = operation({ id: 'A.get-b', what: 'GET /api/a/{id}?include=b', without: 'A.get', relation: 'B', cost })
  const found = limits([operation({}), including]).map(({ resource }) => resource)
  assert.equal(found.filter((resource) => resource === 'an included relation').length, 1)
  assert.ok(found.includes('the processors of the database'))
  // The connections are held for the relation too, so they are not the cause.
  const held = operation({ id: 'A.get-b', without: 'A.get', relation: 'B', waits: { ...QUIET, inUse: 10, sessions: 10 } })
  const [first] = limits([operation({}), { ...held, ceiling: { callers: 32, perSecond: 40, failed: 0, ofBare: 0 } }])
  assert.deepEqual([first?.resource, first?.at], ['an included relation', 79.4])
})

test('a relation with few rows now is a limit where ten times as many take a whole process, and none where an answer has no more', () => {
  const cost = { ...operation({}).cost, serverMs: 1.5, bytes: 3_000, answerRows: 6 }
  const including = operation({ id: 'A.get-b', what: 'GET /api/a/{id}?include=b', without: 'A.get', relation: 'B', cost })
  // Now a request of all takes 1 ms, and 500 a second half of a process. Each further 5 related rows add 0.5 ms to it.
  const byRows = limits([operation({}), including]).find(({ axis, resource }) => axis === 'rows' && resource === 'an included relation')
  assert.deepEqual([byRows?.times, byRows?.at, byRows?.basis], [3, 15_000, 'extrapolated'])
  const full = { ...including, cost: { ...cost, answerRows: 101 } }
  assert.ok(limits([operation({}), full]).every(({ axis, resource }) => axis !== 'rows' || resource !== 'an included relation'))
})

test('each next step has the figure from which on it is needed', () => {
  const write = operation({ id: 'A.create', kind: 'write', weight: 10, cost: { ...operation({}).cost, databaseMs: 0.5 } })
  const { next } = measuredLimits([operation({}), write])
  assert.deepEqual(
    next.map(({ step, at, unit }) => [step, at, unit]),
    [
      ['another instance', 2_000, 'requests a second'],
      ['PgBouncer', 10, 'instances'],
      ['read replicas', 7_692, 'requests a second'],
      ['a distributed PostgreSQL', 4_000, 'writes a second'],
    ],
  )
})

test('a read that grows ends where it takes longer than the target', () => {
  const slope = { value: 1, low: 0.9, high: 1.1 }
  const growing = { id: 'A.list', what: 'GET /api/a', reads: [], readSlope: 1, growth: 'grows', tenfold: null, remedy: null } as const
  const growth = { parts: [0.1, 1], operations: [{ ...growing, slope, times: [{ rows: 1_000, ms: 25 }] }] }
  const [first] = limits([operation({})], { growth })
  assert.deepEqual([first?.resource, first?.at, first?.times, first?.unit], ['rows that a read goes through', 2_000, 2, 'rows'])
})

test('looks are summed up: who holds others back is no waiter', () => {
  const session = { state: 'active', lock: false, blockers: [], ms: 5 }
  const look: Look = {
    sessions: [
      { ...session, pid: 1, state: 'idle in transaction', ms: 80 },
      { ...session, pid: 2, lock: true, blockers: [1], ms: 60 },
      { ...session, pid: 3, lock: true, blockers: [2, 1], ms: 40 },
    ],
    rows: [{ table: 'rooms', place: '0/1' }],
  }
  const idle: Look = { sessions: [{ ...session, pid: 1, state: 'idle', ms: null }], rows: [] }
  // The load had not begun at the first look, and was over at the last one.
  assert.deepEqual(seenIn([idle, look, idle, look, idle]), {
    ...{ looks: 3, waiting: 2, inUse: 2, sessions: 3 },
    row: { table: 'rooms', part: 1 },
    holder: { ms: 80, idle: 2, looks: 2 },
  })
})
