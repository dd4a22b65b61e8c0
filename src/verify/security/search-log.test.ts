import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WrittenLog } from '../cases/probe.ts'
import { hasLogged, secretInLog, withoutSecrets } from './search-log.ts'

const TOKEN = `eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.${'c'.repeat(30)}`
const PASSWORD = { kind: 'a password', text: 'Correct "Horse"\\7' }
const PEM = { kind: 'the signing key', text: `-----BEGIN PRIVATE KEY-----\n${'Kk7/'.repeat(12)}\n-----END PRIVATE KEY-----\n` }

function logOf(parts: readonly string[], lost = 0): WrittenLog {
  return { parts: () => parts, lost }
}

test('a secret is found as it stands in JSON and in an address, and only its kind and place are said', () => {
  const entry = `${JSON.stringify({ level: 'info', req: { body: `{"p":"${PASSWORD.text}"}` }, other: 'my-other-secret', msg: 'POST /login' })}\n`
  const wrong = secretInLog(logOf([entry]), [PASSWORD])
  assert.equal(wrong, 'the log has a password in req.body of the entry "POST /login"')
  const query = `{"msg":"GET","url":"/x?p=${encodeURIComponent(PASSWORD.text)}"}`
  assert.equal(secretInLog(logOf([query]), [PASSWORD]), 'the log has a password in url of the entry "GET"')
  assert.equal(
    secretInLog(logOf([JSON.stringify({ msg: PEM.text })]), [PEM]),
    'the log has the signing key in msg of the entry "<the signing key>"',
  )
  assert.equal(
    secretInLog(logOf([`at start: ${'Kk7/'.repeat(12)}`]), [PEM]),
    'the log has the signing key in a line that is no entry in JSON',
  )
  assert.equal(
    secretInLog(logOf([`{"msg":"${TOKEN} of somebody"}\n`]), []),
    'the log has a token in msg of the entry "<a token> of somebody"',
  )
  assert.equal(secretInLog(logOf([entry]), [PEM, { kind: 'a password', text: 'info' }]), null)
})

test('a secret that stands across two pieces is found, and a log that is not whole does not pass', () => {
  const line = `{"key":"${PASSWORD.text.slice(0, 3)}|`
  assert.equal(
    secretInLog(logOf(['{"msg":"a"}\n{"msg":"b","x":"long-', 'secret"}\n']), [{ kind: 'a key', text: 'long-secret' }]),
    'the log has a key in x of the entry "b"',
  )
  assert.ok(hasLogged(logOf(['one\ntw', 'o\n']), 'two'))
  assert.ok(!hasLogged(logOf(['one\ntw', 'o\n']), 'three'))
  assert.match(secretInLog(logOf([line], 12), [PASSWORD]) ?? '', /^12 characters of the log could not be kept/)
})

test('known secrets and tokens are taken out of a text', () => {
  const text = `error: ${PASSWORD.text} and ${JSON.stringify(PASSWORD.text)} with ${TOKEN}`
  assert.equal(withoutSecrets(text, [PASSWORD]), 'error: <a password> and "<a password>" with <a token>')
})
