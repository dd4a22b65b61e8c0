import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compiled, problemsOf, SCOPE } from '../../../test/expressions/post-scope.ts'
import { listType, scalarType } from '../../model/expression.ts'
import { compilePredicate, compileTerm } from './compile.ts'
import { REQUEST_LIMITS } from './limits.ts'
import type { ExpressionScope } from './scope.ts'

describe('problems of an expression', () => {
  const cases: readonly (readonly [source: string, ...problems: string[]])[] = [
    ['', 'PLN-D301 1:1 the expression is empty'],
    ['title = "x"', 'PLN-D301 1:7 unexpected character: =; equality is `==`'],
    ['published and true', "PLN-D301 1:11 unexpected character: 'd'; write `&&`"],
    [
      'package == "x"',
      'PLN-D301 1:1 reserved identifier: package; the word is reserved in CEL, so it cannot be the name of a field or rule',
    ],
    ['(published', 'PLN-D301 1:11 expected `)`, got end of expression'],
    ['publishd', 'PLN-D302 1:1 unknown field "publishd"; did you mean "published"?'],
    ['title != nul', 'PLN-D302 1:10 unknown field "nul"; did you mean "null"?'],
    ['published == True', 'PLN-D302 1:14 unknown field "True"; did you mean "true"?'],
    ['published &&\n  author.nmae == "x"', 'PLN-D302 2:10 unknown field of User "nmae"; did you mean "name"?'],
    ['auth.rol == "admin"', 'PLN-D302 1:6 unknown claim "rol"; did you mean "role"?'],
    ['input.titel == "x"', 'PLN-D302 1:7 unknown input "titel"; did you mean "title"?'],
    ['nope(1) || nada', 'PLN-D304 1:1 unknown function "nope"', 'PLN-D302 1:12 unknown field "nada"'],
    ['title > 3', 'PLN-D303 1:9 a number stands where a text is needed'],
    ['at > "2024-01-01"', 'PLN-D303 1:6 a text stands where a timestamp is needed; write timestamp("2024-01-31T09:30:00Z")'],
    ['span > 60', 'PLN-D303 1:8 a number stands where a duration is needed; write duration("90s")'],
    ['title == at', 'PLN-D303 1:1 a text is compared with a timestamp'],
    ['tags == ["a"]', 'PLN-D303 1:1 lists cannot be compared whole; use in, exists, all or size'],
    ['extra == "a"', 'PLN-D303 1:10 a text stands where a json is needed'],
    ['extra.a == 1', 'PLN-D303 1:7 a json has no fields'],
    ['title < null', 'PLN-D303 1:1 null has no order; only == null and != null ask whether something is missing'],
    [
      'auth.id.name == "x"',
      'PLN-D303 1:9 a uuid has no fields; auth.id is a value, not a row: list what you need of it in identity.claims, or find the row in a step of an action',
    ],
    ['auth != null', 'PLN-D303 1:1 auth is the caller, not a value; write auth.id != null'],
    ['author.posts == null', 'PLN-D303 1:1 posts is many rows and never missing; write size(posts) == 0'],
    ['author.posts.title == "x"', 'PLN-D303 1:14 posts is many rows, not one; write posts.exists(x, x.title …) or size(posts)'],
    ['title in author.posts', 'PLN-D303 1:1 posts is a list of rows; write posts.exists(x, x.id == …)'],
    ['title in ["a", null]', 'PLN-D303 1:16 null in a list equals nothing; add || … == null beside the list'],
    ['title + 1 == "x"', 'PLN-D303 1:1 + between a text and an integer; write string(…) to make a text'],
    [
      'day + duration("24h") > day',
      'PLN-D303 1:1 + between a date and a duration; dates are only compared; where a time is calculated, make the field a timestamp',
    ],
    ['at + at > at', 'PLN-D303 1:1 + between a timestamp and a timestamp; write duration("1h") or another timestamp'],
    ['(published ? title : price) == "x"', 'PLN-D303 1:2 the two branches of ? : are a text and a decimal'],
    ['title.contains(price)', 'PLN-D303 1:1 contains takes a text, and this is a decimal'],
    ['tags.contains("a")', 'PLN-D303 1:1 contains works on a text, and this is a list; write x in list'],
    ['size(price) > 1', 'PLN-D303 1:1 size takes a text, a list or a relation, and this is a decimal'],
    ['title.trim(1) == ""', 'PLN-D304 1:1 trim takes no arguments'],
    ['at.getHours("Europe/Berlin") == 9', 'PLN-D304 1:1 getHours takes no arguments; times are in UTC'],
    ['trim(title) == ""', 'PLN-D304 1:1 trim is called the other way round; write x.trim(…)'],
    ['title.sise() == 1', 'PLN-D304 1:1 unknown function "sise"; did you mean "size"?'],
    ['can("write", author)', 'PLN-D304 1:5 can takes "read", "update" or "delete" first'],
    ['can("read", title)', 'PLN-D304 1:13 can takes a related row second, and this is a text'],
    ['author.posts.exists(published)', 'PLN-D304 1:1 exists takes a name and a condition; write relation.exists(x, …)'],
    ['author.role == "admn"', 'PLN-D305 1:16 "admn" is not one of the choices; did you mean "admin"?'],
    ['auth.role in ["boss"]', 'PLN-D305 1:15 "boss" is not one of the choices; it is one of "user", "moderator", "admin"'],
    ['author.id == "42"', 'PLN-D306 1:14 "42" is not a uuid; write it like "0190f6e0-1c2a-7000-8000-000000000000"'],
    ['day == "2024-02-30"', 'PLN-D306 1:8 "2024-02-30" is not a date; write it like "2024-01-31"'],
    ['hour == "25:00"', 'PLN-D306 1:9 "25:00" is not a time; write it like "09:30:00"'],
    ['at > timestamp("2024-01-01")', 'PLN-D306 1:16 "2024-01-01" is not a timestamp; write it like timestamp("2024-01-31T09:30:00Z")'],
    ['span > duration("1d")', 'PLN-D306 1:17 "1d" is not a duration; write it like duration("1h30m"), in h, m, s, ms or us; a day is 24h'],
    [
      'author.level == 9007199254740993',
      'PLN-D306 1:17 9007199254740993 is not a whole number between -9007199254740991 and 9007199254740991',
    ],
    ['title == "a\\u0000b"', 'PLN-D306 1:10 a text constant holds a character that cannot be stored'],
    ['has(author.name)', 'PLN-D307 1:1 has() is not part of the language here; write … != null'],
    ['tags.exists_one(t, t == "a")', 'PLN-D307 1:1 exists_one() is not part of the language here; write exists(…), or size(…) == 1'],
    ['tags[0] == "a"', 'PLN-D307 1:1 items cannot be picked by position; write x in list or list.exists(x, …)'],
    ['{"a": 1}.a == 1', 'PLN-D307 1:1 maps are not part of the language here; compare the fields one by one'],
    ['title == b"x"', 'PLN-D307 1:10 bytes and unsigned numbers are not part of the language here'],
    ['round', 'PLN-D310 1:1 in the rule "round": the rule leads back to itself: round → about → round'],
    ['published || typo', 'PLN-D302 1:14 in the rule "typo": unknown field "publishd"; did you mean "published"?'],
    [
      'title.matches("(a+)+")',
      'PLN-D311 1:15 the pattern is refused: one repetition inside another may take very long; at most 100 characters, without backreferences or lookaround',
    ],
    ['title.matches(author.name)', 'PLN-D311 1:22 the pattern of matches must be a constant text'],
    ['title == random(6)', 'PLN-D308 1:10 random() has a new value at each use; only a default, set and the values of a step can use it'],
    [
      'replace(title, "", "x") == "a"',
      'PLN-D304 1:1 replace takes a text and two constant texts, the first not empty; write replace(x, "a", "b")',
    ],
    ['title.replace("a", "123456789012345678901") == "a"', 'PLN-D309 1:1 replace may make the text more than 20 times longer'],
    ['slugify(tags) == "a"', 'PLN-D303 1:1 slugify takes a text, and this is a list of text'],
    ['title', 'PLN-D312 1:1 a condition is needed, and this is a text'],
    ['author', 'PLN-D312 1:1 a condition is needed, and this is one User; write … != null, or compare it with another row'],
    ['author.posts && true', 'PLN-D312 1:8 a condition is needed, and this is many rows (posts); write posts.exists(x, …)'],
    ['author.password == "x"', 'PLN-D313 1:8 User.password is a password and may not be used'],
  ]
  for (const [source, ...problems] of cases)
    test(source === '' ? 'an empty expression' : source, () => assert.deepEqual(problemsOf(source), problems))

  test('a name that a place does not offer is reported as such', () => {
    const check: ExpressionScope = { ...SCOPE, input: false, relations: false, auth: false, clock: false }
    assert.deepEqual(problemsOf('author.name == "x"', check), [
      'PLN-D308 1:8 only the row itself can be used here, not rows that it relates to',
    ])
    assert.deepEqual(problemsOf('auth.id != null', check), ['PLN-D308 1:1 the caller is not known here, so auth cannot be used'])
    assert.deepEqual(problemsOf('input.title != null', check), ['PLN-D308 1:1 nothing is being written here, so input cannot be used'])
    assert.deepEqual(problemsOf('at < now()', check), ['PLN-D308 1:6 now() cannot be used here'])
    assert.deepEqual(problemsOf('author.id == author', check), [], 'a reference is part of the row')
    assert.deepEqual(problemsOf('title == "x"', { ...SCOPE, entity: null }), ['PLN-D302 1:1 unknown name "title"'])
  })

  test('a design without an identity has no claims', () => {
    const shape = { ...SCOPE.shape, claims: new Map() }
    assert.deepEqual(problemsOf('auth.id != null', { ...SCOPE, shape }), [
      'PLN-D302 1:6 unknown claim auth.id; no entity of the design has an identity, so nobody signs in',
    ])
  })
})

describe('names that may not be used', () => {
  const hidden = new Set(['email', 'password', 'posts'])
  const scope: ExpressionScope = { ...SCOPE, entity: 'User', input: false, limits: REQUEST_LIMITS, visible: (_, name) => !hidden.has(name) }

  test('are answered byte for byte like names that do not exist', () => {
    for (const template of [
      'NAME == "a"',
      'NAME != null',
      'NAME.exists(p, true)',
      'size(NAME) > 1',
      'NAME.startsWith("x") || NAME in ["a"]',
      'NAME',
    ]) {
      for (const name of hidden) {
        const [real, unreal] = [name, 'x'.repeat(name.length)].map((each) =>
          JSON.stringify(compilePredicate(template.replaceAll('NAME', each), scope)).replaceAll(each, 'NAME'),
        )
        assert.equal(real, unreal, `${template} with ${name}`)
      }
    }
  })

  test('are never suggested', () => {
    assert.deepEqual(problemsOf('emial == "a"', scope), ['PLN-D302 1:1 unknown field "emial"'])
    assert.deepEqual(problemsOf('nmae == "a"', scope), ['PLN-D302 1:1 unknown field "nmae"; did you mean "name"?'])
    assert.deepEqual(problemsOf('nmae == "a"', { ...scope, suggestions: false }), ['PLN-D302 1:1 unknown field "nmae"'])
  })
})

describe('the result of compiling an expression', () => {
  test('a reference and its id are the same value of the row itself', () => {
    assert.deepEqual(compiled('author == auth.id'), compiled('author.id == auth.id'))
    assert.deepEqual(compiled('parent.author.id == auth.id'), compiled('parent.author == auth.id'))
  })

  test('a named rule is written out', () => {
    assert.deepEqual(compiled('published || staff'), compiled('published || auth.role in ["admin", "moderator"]'))
  })

  test('a named rule can use the row, but not the bindings of exists around it', () => {
    const shape = { ...SCOPE.shape, rules: new Map([['plain', 'title == "x"']]) }
    assert.deepEqual(problemsOf('children.exists(title, plain)', { ...SCOPE, shape }), [])
    const p = compiled('children.exists(title, plain)', { ...SCOPE, shape })
    assert.ok(p.kind === 'some' && p.where.kind === 'compare' && p.where.left.kind === 'field')
    assert.equal(p.where.left.row.binding, 'row')
  })

  test('names bound twice stay apart', () => {
    const p = compiled('children.exists(c, c.children.all(c, c.published))')
    assert.ok(p.kind === 'some' && p.where.kind === 'every')
    assert.notEqual(p.as, p.where.as)
    assert.equal(p.where.over.of.binding, p.as)
  })

  test('a constant takes the type of the value beside it', () => {
    const typeBeside = (source: string): string => {
      const p = compiled(source)
      assert.ok(p.kind === 'compare' && p.right.kind === 'literal', source)
      return `${p.right.type.scalar} ${String(p.right.value)}`
    }
    assert.equal(typeBeside('price == 1'), 'decimal 1')
    assert.equal(typeBeside('price == 1.50'), 'decimal 1.5')
    assert.equal(typeBeside('author.level == 2.0'), 'integer 2')
    assert.equal(typeBeside('author.level == 2.5'), 'decimal 2.5')
    assert.equal(typeBeside('author.score == 2'), 'number 2')
    assert.equal(typeBeside('author.id == "0190F6E0-1C2A-7000-8000-00000000000A"'), 'uuid 0190f6e0-1c2a-7000-8000-00000000000a')
    assert.equal(typeBeside('day == "2024-02-29"'), 'date 2024-02-29')
    assert.equal(typeBeside('at == timestamp("2024-02-29T12:00:00+01:00")'), 'timestamp 2024-02-29T11:00:00.000Z')
    assert.equal(typeBeside('span == duration("-1h30m")'), 'duration PT-5400S')
  })

  test('a value must be of the type that its place takes', () => {
    const scope: ExpressionScope = { ...SCOPE, relations: false }
    const typed = (source: string, type: Parameters<typeof compileTerm>[2]): string => {
      const result = compileTerm(source, scope, type)
      return result.ok ? `${result.value.kind} ${result.value.type.scalar}` : result.problems.map((p) => `${p.code} ${p.message}`).join()
    }
    assert.equal(typed('auth.id', scalarType('uuid')), 'auth uuid')
    assert.equal(typed('"draft"', scalarType('text')), 'literal text')
    assert.equal(typed('now()', scalarType('timestamp')), 'now timestamp')
    assert.equal(typed('price * 2', scalarType('decimal')), 'call decimal')
    assert.equal(typed('[]', listType('text')), 'literal text')
    assert.equal(typed('["a"]', listType('text')), 'literal text')
    assert.equal(typed('published && title == ""', scalarType('boolean')), 'predicate boolean')
    assert.equal(typed('price * 2', scalarType('integer')), 'PLN-D312 an integer is needed, and this is a decimal')
    assert.equal(typed('title', scalarType('timestamp')), 'PLN-D312 a timestamp is needed, and this is a text')
    assert.equal(typed('tags', scalarType('text')), 'PLN-D312 a text is needed, and this is a list of text')
  })
})
