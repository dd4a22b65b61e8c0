import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAllowed, LOCAL_ORIGINS, originsProblem } from './cross-origin.ts'

const USABLE = ['https://app.example.com', 'http://app.example.com:8080', 'http://localhost:*', 'https://127.0.0.1:*', 'http://[::1]:*']
for (const origin of USABLE) test(`${origin} can be allowed`, () => assert.equal(originsProblem([origin]), null))

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['*', /every page of the web/],
  ['https://*.example.com', /not an origin/],
  ['https://app.example.com:*', /only there may the port be/],
  ['https://app.example.com/', /not an origin/],
  ['https://App.example.com', /not an origin/],
  ['https://app.example.com:443', /not an origin/],
  ['app.example.com', /not an origin/],
  ['null', /not an origin/],
  ['file://', /not an origin/],
]
for (const [origin, why] of REFUSED) {
  test(`${origin} is refused in a list of origins`, () => assert.match(originsProblem(['https://a.example', origin]) ?? '', why))
}

test('an origin is allowed when it equals an entry, or is a port of a host of this machine', () => {
  const origins = ['https://app.example.com', ...LOCAL_ORIGINS]
  for (const origin of ['https://app.example.com', 'http://localhost:5173', 'http://127.0.0.1:1', 'http://localhost'])
    assert.ok(isAllowed(origins, origin), origin)
  for (const origin of [
    ...['http://app.example.com', 'https://app.example.com:8443', 'https://app.example.com.evil.test', 'https://evil-app.example.com'],
    ...[
      'http://localhost.evil.test:80',
      'https://localhost:5173',
      'http://127.0.0.1.evil.test',
      'http://localhost:5173:80',
      'null',
      '',
      '*',
    ],
    ...['http://localhost:*', 'http://localhost:5173/', 'http://evil.test#http://localhost:80'],
  ])
    assert.ok(!isAllowed(origins, origin), origin)
  assert.ok(!isAllowed(origins, undefined))
})
