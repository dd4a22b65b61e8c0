import assert from 'node:assert/strict'
import { test } from 'node:test'
import { longestAccepted } from './pattern-length.ts'

const ANY = Number.POSITIVE_INFINITY

for (const [pattern, expected] of [
  ['^[A-Z0-9-]{3,20}$', 20],
  ['^abc$', 3],
  ['^a?b{2}$', 3],
  ['^(?:ab|c{5}|)d$', 6],
  ['^(a|b){2,4}$', 4],
  ['^(?<year>\\d{4})-\\d{2}$', 7],
  ['^(?=.*[a-z])(?!x+)[a-z]{1,8}$', 8],
  ['^\\p{L}\\u{1F600}\\u00e9[\\]$]😀\\$$', 6],
  ['^[*+?]{3}?$', 3],
  ['^\\bab\\b$', 2],
  ['^(?:a*){0}b$', 1],
  ['^(?=a{9}){3}a$', 1],
  // these accept texts of any length
  ['^a+$', ANY],
  ['^a{2,}?$', ANY],
  ['^(?:ab)*$', ANY],
  ['a{1,3}', ANY],
  ['^a{1,3}', ANY],
  ['a{1,3}$', ANY],
  ['^a\\$', ANY],
  ['\\^a$', ANY],
  ['^a|b$', ANY],
  ['[$', ANY],
  ['', ANY],
] as const) {
  test(`${JSON.stringify(pattern)} accepts at most ${expected} characters`, () => {
    assert.equal(longestAccepted(pattern), expected)
  })
}
