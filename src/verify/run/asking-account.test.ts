import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askingAccount } from './asking-account.ts'

const tokenOf = (claims: object): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`

test('an answer is described by the documents of the account whose token was sent', () => {
  const accounts = new Set(['1', '2'])
  const askedBy = (token: string | null, headers = {}) => askingAccount('1', { method: 'GET', url: '/', token, headers }, accounts)
  assert.deepEqual([askedBy(tokenOf({ sub: '2' })), askedBy(tokenOf({ sub: 2 })), askedBy(null)], ['2', '2', null])
  assert.deepEqual(
    [tokenOf({ sub: '9' }), tokenOf({}), 'broken', 'a.b.c', 'e30.bnVsbA.x'].map((token) => askedBy(token)),
    Array(5).fill('1'),
  )
  assert.equal(askedBy(null, { Authorization: 'Bearer x' }), '1')
})
