import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonHeadersProblem, strayHeader } from './documented-headers.ts'

const HEADERS = {
  ...{ 'content-type': 'application/json; charset=utf-8', 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" },
  ...{ 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin', 'referrer-policy': 'no-referrer' },
  ...{ vary: 'Origin, Authorization, Cookie', 'x-frame-options': 'DENY', 'x-request-id': 'a' },
}
const answer = (headers: Readonly<Record<string, string | undefined>>) => ({ status: 200, headers, text: '{}', json: {} })

test('an answer has headers that documents name', () => {
  assert.equal(strayHeader(answer(HEADERS)), null)
  assert.match(strayHeader(answer({ ...HEADERS, 'server-timing': 'db;dur=3' })) ?? '', /server-timing/)
})

test('JSON has headers by which no page shows or keeps it', () => {
  assert.equal(jsonHeadersProblem(answer(HEADERS)), null)
  assert.equal(jsonHeadersProblem(answer({ 'content-type': 'image/png' })), undefined)
  const shared = { ...HEADERS, 'access-control-allow-origin': 'https://a.example', 'cross-origin-resource-policy': 'cross-origin' }
  assert.equal(jsonHeadersProblem(answer(shared)), null)
  for (const other of [
    { 'content-security-policy': "frame-ancestors 'none'" },
    { 'referrer-policy': 'unsafe-url' },
    { 'x-frame-options': undefined },
    { 'cross-origin-resource-policy': 'cross-origin' },
    { vary: 'Accept' },
  ])
    assert.match(jsonHeadersProblem(answer({ ...HEADERS, ...other })) ?? '', new RegExp(Object.keys(other).join()))
})
