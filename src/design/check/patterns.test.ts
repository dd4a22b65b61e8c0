import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processorTime } from '../../../test/support/processor-time.ts'
import { patternProblem } from './patterns.ts'

const ORDINARY = [
  '^[a-z0-9-]+$',
  '^[a-z0-9]+(?:-[a-z0-9]+)*$',
  '^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d)',
  '^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$',
  '^\\+?[1-9]\\d{1,14}$',
  '^(?:\\d{1,3}\\.){3}\\d{1,3}$',
  '^#(?:[0-9a-f]{3}){1,2}$',
  '^(?:(?!--).)*$',
  "^\\p{L}[\\p{L}\\p{M} .'-]*$",
  '^(draft|published|archived)$',
  '^[A-Z]{2}\\d{2}[A-Z0-9]{1,30}$',
  '^(?:[01]\\d|2[0-3]):[0-5]\\d$',
  '\\S',
  '^(GET|POST|PUT)(,(GET|POST|PUT))*$',
  '^https://[\\w.-]+(/[\\w.-]*)*$',
]

const SLOW = [
  '^(a+)+$',
  '^(a*)*$',
  '^(a|a)*$',
  '^(a|aa)+$',
  '^([a-z]+\\s?)+$',
  '^(\\w+-?)*$',
  '^(?:a*b*)*c$',
  '^([a-z]{1,20} ?){1,10}$',
  '(x+x+)+y',
  '^(?=(ä+)+$)',
  '^.*a.*b.*c$',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '^(?:\\xe8|[\\xe7-\\xea])*$',
  '^(?:\\uD83D\\uDE01|[\\u{1F600}-\\u{1F602}])*$',
]

test('ordinary patterns are accepted', () => {
  for (const pattern of ORDINARY) assert.equal(patternProblem(pattern, 10_000), null, pattern)
})

test('patterns that may take very long are refused', () => {
  for (const pattern of SLOW) assert.match(String(patternProblem(pattern, 10_000)), /very (many ways|long)/, pattern)
})

test('a pattern that is slow on long texts is accepted for short ones', () => {
  assert.equal(patternProblem('^.*a.*b.*c$', 200), null)
})

test('a reference to a group and an invalid pattern are refused', () => {
  assert.equal(patternProblem('^(a)\\1$', 10), 'references to groups are not possible')
  assert.equal(patternProblem('[', 10), 'not a regular expression: /[/u: Unterminated character class')
})

test('the longest pattern is judged in half a second of processor time', () => {
  const worst = [
    '(?:ab?c?d?)*'.repeat(40),
    '[a-z]*'.repeat(80),
    `(?:${'a|'.repeat(200)}b)*`,
    '(?:'.repeat(160) + ')*'.repeat(160),
    '.{0,9}'.repeat(80),
  ]
  for (const pattern of worst) {
    const took = processorTime()
    patternProblem(pattern.slice(0, 500), 10_000)
    assert.ok(took() < 500, `${pattern.slice(0, 40)}… took ${took()} ms`)
  }
})

test('accepted patterns match every probing text quickly, and refused ones do not', () => {
  const probe = (pattern: string, text: string): number => {
    const took = processorTime()
    new RegExp(pattern, 'u').test(text)
    return took()
  }
  for (const pattern of ORDINARY) {
    for (const unit of ['a', '1', '-', 'a-', 'a ', '.', 'GET,', '/a']) {
      const took = probe(pattern, `${unit.repeat(10_000 / unit.length)}!`)
      assert.ok(took < 1_000, `${pattern} on ${unit}: ${took} ms`)
    }
  }
  // 20 characters are enough to show the difference
  assert.ok(probe('^(a+)+$', `${'a'.repeat(20)}!`) > probe('^[a-z0-9-]+$', `${'a'.repeat(20)}!`) * 100)
})
