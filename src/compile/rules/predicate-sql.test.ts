import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ModelSpec, modelOf, ruleOf, shapeOfSpec } from '../../../test/expressions/model-of.ts'
import { render } from '../../base/sql/render.ts'
import { ident, type Sql } from '../../base/sql/sql.ts'
import type { Predicate } from '../../model/expression.ts'
import { rowScope, type SqlScope, truthOf, whenFalse, whenTrue } from './predicate-sql.ts'

const SPEC: ModelSpec = {
  identity: 'User',
  claims: { id: 'id', role: 'role' },
  rules: { staff: 'auth.role in ["admin", "moderator"]' },
  entities: {
    User: { fields: { name: 'text', role: 'choice user moderator admin', level: 'integer?', score: 'number?' }, read: 'true' },
    Post: {
      fields: {
        title: 'text',
        body: 'text?',
        tags: 'list text',
        published: 'boolean',
        author: 'ref User posts',
        reviewer: 'ref? User',
        at: 'timestamp?',
      },
      read: 'published || author.id == auth.id || staff',
    },
    Comment: { fields: { text: 'text', post: 'ref Post comments', author: 'ref User' }, read: 'can("read", post)', softDelete: true },
  },
}
const MODEL = modelOf(SPEC)
const SHAPE = shapeOfSpec(SPEC)

type Form = (p: Predicate, scope: SqlScope) => Sql

function text(form: Form, entity: string, source: string): string {
  return render(form(ruleOf(SHAPE, entity, source), rowScope(MODEL, ident('t')))).text
}

describe('a rule as the condition of a statement', () => {
  const cases: readonly (readonly [entity: string, source: string, whenTrue: string])[] = [
    [
      'Post',
      'published || author.id == auth.id || staff',
      `("t"."published" or "t"."author_id" = $1::uuid or $2::text in ('admin', 'moderator'))`,
    ],
    ['Post', '!(published || author.id == auth.id)', `(not "t"."published" and "t"."author_id" <> $1::uuid)`],
    ['Post', '!(title < "m")', `"t"."title" collate "C" >= 'm'`],
    ['Post', 'title == body', `"t"."title" = "t"."body"`],
    ['Post', 'body == null', `"t"."body" is null`],
    ['Post', 'author.role == "admin"', `(select "r1"."role" from "users" "r1" where "r1"."id" = "t"."author_id") = 'admin'`],
    [
      'Comment',
      'post.author.name == "x"',
      `(select "r1"."name" from "users" "r1" where "r1"."id" = (select "r2"."author_id" from "posts" "r2" where "r2"."id" = "t"."post_id")) = 'x'`,
    ],
    [
      'Post',
      'comments.exists(c, c.author == auth.id)',
      `exists (select 1 from "comments" "r1" where "r1"."post_id" = "t"."id" and "r1"."deleted_at" is null and "r1"."author_id" = $1::uuid)`,
    ],
    [
      'Post',
      '!comments.exists(c, c.text == "x")',
      `not exists (select 1 from "comments" "r1" where "r1"."post_id" = "t"."id" and "r1"."deleted_at" is null and ("r1"."text" <> 'x') is not true)`,
    ],
    [
      'Post',
      'author.posts.all(p, p.published)',
      `("t"."author_id" is not null and not exists (select 1 from "posts" "r1" where "r1"."author_id" = "t"."author_id" and ("r1"."published") is not true))`,
    ],
    ['Post', '"a" in tags', `"t"."tags" @> array['a']::text[]`],
    ['Post', '!("a" in tags)', `'a' <> all("t"."tags")`],
    ['Post', '!(body in tags)', `("t"."body" is not null and "t"."body" <> all("t"."tags"))`],
    ['Post', '!(title in ["a", "b"])', `"t"."title" not in ('a', 'b')`],
    ['Post', '!(body in [])', `"t"."body" is not null`],
    ['Post', 'tags.exists(x, x.endsWith("%"))', `exists (select 1 from unnest("t"."tags") "i1"(item) where right("i1".item, 1) = '%')`],
    ['Post', 'title.startsWith("a_") && body.contains("%")', `(starts_with("t"."title", 'a_') and strpos("t"."body", '%') > 0)`],
    ['Post', 'title.matches("^\\\\d+$")', `"t"."title" collate "C" ~ '^[0-9]+$'`],
    ['Post', 'at > timestamp("2024-01-01T00:00:00Z")', `"t"."at" > '2024-01-01T00:00:00.000Z'::timestamp(3) with time zone`],
    [
      'Post',
      'at + duration("1h") < now()',
      `(((case when isfinite("t"."at") then "t"."at" end) at time zone 'UTC' + 'PT3600S'::interval) at time zone 'UTC') < now()::timestamp(3) with time zone`,
    ],
    ['User', 'level + 1 > 3', `("t"."level"::numeric + 1::numeric) > 3`],
    ['User', 'level / level == 1', `div("t"."level"::numeric, nullif("t"."level"::numeric, 0)) = 1`],
    [
      'User',
      'score * 2.0 > 1.0',
      `((case when "t"."score" = 0 or abs("t"."score") between 1e-60 and 1e+60 then "t"."score" end) * 2::double precision) > 1::double precision`,
    ],
    [
      'Post',
      'size(author.posts) > 3',
      `(case when "t"."author_id" is not null then (select count(*) from "posts" "r1" where "r1"."author_id" = "t"."author_id") end) > 3`,
    ],
    [
      'Comment',
      'can("read", post)',
      `exists (select 1 from "posts" "r1" where "r1"."id" = "t"."post_id" and ("r1"."published" or "r1"."author_id" = $1::uuid or $2::text in ('admin', 'moderator')))`,
    ],
    [
      'Comment',
      '!can("read", post)',
      `not exists (select 1 from "posts" "r1" where "r1"."id" = "t"."post_id" and ((not "r1"."published" and "r1"."author_id" <> $1::uuid and $2::text not in ('admin', 'moderator'))) is not true)`,
    ],
    [
      'Post',
      'published ? title == "a" : body == "b"',
      `(("t"."published" and "t"."title" = 'a') or (not "t"."published" and "t"."body" = 'b'))`,
    ],
    ['Post', 'title in [author.name]', `"t"."title" in ((select "r1"."name" from "users" "r1" where "r1"."id" = "t"."author_id")::text)`],
    ['Post', 'true && published', `"t"."published"`],
    ['Post', 'false && published', 'false'],
  ]
  for (const [entity, source, expected] of cases) test(source, () => assert.equal(text(whenTrue, entity, source), expected))

  test('the form for false does not hold where the rule is unknown', () => {
    assert.equal(text(whenFalse, 'Post', 'published || body == "x"'), `(not "t"."published" and "t"."body" <> 'x')`)
    assert.equal(text(whenFalse, 'Post', 'published && body == "x"'), `(not "t"."published" or "t"."body" <> 'x')`)
  })

  test('the value of a rule is true, false or null', () => {
    assert.equal(text(truthOf, 'Post', 'published && body == "x"'), `("t"."published" and ("t"."body" = 'x'))`)
    assert.match(
      text(truthOf, 'Post', 'comments.exists(c, c.post.body == "x")'),
      /^\(case when exists .* then true when not exists .* then false end\)$/,
    )
  })

  test('other rows are read for the value of exists only if the condition may be unknown for one of them', () => {
    assert.match(text(truthOf, 'Post', 'comments.exists(c, true)'), /^\(case when exists [^.]*.* then true else false end\)$/)
    const own = text(truthOf, 'Post', 'comments.exists(c, c.author == auth.id)')
    assert.match(own, /^\(case when exists .* then true when \$1::uuid is not null then false when not exists .* then false end\)$/)
    assert.ok(!text(truthOf, 'Post', 'comments.exists(c, c.author.name == "x")').includes('then true when true'))
  })

  test('the same caller attribute is one parameter', () => {
    const { slots } = render(whenTrue(ruleOf(SHAPE, 'Post', 'author == auth.id || reviewer == auth.id'), rowScope(MODEL, ident('t'))))
    assert.deepEqual(slots, [{ key: 'auth.id', type: 'uuid' }])
  })

  test('aliases follow from the position, so equal rules have equal text', () => {
    const source = 'comments.exists(m, m.author.posts.exists(m, m.published && m.comments.all(n, n.author == m.author)))'
    assert.equal(text(whenTrue, 'Post', source), text(whenTrue, 'Post', source.replaceAll(/\bm\b/g, 'k')))
    assert.match(text(whenTrue, 'Post', source), /"comments" "r1".*"posts" "r2".*"comments" "r3"/)
  })

  test('nested conditions do not double the text with every level', () => {
    const nested = (n: number): number =>
      text(whenTrue, 'Post', `published${' in [true]'.repeat(n)} && (body${' + body'.repeat(n)}) in tags`).length
    assert.ok(nested(40) < 3 * nested(20))
    const choices = (n: number): number =>
      text(whenTrue, 'Post', `${'('.repeat(n)}published${' ? published : published)'.repeat(n)}`).length
    assert.ok(choices(20) < 3 * choices(10))
  })
})
