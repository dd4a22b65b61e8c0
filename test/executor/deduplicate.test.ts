/**
 * Deduplication in a batch: equal calls run once, JSON that several answers contain is made once, and every call gets its own correct
 * answer.
 */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { ident, join, numberLiteral, sharedAmongCalls, slot, sql } from '../../src/base/sql/sql.ts'
import { MAX_ANSWER_BYTES, type Statement } from '../../src/base/sql/statement.ts'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import type { Answered } from '../support/backend.ts'
import { testDatabase } from '../support/database.ts'
import { PATIENCE } from '../support/patience.ts'
import { SEEDED } from '../support/random.ts'
import { asker, openForum, put, question } from './forum.ts'

/** An executor with one connection to a database with a sequence `taken`, which counts its uses. */
async function openCounted(t: TestContext) {
  const database = await testDatabase()
  const texts: string[] = []
  const executor = openExecutor({
    url: database.url,
    connections: 1,
    statementTimeoutMs: 5_000,
    patience: PATIENCE,
    onStatement: (_, text) => texts.push(text),
  })
  t.after(async () => {
    await executor.close()
    await database.drop()
  })
  await executor.run({ name: 'sequence', sql: sql`create sequence taken` }, {})
  const all = (statement: Statement, calls: readonly Record<string, string | number | null>[], column = 0) =>
    Promise.all(calls.map(async (values) => (await executor.run(statement, values))[0]?.[column]))
  return { all, texts }
}

const TAKE = sql`nextval('taken')::text`

test('equal calls run once', async (t) => {
  const { all, texts } = await openCounted(t)
  const take: Statement = { name: 'take', sql: sql`select ${slot('n', 'text')} || ' ' || ${TAKE} as json`, merge: 'lateral' }
  await all(take, [{ n: 'a' }])
  const before = texts.length
  const [alone, ...together] = await all(
    take,
    ['x', 'x', 'x', 'y', 'x', 'y', 'x'].map((n) => ({ n })),
  )
  assert.ok(texts.length - before < 7)
  assert.match(String(alone), /^x /)
  assert.deepEqual(
    together.map((one) => one?.split(' ')[0]),
    ['x', 'x', 'y', 'x', 'y', 'x'],
  )
  assert.ok(new Set(together).size < 6, together.join())
})

test('calls with similar but different values run separately', async (t) => {
  const { all } = await openCounted(t)
  const show: Statement = {
    name: 'show',
    sql: sql`select coalesce(${slot('a', 'text')}, 'none') || '-' || coalesce(${slot('b', 'text')}, 'none') as json`,
    merge: 'lateral',
  }
  await all(show, [{ a: 'first' }])
  const pairs = [null, '', '=', 'none', 'a'].flatMap((a) => [null, '', '=', 'none', 'a'].map((b) => ({ a, b })))
  assert.deepEqual(
    await all(show, [...pairs, ...pairs]),
    [...pairs, ...pairs].map(({ a, b }) => `${a ?? 'none'}-${b ?? 'none'}`),
  )
})

/** Returns a list of keys, each with the number of the use that made it. */
const NUMBERED: Statement = {
  name: 'numbered',
  sql: sql`select string_agg(${sharedAmongCalls(ident('k', 'key'), 'bigint', (key) => sql`(${key} || ':' || ${TAKE})`)}, ',') as json from unnest(${slot('keys', 'bigint[]')}) as k(key)`,
  merge: 'lateral',
  json: ['json'],
}

test('JSON that several answers contain is made once, and other JSON is not shared', async (t) => {
  const { all, texts } = await openCounted(t)
  await all(NUMBERED, [{ keys: '{1}' }])
  for (const round of ['first', 'later']) {
    const answers = await all(
      NUMBERED,
      Array.from({ length: 12 }, (_, i) => ({ keys: `{${i},100,${i + 1},100}` })),
    )
    const keys = answers.map((answer) => answer?.split(',').map((one) => one.split(':')[0]))
    assert.deepEqual(
      keys,
      Array.from({ length: 12 }, (_, i) => [i, 100, i + 1, 100].map(String)),
      round,
    )
  }
  const shared = texts.filter((one) => one.includes('#shared'))
  assert.ok(shared.length > 0)
  const [last] = await all(NUMBERED, [{ keys: '{7}' }])
  assert.ok(Number(last?.split(':')[1]) < 2 * 12 * 4, 'not once for each call')
})

test('calls that have little JSON in common rarely share, until they have more in common', async (t) => {
  const { all, texts } = await openCounted(t)
  let last = 0
  const round = async (key: () => number) => {
    texts.length = 0
    await all(
      NUMBERED,
      Array.from({ length: 8 }, () => ({ keys: `{${key()},${++last}}` })),
    )
    return texts.filter((text) => text.includes('#shared')).length
  }
  const rounds = async (many: number, key: () => number) => {
    let sharing = 0
    for (let i = 0; i < many; i++) sharing += await round(key)
    return sharing
  }
  await rounds(3, () => ++last)
  const apart = await rounds(60, () => ++last)
  assert.ok(apart <= 6, `${apart} statements`)
  await rounds(70, () => 0)
  const alike = await rounds(20, () => 0)
  assert.ok(alike >= 15, `${alike} statements`)
})

test('shared JSON in several places of a statement is kept apart, even with equal keys or in other columns', async (t) => {
  const { all, texts } = await openCounted(t)
  const key = ident('k', 'key')
  const places = Array.from({ length: 40 }, (_, i) =>
    sharedAmongCalls(key, 'bigint', (one) => sql`(${one} * ${numberLiteral(1_000 + i)})::text`),
  )
  const many: Statement = {
    name: 'many',
    sql: sql`select null::text as none, string_agg(concat_ws(' ', ${join(places, ', ', sql``)}), ',') as json from unnest(${slot('keys', 'bigint[]')}) as k(key)`,
    merge: 'lateral',
    json: ['none', 'json'],
  }
  const expected = (keys: readonly number[]) => keys.map((one) => places.map((_, i) => one * (1_000 + i)).join(' ')).join()
  const calls = Array.from({ length: 12 }, (_, i) => [i, 3, i * 2])
  await all(many, [{ keys: '{1}' }])
  texts.length = 0
  const answers = await all(
    many,
    calls.map((keys) => ({ keys: `{${keys.join()}}` })),
    1,
  )
  assert.deepEqual(answers, calls.map(expected))
  assert.ok(texts.some((one) => one.includes('#shared')))
  // A call without its shared texts would have run again singly.
  assert.ok(texts.length < calls.length, `${texts.length} statements`)
})

const HALF = MAX_ANSWER_BYTES / 2

/** For each key, returns the given number of texts of half the answer limit. */
const LONG: Statement = {
  name: 'long',
  sql: sql`select case when octet_length(r.json) <= ${numberLiteral(MAX_ANSWER_BYTES)} then r.json end as json from (select string_agg(${sharedAmongCalls(ident('k', 'key'), 'bigint', (key) => sql`repeat('x', (${key} * ${numberLiteral(HALF)})::int)`)}, ',') as json from unnest(${slot('keys', 'bigint[]')}) as k(key) offset 0) r`,
  merge: 'lateral',
  json: ['json'],
}

test('a call whose answer is too large with its shared JSON fails alone, and the other calls succeed', async (t) => {
  const { all } = await openCounted(t)
  await all(LONG, [{ keys: '{0}' }])
  const answers = await all(
    LONG,
    ['{0,0}', '{1}', '{1,1}', '{0,1}', '{2}', '{1,0,0}', '{0}', '{1,1}'].map((keys) => ({ keys })),
  )
  assert.deepEqual(
    answers.map((answer) => answer?.length ?? null),
    [1, HALF, null, HALF + 1, MAX_ANSWER_BYTES, HALF + 2, 0, null],
  )
})

test('a merged statement sends no shared JSON when all of it exceeds the answer limit', async (t) => {
  const { all, texts } = await openCounted(t)
  // It runs singly so often that it may merge with another call.
  for (let i = 0; i < 4; i++) await all(LONG, [{ keys: '{0}' }])
  texts.length = 0
  const answers = await all(LONG, [{ keys: '{1}' }, { keys: '{2}' }])
  assert.deepEqual(
    answers.map((answer) => answer?.length),
    [HALF, MAX_ANSWER_BYTES],
  )
  assert.deepEqual(
    texts.map((text) => text.includes('#shared')),
    [true, false, false],
  )
})

test('many large answers at once are delivered up to the limit, and the other calls run singly', async (t) => {
  const { all, texts } = await openCounted(t)
  const large: Statement = {
    name: 'large',
    sql: sql`select repeat('x', (${slot('n', 'bigint')} * ${numberLiteral(MAX_ANSWER_BYTES / 4)})::int) as json`,
    merge: 'lateral',
    json: ['json'],
  }
  // After small answers, batches may be large.
  for (let round = 0; round < 3; round++) await all(large, [{ n: 0 }])
  const before = texts.length
  const sizes = Array.from({ length: 12 }, () => 2)
  const answers = await all(
    large,
    sizes.map((n) => ({ n })),
  )
  assert.deepEqual(
    answers.map((answer) => answer?.length),
    sizes.map((n) => (n * MAX_ANSWER_BYTES) / 4),
  )
  // Four answers fit each time.
  assert.ok(texts.length - before >= 9, String(texts.length - before))
})

test('equal calls do not count for the size of a batch or for the cost of further calls', async (t) => {
  const { all, texts } = await openCounted(t)
  const slow: Statement = {
    name: 'slow',
    sql: sql`select ${slot('n', 'text')} || pg_sleep(0.01)::text as json`,
    merge: 'lateral',
  }
  const ask = async (calls: readonly string[]) => {
    const before = texts.length
    assert.deepEqual(
      await all(
        slow,
        calls.map((n) => ({ n })),
      ),
      calls,
    )
    return texts.length - before
  }
  for (let round = 0; round < 6; round++) await ask(['x'])
  // Each call takes ten milliseconds, so different calls run singly, but equal calls run together.
  for (let round = 0; round < 5; round++) {
    const sent = await ask(Array.from({ length: 60 }, () => 'x'))
    assert.ok(sent <= 10, `${sent} statements`)
  }
  const different = Array.from({ length: 24 }, (_, i) => String(i))
  const sent = await ask(different)
  assert.ok(sent >= 8, `${sent} statements`)
})

/** The answer without the parts that differ for each request. */
const told = ({ status, text }: Answered) => [status, text.replace(/"traceId":"\w+"/g, '')]

test('callers of merged calls get the same answers as alone, in both APIs', { timeout: 120_000 }, async (t) => {
  const { together, alone, tokens } = await openForum(t)
  const tally = { answers: 0, refusals: 0, sharing: 0 }
  await fc.assert(
    fc.asyncProperty(question, fc.array(asker, { minLength: 6, maxLength: 12 }), async (what, askers) => {
      const expected: Answered[] = []
      for (const one of askers) expected.push(await put(what, one, { ask: alone, tokens }))
      for (const { status, text } of expected) tally[status === 200 && !text.includes('"errors"') ? 'answers' : 'refusals']++
      // Two rounds, because the first call of a statement runs alone, and the size of a batch follows the measured cost.
      for (let round = 0; round < 2; round++) {
        together.statements.length = 0
        const answers = await Promise.all(askers.map((one) => put(what, one, { ask: together.ask, tokens })))
        assert.deepEqual(answers.map(told), expected.map(told))
        tally.sharing += together.statements.filter((one) => one.text.includes('#shared')).length
      }
    }),
    { numRuns: Number(process.env.IN_COMMON_RUNS ?? 60), ...SEEDED },
  )
  t.diagnostic(JSON.stringify(tally))
  assert.ok(tally.answers > tally.refusals && tally.sharing > 8, JSON.stringify(tally))
})
