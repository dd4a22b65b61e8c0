import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkCatalogues, reusedCodes } from './check-catalogue.ts'

const PAGE = { path: 'docs/errors.md', text: '| `not_found` | 404 |\n| `PLN-D101` |' }
const TESTS = [{ path: 'test/a.test.ts', text: "assert.equal(code, 'not_found')\n'PLN-D101'" }]

test('documented and tested codes have no breaches', () => {
  assert.deepEqual(checkCatalogues([{ file: 'a.ts', codes: ['not_found', 'PLN-D101'], page: PAGE }], TESTS), [])
})

test('a code without an explanation or a test is reported', () => {
  assert.deepEqual(checkCatalogues([{ file: 'a.ts', codes: ['found', 'PLN-D10'], page: PAGE }], TESTS), [
    'found (a.ts) is not explained in docs/errors.md',
    'found (a.ts) appears in no test',
    'PLN-D10 (a.ts) is not explained in docs/errors.md',
    'PLN-D10 (a.ts) appears in no test',
  ])
})

test('a code with two meanings is reported, and so is a table without codes', () => {
  const codes = ['not_found']
  assert.deepEqual(
    checkCatalogues(
      [
        { file: 'a.ts', codes, page: PAGE },
        { file: 'b.ts', codes, page: PAGE },
        { file: 'c.ts', codes: [], page: PAGE },
      ],
      TESTS,
    ),
    ['not_found is in a.ts and in b.ts', 'c.ts has no codes'],
  )
})

test('a code that is written twice is reported, in one file or in two', () => {
  const row = (code: string) => `export const CODES = {\n  ${code}: {\n    title: 'x',\n  },\n`
  assert.deepEqual(reusedCodes([row("'PLN-D101'"), row('not_found') + row("'PLN-D102'"), row("'PLN-D101'")]), ['PLN-D101 is written twice'])
})
