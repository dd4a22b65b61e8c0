import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { otherEnvironment } from './other-environment.ts'

const cwd = mkdtempSync(join(tmpdir(), 'other-'))
writeFileSync(join(cwd, 'admin.token'), 'a.b.c\n')
const io = { cwd, env: { ADMIN: 'x.y.z' } }

test('an address and tokens from variables and files', () => {
  const { url, tokens } = otherEnvironment('https://api.example.com/v1/', ['admin=env:ADMIN', 'user=file:admin.token'], io)
  assert.equal(url, 'https://api.example.com/v1')
  assert.deepEqual(
    [...tokens],
    [
      ['admin', 'x.y.z'],
      ['user', 'a.b.c'],
    ],
  )
  assert.equal(otherEnvironment('http://127.0.0.1:3000', ['admin=env:ADMIN'], io).url, 'http://127.0.0.1:3000')
})

test('options that cannot be used are refused, without saying a token again', () => {
  const wrong = [
    ['ftp://x', [], /has no address of a backend/],
    ['', ['admin=env:ADMIN'], /has no address of a backend/],
    ['https://me:secret@api.example.com', [], /has a user or a password/],
    ['https://api.example.com/?token=secret', [], /has a query or a fragment/],
    ['http://api.example.com', ['admin=env:ADMIN'], /readable on the way/],
    ['https://api.example.com', ['admin=eyJsecret'], /a --token has another form/],
    ['https://api.example.com', ['admin=env:ADMIN', 'admin=env:ADMIN'], /twice/],
    ['https://api.example.com', ['admin=env:NOTHING'], /the variable NOTHING has no token/],
    ['https://api.example.com', ['admin=file:nothing'], /the token in nothing cannot be read/],
  ] as const
  for (const [url, tokens, says] of wrong)
    assert.throws(
      () => otherEnvironment(url, tokens, io),
      ({ message, hint }: Error & { readonly hint: string }) => {
        assert.match(message, says)
        assert.doesNotMatch(`${message} ${hint}`, /secret/)
        return true
      },
    )
})
