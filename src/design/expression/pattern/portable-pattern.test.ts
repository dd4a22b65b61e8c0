import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { anyText } from '../../../../test/support/hostile-text.ts'
import { SEEDED } from '../../../../test/support/random.ts'
import { portablePattern } from './portable-pattern.ts'

describe('patterns of matches', () => {
  const refused: readonly (readonly [pattern: string, why: string])[] = [
    ['(a+)+', 'one repetition inside another may take very long'],
    ['(?:a*b)*', 'one repetition inside another may take very long'],
    ['(a{2}){3}', 'one repetition inside another may take very long'],
    ['(?=a)', 'lookahead, lookbehind and named groups are not available'],
    ['(?<!a)b', 'lookahead, lookbehind and named groups are not available'],
    ['(?<n>a)', 'lookahead, lookbehind and named groups are not available'],
    ['(?i)a', 'lookahead, lookbehind and named groups are not available'],
    ['(a)\\1', 'references to groups are not available'],
    ['a*?', 'lazy and possessive repetition are not available'],
    ['\\bword', '\\b means different things in different engines'],
    ['[[:alpha:]]', 'write \\[ for the character itself'],
    ['[]', 'an empty set'],
    ['[z-a]', 'a range needs a character at both ends, in order'],
    ['[\\w-z]', 'a range needs a character at both ends'],
    ['a{101}', 'more than 100 repetitions'],
    ['a{3,1}', 'a repetition with its bounds the wrong way round'],
    ['^*', 'a ^ or $ cannot be repeated'],
    ['*a', 'a * with nothing to repeat; write \\* for the character itself'],
    ['a]', 'write \\] for the character itself'],
    ['(a', 'a ( without its )'],
    ['a)', 'a ) without its ('],
    ['[a', 'a [ without its ]'],
    ['a\\', 'it ends in a \\'],
    ['\\p{L}', '\\p is not available'],
    ['\\x41', '\\x is not available'],
    ['\\uD83D', '\\u needs four hexadecimal digits of a character'],
    ['a'.repeat(101), 'it has more than 100 characters'],
  ]
  for (const [pattern, why] of refused) {
    test(`${pattern.slice(0, 20)} is refused`, () => {
      const result = portablePattern(pattern)
      assert.ok(!result.ok)
      assert.equal(result.why, why)
    })
  }

  const spelt: readonly (readonly [pattern: string, portable: string])[] = [
    ['^[a-z]+$', '^[a-z]+$'],
    ['\\d{3}-\\w', '[0-9]{3}-[A-Za-z0-9_]'],
    ['\\D', '[^0-9]'],
    ['a.b', 'a[^\\n\\r\\u2028\\u2029]b'],
    ['(a|b)?', '(?:a|b)?'],
    ['[^\\d.]', '[^0-9.]'],
    ['[a-]', '[a\\-]'],
    ['\\.\\-\\/', '\\.-\\/'],
    ['é😀', 'é😀'],
  ]
  for (const [pattern, portable] of spelt)
    test(`${pattern} is spelt ${portable}`, () => assert.deepEqual(portablePattern(pattern), { ok: true, pattern: portable }))

  test('an accepted pattern means the same in its portable spelling', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '1',
      '_',
      '.',
      '\\d',
      '\\w',
      '\\s',
      '\\S',
      '[ab]',
      '[^a]',
      '[a-c1]',
      '(a|b)',
      '(?:ab)',
      '^',
      '$',
      '+',
      '*',
      '?',
      '{2}',
      '{1,2}',
      '|',
      '\\.',
      ' ',
      '\\n',
      '\\u00e9',
      '-',
    )
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '_', '.', ' ', '\n', 'é', '\u00a0', '-', '😀'), maxLength: 8 })
    let accepted = 0
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), fc.array(text, { minLength: 5, maxLength: 5 }), (pieces, texts) => {
        const pattern = pieces.join('')
        const result = portablePattern(pattern)
        if (!result.ok) return
        accepted++
        for (const each of texts)
          assert.equal(
            new RegExp(result.pattern, 'v').test(each),
            new RegExp(pattern, 'v').test(each),
            `${pattern} on ${JSON.stringify(each)}`,
          )
      }),
      { numRuns: 3_000, ...SEEDED },
    )
    assert.ok(accepted > 300)
  })

  test('checking any text ends in an answer', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 120 }), (pattern) => typeof portablePattern(pattern).ok === 'boolean'),
      { numRuns: 3_000, ...SEEDED },
    )
  })
})
