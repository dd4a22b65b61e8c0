/** A migration that is killed at any of its statements is completed by the next run, with every row. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { KILLED } from './migrate-killed.ts'
import { empty, execute, migrateTo, rowsOf, schemaIn } from './schema.ts'

const CHILD = fileURLToPath(new URL('./migrate-and-die.ts', import.meta.url))
const ROWS = `select count(*)::integer as posts, count(distinct author_id)::integer as authors, sum(stars) as stars, min(heading) as heading from posts
  join members on members.id = author_id`

/** Every how manyth statement is tried. */
const STRIDE = Number(process.env.PLINTH_TEST_STRIDE ?? (process.env.PLINTH_FULL === '1' ? 1 : 9))

describe('a migration killed at each of its statements', () => {
  let database: TestDatabase
  let statements = 0
  let wanted: unknown
  before(async () => {
    database = await testDatabase()
    await start(database.url)
    const outcome = await migrateTo(database.url, KILLED.new, { allowed: ['deletes-data'] })
    assert.equal(outcome.kind, 'applied')
    statements = outcome.kind === 'applied' ? outcome.plan.statements.length : 0
    wanted = await schemaIn(database.url)
    assert.ok(statements >= 30, `${statements} statements`)
  })
  after(() => database.drop())

  for (const moment of ['before', 'during'] as const) {
    it(`${moment} it is completed by the next run`, { timeout: 300_000 }, async () => {
      for (let at = 1; at <= statements; at++) {
        // the two moments together cover every statement; each covers every second one
        if (at % 2 === (moment === 'before' ? 0 : 1)) continue
        if (Math.floor(at / 2) % STRIDE !== 0) continue
        await start(database.url)
        const child = spawnSync(process.execPath, ['--conditions=source', CHILD, database.url, String(at), moment], { encoding: 'utf8' })
        if (moment === 'before') assert.equal(child.signal, 'SIGKILL', `statement ${at}: ${child.stderr}`)
        const outcome = await migrateTo(database.url, KILLED.new, { allowed: ['deletes-data'] })
        assert.ok(outcome.kind === 'applied' || outcome.kind === 'current', `statement ${at}: ${JSON.stringify(outcome)}`)
        assert.deepEqual(await schemaIn(database.url), wanted, `statement ${at}`)
        assert.deepEqual(
          await rowsOf(database.url, ROWS),
          [{ posts: 50, authors: 50, stars: '150.00', heading: 'title' }],
          `statement ${at}`,
        )
        const again = await migrateTo(database.url, KILLED.new, { version: '1.0.1' })
        assert.equal(again.kind, 'current', `statement ${at}: ${JSON.stringify(again)}`)
      }
    })
  }
})

async function start(url: string): Promise<void> {
  await empty(url)
  await migrateTo(url, KILLED.old)
  await execute(url, KILLED.rows)
}
