import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type ModelSpec, modelOf, ruleOf, shapeOfSpec } from '../../../test/expressions/model-of.ts'
import { render } from '../../base/sql/render.ts'
import { ident } from '../../base/sql/sql.ts'
import { ANONYMOUS, type Caller, type ClaimValue } from '../../model/caller.ts'
import { ALWAYS, NEVER, type Predicate, rootRow, UNKNOWN } from '../../model/expression.ts'
import { rebase } from '../../model/rebase.ts'
import { parameterise, shapeKey } from '../statements/parameterise.ts'
import { maskFilter } from './mask.ts'
import { rowScope, whenTrue } from './predicate-sql.ts'
import { fold, specialise, variantKey } from './specialise.ts'

const SPEC: ModelSpec = {
  identity: 'User',
  claims: { id: 'id', role: 'role', level: 'level', name: 'name' },
  rules: { staff: 'auth.role in ["admin", "moderator"]' },
  entities: {
    User: {
      fields: { name: 'text', email: 'email', role: 'choice user moderator admin', level: 'integer?' },
      read: 'true',
      fieldRead: { email: 'id == auth.id || staff' },
    },
    Post: {
      fields: { title: 'text', published: 'boolean', author: 'ref User posts', org: 'ref? Org posts' },
      read: 'published || author.id == auth.id || staff',
    },
    Org: { fields: { name: 'text' }, read: 'posts.exists(m, m.title == name)' },
    Comment: { fields: { text: 'text', post: 'ref Post comments' }, read: 'can("read", post)' },
  },
}
const MODEL = modelOf(SPEC)
const SHAPE = shapeOfSpec(SPEC)
const ID = '0190f6e0-1c2a-7000-8000-000000000001'

function signedIn(claims: Readonly<Record<string, ClaimValue>>): Caller {
  return { session: 'session', claims: new Map(Object.entries({ id: ID, ...claims })) }
}

function rule(entity: string, source: string): Predicate {
  return ruleOf(SHAPE, entity, source)
}

function text(p: Predicate): string {
  return render(whenTrue(p, rowScope(MODEL, ident('t')))).text
}

describe('a rule specialised to a caller', () => {
  const user = signedIn({ role: 'user', level: 2, name: 'Ann' })
  const admin = signedIn({ role: 'admin' })
  const read = rule('Post', 'published || author.id == auth.id || staff')

  test('keeps conditions on rows and drops conditions that the caller decides', () => {
    assert.equal(text(specialise(read, ANONYMOUS)), '"t"."published"')
    assert.equal(text(specialise(read, user)), '("t"."published" or "t"."author_id" = $1::uuid)')
    assert.equal(specialise(read, admin), ALWAYS)
  })

  const cases: readonly (readonly [source: string, caller: Caller, expected: Predicate])[] = [
    ['author.id == auth.id', ANONYMOUS, NEVER],
    ['author.id != auth.id', ANONYMOUS, NEVER],
    ['!(author.id == auth.id)', ANONYMOUS, NEVER],
    ['published && author.id == auth.id', ANONYMOUS, NEVER],
    ['auth.id == null', ANONYMOUS, ALWAYS],
    ['auth.id == null', user, NEVER],
    ['!(auth.role == "admin")', user, ALWAYS],
    ['!(auth.role == "admin")', ANONYMOUS, NEVER],
    ['org.posts.all(m, auth.level > 5) ? author.id == auth.id : true', ANONYMOUS, NEVER],
    ['org.posts.exists(m, auth.level > 5) ? true : author.id == auth.id', ANONYMOUS, NEVER],
    ['auth.level >= 2', user, ALWAYS],
    ['auth.level >= 2', admin, NEVER],
    ['!(auth.level >= 2)', admin, NEVER],
    ['auth.name.lowerAscii().startsWith("an")', user, ALWAYS],
    ['auth.name < "B" && size(auth.name) == 3', user, ALWAYS],
    ['auth.role == "user" ? auth.level == 3 : published', user, NEVER],
    ['author.posts.exists(p, auth.id == null)', user, NEVER],
    [`auth.id == "${ID.toUpperCase()}"`, user, ALWAYS],
    ['auth.level == 2.5', user, rule('Post', 'auth.level == 2.5')],
  ]
  for (const [source, caller, expected] of cases) {
    const name = `${source} for ${caller === ANONYMOUS ? 'nobody' : caller === admin ? 'an admin' : 'a user'}`
    test(name, () => assert.deepEqual(specialise(rule('Post', source), caller), expected))
  }

  test('leaves a condition on caller and row to SQL, even if this caller makes the row irrelevant, so that variants stay few', () => {
    assert.equal(text(specialise(rule('Post', '(auth.role == "user" ? auth.name : title) == "Ann"'), user)), `$1::text = 'Ann'`)
  })

  test('`fold` keeps unknown apart from false', () => {
    assert.deepEqual(fold(rule('Post', 'author.id == auth.id'), ANONYMOUS), UNKNOWN)
    assert.deepEqual(fold(rule('Post', 'false && author.id == auth.id'), ANONYMOUS), NEVER)
    assert.deepEqual(fold(rule('Post', 'published && auth.level == 1'), ANONYMOUS), {
      kind: 'all',
      of: [rule('Post', 'published'), UNKNOWN],
    })
  })
})

describe('the variant of a caller', () => {
  test('is the same for all callers whom the rules treat alike', () => {
    const other = '0190f6e0-1c2a-7000-8000-000000000002'
    const [one, two] = [signedIn({ role: 'user', name: 'a' }), signedIn({ id: other, role: 'user', name: 'b' })]
    assert.equal(variantKey(MODEL, one), variantKey(MODEL, two))
    assert.equal(variantKey(MODEL, signedIn({ role: 'admin' })), variantKey(MODEL, signedIn({ role: 'moderator' })))
    assert.notEqual(variantKey(MODEL, one), variantKey(MODEL, signedIn({ role: 'admin', name: 'a' })))
    assert.notEqual(variantKey(MODEL, one), variantKey(MODEL, signedIn({ role: 'user' })))
    assert.notEqual(variantKey(MODEL, one), variantKey(MODEL, ANONYMOUS))
  })
})

describe('a filter masked for its caller', () => {
  const masked = (entity: string, source: string, caller: Caller): string =>
    text(specialise(maskFilter(rule(entity, source), MODEL), caller))
  const user = signedIn({ role: 'user' })

  test('counts a field as missing where the caller may not read it', () => {
    assert.equal(masked('User', 'email == "a@b.c"', user), `("t"."id" = $1::uuid and "t"."email" = 'a@b.c')`)
    assert.equal(masked('User', 'email != "a@b.c"', user), `("t"."id" = $1::uuid and "t"."email" <> 'a@b.c')`)
    assert.equal(masked('User', 'email == null', user), `("t"."id" = $1::uuid and "t"."email" is not null) is not true`)
    assert.equal(masked('User', 'email == "a@b.c"', ANONYMOUS), 'false')
    assert.equal(masked('User', 'email == "a@b.c"', signedIn({ role: 'admin' })), `"t"."email" = 'a@b.c'`)
  })

  test('reads through a reference only rows that the caller may read', () => {
    assert.equal(
      masked('Comment', 'post.title == "x"', signedIn({ role: 'admin' })),
      `(select "r1"."title" from "posts" "r1" where "r1"."id" = "t"."post_id") = 'x'`,
    )
    assert.equal(
      masked('Comment', 'post.title == "x"', ANONYMOUS),
      `((select "r1"."published" from "posts" "r1" where "r1"."id" = "t"."post_id") and (select "r1"."title" from "posts" "r1" where "r1"."id" = "t"."post_id") = 'x')`,
    )
    assert.equal(
      masked('Comment', 'post == "0190f6e0-1c2a-7000-8000-000000000001"', ANONYMOUS),
      `"t"."post_id" = '0190f6e0-1c2a-7000-8000-000000000001'::uuid`,
    )
  })

  test('reads through a relation only rows that the caller may read', () => {
    assert.equal(
      masked('User', 'posts.exists(p, p.title == "x")', ANONYMOUS),
      `exists (select 1 from "posts" "r1" where "r1"."author_id" = "t"."id" and ("r1"."published" and "r1"."title" = 'x'))`,
    )
    assert.equal(
      masked('User', '!posts.exists(p, p.title == "x")', ANONYMOUS),
      `not exists (select 1 from "posts" "r1" where "r1"."author_id" = "t"."id" and ((("r1"."published") is not true or "r1"."title" <> 'x')) is not true)`,
    )
    assert.equal(
      masked('User', 'size(posts) == 0', ANONYMOUS),
      `(select count(*) from "posts" "r1" where "r1"."author_id" = "t"."id" and "r1"."published") = 0`,
    )
  })
})

describe('a rule moved to another row', () => {
  test('keeps its own bindings apart from those of the path', () => {
    const row = { binding: 'm', root: 'Post', hops: [{ field: 'org', entity: 'Org' }], entity: 'Org' }
    const moved = rebase(rule('Org', 'posts.exists(m, m.title == name)'), row)
    assert.ok(moved.kind === 'some' && moved.where.kind === 'compare')
    const { left, right } = moved.where
    assert.ok(left.kind === 'field' && right.kind === 'field')
    assert.equal(left.row.binding, moved.as)
    assert.notEqual(moved.as, 'm')
    assert.deepEqual(right.row, row)
    assert.deepEqual(moved.over.of, row)
  })

  test('does not change when it is moved to its own row', () => {
    const own = rule('Post', 'published || author.name == title')
    assert.deepEqual(rebase(own, rootRow('Post')), own)
  })
})

describe('a filter with its constants taken out', () => {
  test('has the same shape as every filter that differs only in constants', () => {
    const key = (source: string): string => shapeKey(parameterise(rule('Post', source)).predicate)
    assert.equal(key('title == "a" && author.level > 1'), key('title == "b" && author.level > 7'))
    assert.equal(key('title in ["a"]'), key('title in ["a", "b", "c"]'))
    assert.equal(key('author.posts.exists(m, m.title == "a")'), key('author.posts.exists(n, n.title == "b")'))
    assert.notEqual(key('title == "a"'), key('title != "a"'))
    assert.notEqual(key('published == true'), key('published == false'))
    assert.notEqual(key('author.level > 1'), key('author.level > 1.5'))
    assert.notEqual(
      key('author.posts.exists(m, author.posts.exists(n, m.title == "a"))'),
      key('author.posts.exists(m, author.posts.exists(n, n.title == "a"))'),
    )
  })

  test('gives the values in order of appearance, lists as array literals', () => {
    const { predicate, values } = parameterise(rule('Post', 'title == "a" && title in ["x", "y\\"z"] && author.level < 3'))
    assert.deepEqual(values, { p0: 'a', p1: '{"x","y\\"z"}', p2: 3 })
    assert.equal(
      text(predicate),
      `("t"."title" = $1::text and "t"."title" = any($2::text[]) and (select "r1"."level" from "users" "r1" where "r1"."id" = "t"."author_id") < $3::bigint)`,
    )
  })
})
