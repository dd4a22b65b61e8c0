import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { problemsOf, SCOPE } from '../../../test/expressions/post-scope.ts'
import { SEEDED } from '../../../test/support/random.ts'
import { compilePredicate } from './compile.ts'
import { REQUEST_LIMITS } from './limits.ts'
import type { ExpressionScope } from './scope.ts'

describe('limits', () => {
  const request: ExpressionScope = { ...SCOPE, input: false, limits: REQUEST_LIMITS }
  const clauses = (n: number): string => Array.from({ length: n }, (_, i) => `title == "${i}"`).join(' || ')

  test('a request has at most 100 conditions', () => {
    assert.deepEqual(problemsOf(clauses(100), request), [])
    assert.deepEqual(problemsOf(clauses(101), request), ['PLN-D309 1:1691 more than 100 conditions'])
  })

  test('a request follows at most three relations, a design five', () => {
    assert.deepEqual(problemsOf('parent.parent.parent.title == "x"', request), [])
    assert.deepEqual(problemsOf('parent.parent.parent.parent.title == "x"', request), ['PLN-D309 1:22 more than 3 relations in one path'])
    assert.deepEqual(problemsOf('parent.parent.parent.parent.parent.title == "x"'), [])
    assert.deepEqual(problemsOf('children.exists(c, c.children.exists(d, d.parent.parent.title == "x"))', request), [
      'PLN-D309 1:50 more than 3 relations in one path',
    ])
  })

  test('texts have at most 1,000 characters and lists at most 500 items', () => {
    assert.deepEqual(problemsOf(`title == "${'😀'.repeat(1_000)}"`, request), [])
    assert.deepEqual(problemsOf(`title == "${'a'.repeat(1_001)}"`, request), ['PLN-D309 1:10 a text constant of more than 1000 characters'])
    const list = (n: number): string => `author.level in [${'1, '.repeat(n - 1)}1]`
    assert.deepEqual(problemsOf(list(500), request), [])
    assert.equal(problemsOf(list(501), request).length, 1)
  })

  test('a request may not use patterns, can or named rules', () => {
    assert.deepEqual(problemsOf('title.matches("a")', request), ['PLN-D304 1:1 unknown function "matches"'])
    assert.deepEqual(problemsOf('can("read", author)', request), ['PLN-D304 1:1 unknown function "can"'])
    assert.deepEqual(problemsOf('staff', { ...request, shape: { ...SCOPE.shape, rules: new Map() } }), [
      'PLN-D302 1:1 unknown field "staff"',
    ])
  })

  test('nesting, length and named rules that multiply end in one problem', () => {
    const rules = new Map([['r0', 'published'], ...Array.from({ length: 40 }, (_, i): [string, string] => [`r${i + 1}`, `r${i} || r${i}`])])
    const scope: ExpressionScope = { ...SCOPE, shape: { ...SCOPE.shape, rules } }
    assert.deepEqual(problemsOf('r40', scope), ['PLN-D309 1:1 in the rule "r40": more than 500 conditions'])
    for (const source of [
      '!'.repeat(15_000),
      `${'('.repeat(9_000)}true${')'.repeat(9_000)}`,
      `title${' + title'.repeat(600)} == ""`,
      '['.repeat(9_000),
      'a'.repeat(20_001),
    ]) {
      const [first] = problemsOf(source)
      assert.match(first ?? '', /^PLN-D30[19] /)
    }
  })

  test('no calculation can leave the range of its type', () => {
    assert.deepEqual(problemsOf('author.score * author.score * author.score * author.score > 1.0'), [])
    assert.deepEqual(problemsOf('author.score * author.score * author.score * author.score * author.score * author.score > 1.0'), [
      'PLN-D309 1:1 this calculation can leave the range of a number; use fewer factors',
    ])
    assert.equal(problemsOf('at + (at - at) > at').length, 1)
  })

  test('compiling any text ends in a result', () => {
    const word = fc.constantFrom(
      'title',
      'author',
      '.',
      '(',
      ')',
      '&&',
      '||',
      '!',
      '==',
      '<',
      'in',
      '[',
      ']',
      '"a"',
      '1',
      '?',
      ':',
      'auth',
      'id',
      'exists',
      ',',
      'null',
      '+',
      '-',
      ' ',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word, { maxLength: 40 }).map((words) => words.join('')),
        ),
        (source) => {
          const result = compilePredicate(source, SCOPE)
          if (!result.ok) assert.ok(result.problems.length > 0 && result.problems.every((p) => p.line >= 1 && p.column >= 1))
        },
      ),
      { numRuns: 3_000, ...SEEDED },
    )
  })
})
