import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { DOCUMENTED, wordsProblem } from './documented-failures.ts'

test('the words are those of the reference of errors', () => {
  const page = readFileSync(new URL('../../../docs/reference/errors.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `(\w+)` \| \d+ \| (.*?) \| (.*) \|$/gm)]
  assert.deepEqual(DOCUMENTED, Object.fromEntries(rows.map(([, code, title, detail]) => [code, [title, detail]])))
})

test('a refusal says what is documented, with names of the design alone', () => {
  for (const [code, detail] of [
    ['not_found', 'no such Post'],
    ['still_referenced', 'this Post is still referred to by other rows'],
    ['already_taken', 'another Post already has this slug'],
    ['already_taken', 'another Post already has this combination of author, day and title'],
    ['already_taken', 'another Post already has one of these values'],
    ['validation_failed', '1 problem in the request'],
    ['validation_failed', '12 problems in the request'],
    ['forbidden', 'you may not delete this Post'],
    ['forbidden', 'you may not delete this Post: the rule is Post.delete'],
    ['query_too_large', 'the document asks for too much'],
    ['requirement_failed', 'this is not possible now'],
    ['illegal_transition', 'this Order is on hold and cannot ship'],
  ] as const)
    assert.equal(wordsProblem({ code, detail }), null, detail)
  assert.equal(wordsProblem({ code: 'out_of_stock', detail: 'anything' }), undefined)
})

test('more than that is found', () => {
  for (const [code, detail] of [
    ['not_found', 'no such Post: hidden'],
    ['still_referenced', 'this Post is still referred to by other rows: Key (id)=(7)'],
    ['already_taken', 'another Post already has this slug "first"'],
    ['forbidden', 'you may not delete this Post: the rule is author == auth.id'],
    ['not_found', undefined],
  ] as const)
    assert.match(wordsProblem({ code, detail }) ?? '', /something else/, code)
  assert.match(wordsProblem({ code: 'not_found', title: 'Hidden', detail: 'no such Post' }) ?? '', /another title/)
})
