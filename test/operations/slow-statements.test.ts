/** A statement that takes long is told once a minute, with its plan. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { sql } from '../../src/base/sql/sql.ts'
import type { Statement } from '../../src/base/sql/statement.ts'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { type SlowStatement, watchSlowStatements } from '../../src/postgres/slow-statements.ts'
import { testDatabase } from '../support/database.ts'

const SLOW: Statement = { name: 'list Post', sql: sql`select pg_sleep(0.3)` }
const FAST: Statement = { name: 'get Post', sql: sql`select 1` }

test('a slow statement is told once, with its plan, and a fast one is not', { timeout: 60_000 }, async (t) => {
  const { url, drop } = await testDatabase()
  t.after(drop)
  const told: SlowStatement[] = []
  const onRun = watchSlowStatements({ url, slowMs: 250, report: (slow) => void told.push(slow) })
  const executor = openExecutor({ url, connections: 3, statementTimeoutMs: 10_000, onRun })
  t.after(() => executor.close())
  await executor.run(FAST, {})
  await executor.run(SLOW, {})
  await executor.run(SLOW, {})
  for (let i = 0; i < 200 && told.length === 0; i++) await wait(50)
  const slow = told.filter(({ statement }) => statement === 'list Post')
  assert.equal(slow.length, 1)
  assert.ok((slow[0]?.durationMs ?? 0) >= 250)
  assert.equal(slow[0]?.calls, 1)
  assert.match(slow[0]?.plan ?? '', /^Result/)
})
