import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyText } from '../../../test/support/hostile-text.ts'
import { SEEDED, shortened } from '../../../test/support/random.ts'
import { parsePattern } from './parse-pattern.ts'
import type { PatternNode } from './pattern-node.ts'

const TOKENS = [
  ...['a', '1', '-', '^', '$', '.', '|', '(', ')', '[', '[^', ']', '{', '}', '*', '+', '?', '/', '<', '>', 'é', '😀', '\n'],
  ...['(?:', '(?=', '(?!', '(?<=', '(?<!', '(?<n>', '(?i:', '{2}', '{2,}', '{1,3}', 'a-z', '(a)', '[a-z]', '[^\\s-]'],
  ...['\\d', '\\D', '\\w', '\\s', '\\b', '\\B', '\\.', '\\-', '\\]', '\\n', '\\0', '\\1', '\\k<n>', '\\x41', '\\u0041', '\\u{1F600}'],
  ...['\\uD83D', '\\uDE00', '\\p{L}', '\\P{L}', '\\cA', '\\q', '\\'],
]

function isAccepted(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u')
    return true
  } catch {
    return false
  }
}

test('every pattern that the engine accepts is read without a problem', () => {
  const runs = shortened(20_000)
  let accepted = 0
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...TOKENS), { maxLength: 8 }), (tokens) => {
      const pattern = tokens.join('')
      const { tree, problem } = parsePattern(pattern)
      if (!isAccepted(pattern)) return
      accepted++
      assert.equal(problem, null, pattern)
      assert.deepEqual([tree.start, tree.end], [0, pattern.length], pattern)
    }),
    { numRuns: runs, ...SEEDED },
  )
  assert.ok(accepted > runs * 0.15, `only ${accepted} patterns were accepted`)
})

test('reading any text ends in a tree', () => {
  fc.assert(
    fc.property(anyText({ maxLength: 200 }), (pattern) => parsePattern(pattern).tree.kind.length > 0),
    SEEDED,
  )
})

/** The only part of a pattern. */
function only(pattern: string): PatternNode {
  const { tree, problem } = parsePattern(pattern)
  assert.equal(problem, null, pattern)
  assert.ok(tree.kind === 'sequence' && tree.of.length === 1, pattern)
  return tree.of[0] as PatternNode
}

test('a character is read from each of its spellings', () => {
  for (const [pattern, code, spelling] of [
    ['a', 0x61, 'plain'],
    ['😀', 0x1f600, 'plain'],
    ['\\.', 0x2e, 'sign'],
    ['\\n', 10, 'control'],
    ['\\cJ', 10, 'control-letter'],
    ['\\0', 0, 'nul'],
    ['\\x41', 0x41, 'hex'],
    ['\\u0041', 0x41, 'unicode'],
    ['\\uD83D\\uDE00', 0x1f600, 'surrogate-pair'],
    ['\\uD83D', 0xd83d, 'unicode'],
    ['\\u{1F600}', 0x1f600, 'code-point'],
  ] as const) {
    assert.deepEqual(only(pattern), { kind: 'character', code, spelling, start: 0, end: pattern.length })
  }
})

test('a hyphen in a set makes a range only between two characters', () => {
  const kinds = (pattern: string): readonly string[] => {
    const set = only(pattern)
    assert.ok(set.kind === 'set')
    return set.of.map(({ kind }) => kind)
  }
  assert.deepEqual(kinds('[a-c]'), ['range'])
  assert.deepEqual(kinds('[a-c-e]'), ['range', 'character', 'character'])
  assert.deepEqual(kinds('[-a-]'), ['character', 'character', 'character'])
  assert.deepEqual(kinds('[^\\]\\b\\d]'), ['character', 'character', 'class'])
})

test('a repetition has its bounds, its sign and its greed', () => {
  for (const [pattern, sign, least, most, lazy] of [
    ['a*', '*', 0, null, false],
    ['a+?', '+', 1, null, true],
    ['a?', '?', 0, 1, false],
    ['a{2}', '{2}', 2, 2, false],
    ['a{2,}', '{2,}', 2, null, false],
    ['(?:ab){2,3}?', '{2,3}', 2, 3, true],
  ] as const) {
    const repeat = only(pattern)
    assert.ok(repeat.kind === 'repeat')
    assert.deepEqual([repeat.sign, repeat.least, repeat.most, repeat.lazy], [sign, least, most, lazy])
  }
})

test('with a problem, the tree holds what stands before it', () => {
  for (const [pattern, problem, end] of [
    ['ab)', { kind: 'unopened-group' }, 2],
    ['(a', { kind: 'unclosed-group' }, 2],
    ['(?a)', { kind: 'unknown-group' }, 0],
    ['[ab', { kind: 'unclosed-set' }, 3],
    ['a\\', { kind: 'backslash-at-end' }, 1],
    ['a\\u{110000}', { kind: 'bad-unicode-escape' }, 1],
    ['^*', { kind: 'repeated-anchor' }, 1],
    ['a**', { kind: 'repeated-repetition' }, 2],
    ['[\\d-z]', { kind: 'class-before-range' }, 3],
    ['[a-\\d]', { kind: 'class-after-range' }, 5],
    ['a|+', { kind: 'nothing-to-repeat', sign: '+' }, 2],
    ['a]', { kind: 'unescaped-bracket', sign: ']' }, 1],
    ['a\\q', { kind: 'unknown-escape', letter: 'q' }, 1],
  ] as const) {
    const parsed = parsePattern(pattern)
    assert.deepEqual(parsed.problem, problem, pattern)
    assert.equal(parsed.tree.end, end, pattern)
  }
})
