import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ModelSpec, modelOf, ruleOf, shapeOfSpec } from '../../../test/expressions/model-of.ts'
import { render } from '../../base/sql/render.ts'
import { ident, join, sql } from '../../base/sql/sql.ts'
import { rootRow } from '../../model/expression.ts'
import { rowScope } from './predicate-sql.ts'
import { conditions } from './where-sql.ts'

const SPEC: ModelSpec = {
  entities: {
    Org: { fields: { name: 'text' }, softDelete: true },
    User: { fields: { name: 'text', active: 'boolean', nick: 'text?', org: 'ref Org' } },
    Post: { fields: { title: 'text', author: 'ref User posts', reviewer: 'ref? User' } },
  },
}
const MODEL = modelOf(SPEC)
const SHAPE = shapeOfSpec(SPEC)

function where(source: string): string {
  const place = { row: rootRow('Post'), scope: rowScope(MODEL, ident('t')) }
  return render(join(conditions(ruleOf(SHAPE, 'Post', source), place), ' and ', sql`true`)).text.replaceAll('"', '')
}

describe('conditions of a page', () => {
  for (const [source, expected] of [
    ['title == "a"', `(t.title = 'a')`],
    ['author.id == "01900000-0000-7000-8000-000000000001"', `(t.author_id = '01900000-0000-7000-8000-000000000001'::uuid)`],
    ['author.name == "a"', `exists (select 1 from users r1 where r1.id = t.author_id and (r1.name = 'a'))`],
    [
      'title == "a" && author.name == "a" && author.active',
      `(t.title = 'a') and exists (select 1 from users r1 where r1.id = t.author_id and ((r1.name = 'a' and r1.active)))`,
    ],
    [
      'author.org.name == "a"',
      `exists (select 1 from users r1 where r1.id = t.author_id and exists (select 1 from orgs r2 where r2.id = r1.org_id and r2.deleted_at is null and (r2.name = 'a')))`,
    ],
    ['!(author.name == "a")', `exists (select 1 from users r1 where r1.id = t.author_id and (r1.name <> 'a'))`],
    ['author.name == "a" || author.active', `exists (select 1 from users r1 where r1.id = t.author_id and ((r1.name = 'a' or r1.active)))`],
    [
      'author.name == reviewer.name',
      `exists (select 1 from users r1 where r1.id = t.author_id and (r1.name = (select r2.name from users r2 where r2.id = t.reviewer_id)))`,
    ],
  ] as const)
    test(source, () => assert.equal(where(source), expected))

  test('that can hold without the referenced row stay scalar subqueries', () => {
    for (const source of ['reviewer.nick == null', 'title == "a" || reviewer.active', 'true ? true : reviewer.active'])
      assert.doesNotMatch(where(source), /exists/, source)
  })
})
