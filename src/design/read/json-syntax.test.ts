import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SEEDED } from '../../../test/support/random.ts'
import { jsonFault } from './json-syntax.ts'

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('a text has a fault exactly when JSON.parse refuses it', () => {
  const damaged = fc.tuple(
    fc.json(),
    fc.nat(),
    fc.constantFrom('', '{', '}', '[', ']', ',', ':', '"', '1', 'e', '.', '-', '\\', 'true', ' ', '\u0001', '\u00a0'),
  )
  fc.assert(
    fc.property(damaged, ([json, at, sign]) => {
      const offset = at % (json.length + 1)
      for (const text of [json, json.slice(0, offset) + sign + json.slice(offset), json.slice(0, offset) + json.slice(offset + 1)]) {
        assert.equal(jsonFault(text) === null, parses(text), JSON.stringify(text))
      }
    }),
    { numRuns: 2_000, ...SEEDED },
  )
})

test('a fault is where reading stopped', () => {
  assert.deepEqual(jsonFault('{ "a": 1, }'), { offset: 10, expected: 'a key in double quotes' })
  assert.deepEqual(jsonFault('{ "a" 1 }'), { offset: 6, expected: 'a colon' })
  assert.deepEqual(jsonFault('[1 2]'), { offset: 3, expected: 'a comma or ]' })
  assert.deepEqual(jsonFault(''), { offset: 0, expected: 'a value' })
  assert.deepEqual(jsonFault('{} {}'), { offset: 3, expected: 'nothing more' })
  assert.deepEqual(jsonFault(`${'['.repeat(200_000)}`)?.offset, 200_000)
})
