/**
 * Renames without `was` in the design: the messages about the new and the kept column name `was`, and following them renames the column.
 */

import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { MigrationOutcome } from '../../src/postgres/migrate/migrate.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { type Entities, empty, execute, migrateTo, rowsOf } from './schema.ts'

const text = { type: 'text', max: 100 }
const post = (fields: object): Entities => ({ Post: { fields }, User: { fields: { name: text } } })

let database: TestDatabase
before(async () => {
  database = await testDatabase()
})
after(() => database.drop())
beforeEach(async () => {
  await empty(database.url)
  await migrateTo(
    database.url,
    post({ headingText: text, stars: { type: 'integer', default: 1 }, author: { type: 'ref', entity: 'User', optional: true } }),
  )
  await execute(database.url, [
    "insert into users (name) values ('ada')",
    "insert into posts (heading_text, author_id) select 'one', id from users",
  ])
})

describe('a field with a new name', () => {
  it('that is required is refused if there are rows, and the message says how to rename', async () => {
    const outcome = await migrateTo(database.url, post({ title: text, stars: { type: 'integer', default: 1 } }))
    assert.equal(outcome.kind, 'refused')
    assert.deepEqual(outcome.kind === 'refused' && outcome.problems.map(({ remedy }) => remedy), [
      "if title is the new name of heading_text, say so in the design: was: 'heading_text'; otherwise give the field a default, or make it optional and fill it before it is required",
    ])
  })

  it('that is optional is added, and the message about the old column says how to rename', async () => {
    const outcome = await migrateTo(database.url, post({ title: { ...text, optional: true }, stars: { type: 'integer', default: 1 } }))
    assert.deepEqual(
      kept(outcome)[0],
      "the column heading_text of posts is no longer in the design; it stays and becomes optional; if title is its new name, say so in the design: was: 'heading_text'",
    )
  })

  it('that was added before the design said `was` keeps its values, and the message says how to copy the old ones', async () => {
    const title = { ...text, default: '' }
    assert.equal((await migrateTo(database.url, post({ title }))).kind, 'applied')
    const outcome = await migrateTo(database.url, post({ title: { ...title, was: 'headingText' } }))
    const message = kept(outcome).find((one) => one.includes('heading_text')) ?? ''
    const copy = /; was: 'heading_text' renames nothing, because title exists already; to copy the values: (.+)$/.exec(message)?.[1]
    assert.equal(copy, 'update "posts" set "title" = "heading_text"')
    await execute(database.url, [copy])
    assert.deepEqual(await rowsOf(database.url, 'select title from posts'), [{ title: 'one' }])
  })

  it('of another type is no rename', async () => {
    const outcome = await migrateTo(database.url, post({ title: { type: 'date' }, stars: { type: 'integer', default: 1 } }))
    assert.doesNotMatch(JSON.stringify(outcome), /was:/)
  })

  for (const was of ['heading_text', 'headingText'])
    it(`is renamed with was: '${was}', as the message or the old design spells it`, async () => {
      const fields = {
        title: { ...text, was },
        stars: { type: 'integer', default: 1 },
        writer: { type: 'ref', entity: 'User', optional: true, was: 'author_id' },
      }
      assert.equal((await migrateTo(database.url, post(fields))).kind, 'applied')
      assert.deepEqual(await rowsOf(database.url, 'select title, writer_id is not null as writer from posts'), [
        { title: 'one', writer: true },
      ])
    })
})

describe('an entity with a new name', () => {
  it('is a new table, and the message about the old one says how to rename', async () => {
    const fields = { headingText: text, stars: { type: 'integer', default: 1 }, author: { type: 'ref', entity: 'User', optional: true } }
    const user = { User: { fields: { name: text } } }
    const outcome = await migrateTo(database.url, { Article: { fields }, ...user }, { run: 'dry' })
    assert.deepEqual(kept(outcome), [
      "the table posts is no longer in the design; it stays as it is; if articles is its new name, say so in the design: was: 'posts'",
    ])
    await migrateTo(database.url, { Article: { fields, was: 'posts' }, ...user })
    assert.deepEqual(await rowsOf(database.url, 'select heading_text from articles'), [{ heading_text: 'one' }])
  })
})

function kept(outcome: MigrationOutcome): readonly string[] {
  return (outcome.kind === 'current' ? outcome.kept : outcome.plan.kept).map(({ description }) => description)
}
