/** Migrates each case from the old design, with rows, and compares the result with a database that is made from the new design. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { MigrationOutcome } from '../../src/postgres/migrate/migrate.ts'
import type { MigrationPlan } from '../../src/postgres/migrate/migration-plan.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { CASES, type MigrationCase } from './migrate-cases.ts'
import { empty, execute, migrateTo, rowsOf, schemaIn } from './schema.ts'

describe('when a design changes', () => {
  let database: TestDatabase
  before(async () => {
    database = await testDatabase()
  })
  after(() => database.drop())

  for (const one of CASES) {
    it(one.name, async () => {
      await empty(database.url)
      await run(one, database.url)
    })
  }
})

async function run(one: MigrationCase, url: string): Promise<void> {
  await migrateTo(url, one.old)
  await execute(url, one.rows ?? [])
  const atFirst = await schemaIn(url)
  const outcome = await migrateTo(url, one.new, { allowed: one.allow ?? [] })
  const plan = planOf(outcome)
  if (one.expectBlocked !== undefined) {
    assert.equal(outcome.kind, 'refused')
    assert.deepEqual(
      reasonsOf(outcome).filter((reason) => one.expectBlocked?.some((words) => reason.includes(words))).length,
      one.expectBlocked.length,
      reasonsOf(outcome).join('\n'),
    )
    assert.deepEqual(await schemaIn(url), atFirst)
    return
  }
  assert.notEqual(outcome.kind, 'refused', reasonsOf(outcome).join('\n'))
  checkPlan(one, plan)
  if (one.survives !== undefined) {
    if (one.survives.write !== undefined) await execute(url, [one.survives.write])
    assert.deepEqual(await rowsOf(url, one.survives.query), one.survives.rows)
  }
  const again = await migrateTo(url, one.new, { allowed: one.allow ?? [], version: '1.0.1' })
  assert.equal(again.kind, 'current', `not finished: ${JSON.stringify(planOf(again).statements)}`)
  if (one.expectKept === undefined) await expectSameAsNew(url, one)
}

function checkPlan(one: MigrationCase, plan: MigrationPlan): void {
  const text = plan.statements.map((statement) => statement.sql)
  if (one.expectEmpty === true) assert.deepEqual(text, [])
  for (const words of one.statements ?? [])
    assert.ok(
      text.some((sql) => sql.includes(words)),
      `no statement has ${words}:\n${text.join('\n')}`,
    )
  for (const words of one.not ?? []) assert.ok(!text.some((sql) => sql.includes(words)), `a statement has ${words}:\n${text.join('\n')}`)
  if (one.hazards !== undefined) assert.deepEqual([...new Set(plan.statements.flatMap((s) => s.hazards))].sort(), [...one.hazards].sort())
  if (one.expectKept !== undefined)
    assert.deepEqual(
      plan.kept.map((kept) => kept.description),
      one.expectKept,
    )
}

/** The schema equals a schema that is made directly from the new design. */
async function expectSameAsNew(url: string, one: MigrationCase): Promise<void> {
  const migrated = await schemaIn(url)
  await empty(url)
  await migrateTo(url, one.new)
  assert.deepEqual(migrated, await schemaIn(url))
}

function planOf(outcome: MigrationOutcome): MigrationPlan {
  return outcome.kind === 'current' ? { statements: [], kept: outcome.kept, blocked: [] } : outcome.plan
}

function reasonsOf(outcome: MigrationOutcome): readonly string[] {
  if (outcome.kind !== 'refused') return []
  return [...outcome.plan.blocked.map((b) => `${b.description} (${b.hazard})`), ...outcome.problems.map((p) => p.complaint)]
}
