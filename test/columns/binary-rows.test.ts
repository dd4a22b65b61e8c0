/** Statements whose rows are read in binary format: alone, merged, in a transaction, and with a reader that fails. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slot, sql } from '../../src/base/sql/sql.ts'
import type { ResultReader, Statement } from '../../src/base/sql/statement.ts'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { testDatabase } from '../support/database.ts'
import { PATIENCE } from '../support/patience.ts'

/** Reads one column of text; fails at the text `bad`. */
const TEXTS: ResultReader<readonly string[]> = {
  open() {
    const texts: string[] = []
    return {
      add(bytes, at) {
        const text = bytes.toString('utf8', at + 4, at + 4 + bytes.readInt32BE(at))
        if (text === 'bad') throw new Error('a bad text')
        texts.push(text)
      },
      end: () => texts,
    }
  },
  size: (texts) => texts.join('').length,
}

const REPEATED: Statement<readonly string[]> = {
  name: 'repeated',
  sql: sql`select ${slot('text', 'text')} || i::text from generate_series(1, ${slot('n', 'integer')}) i`,
  merge: 'lateral',
  read: TEXTS,
}
const ECHO: Statement<readonly string[]> = { name: 'echo', sql: sql`select ${slot('text', 'text')}`, merge: 'lateral', read: TEXTS }
const FAILING: Statement<readonly string[]> = {
  name: 'failing',
  sql: sql`select (1 / (${slot('n', 'integer')} - i))::text from generate_series(1, 3) i`,
  merge: 'lateral',
  read: TEXTS,
}
const DOUBLE: Statement = { name: 'double', sql: sql`select ${slot('n', 'integer')} * 2`, merge: 'lateral' }

const expected = (text: string, n: number) => Array.from({ length: n }, (_, i) => `${text}${i + 1}`)

test('a reader reads the rows of each call', async (t) => {
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

  await t.test('alone, and in turn with statements whose rows are text', async () => {
    for (const n of [0, 1, 3]) {
      assert.deepEqual(await executor.run(REPEATED, { text: 'Grüße ', n }), expected('Grüße ', n))
      assert.deepEqual(await executor.run(DOUBLE, { n }), [[String(2 * n)]])
    }
  })

  await t.test('merged, with calls without rows, equal calls, and rows larger than a packet', async () => {
    const calls = Array.from({ length: 60 }, (_, i) => ({ text: i % 7 === 0 ? 'ü'.repeat(50_000) : `t${i % 20} `, n: i % 4 }))
    for (let round = 0; round < 5; round++) {
      texts.length = 0
      const answers = await Promise.all(calls.map((call) => executor.run(REPEATED, call)))
      for (const [i, { text, n }] of calls.entries()) assert.deepEqual(answers[i], expected(text, n))
    }
    assert.ok(
      texts.some((text) => text.includes('unnest')),
      'nothing was merged',
    )
  })

  await t.test('in a transaction', async () => {
    const read = await executor.transaction(async ({ run }) => [await run(ECHO, { text: 'a' }), await run(DOUBLE, { n: 4 })])
    assert.deepEqual(read, [['a'], [['8']]])
  })

  await t.test('an error of a call fails this call alone', async () => {
    const answers = await Promise.allSettled([5, 2, 6, 7].map((n) => executor.run(FAILING, { n })))
    assert.deepEqual(
      answers.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    )
    assert.deepEqual(await executor.run(ECHO, { text: 'after' }), ['after'])
  })

  await t.test('an error of the reader fails the call, and later calls work', async () => {
    await assert.rejects(executor.run(ECHO, { text: 'bad' }), /a bad text/)
    assert.deepEqual(await executor.run(ECHO, { text: 'after' }), ['after'])
    assert.deepEqual(await executor.run(DOUBLE, { n: 3 }), [['6']])
  })
})
