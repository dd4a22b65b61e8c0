import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { scramVerifier, urlOf } from './password-file.ts'

test('the stored verifier matches the password of the example in RFC 7677', () => {
  const salt = 'W22ZaJ0SNY7soEsUEjb6gQ=='
  const verifier = scramVerifier('pencil', Buffer.from(salt, 'base64'))
  const [scheme, parameters, keys] = verifier.split('$')
  assert.equal(scheme, 'SCRAM-SHA-256')
  assert.equal(parameters, `4096:${salt}`)

  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
  const authMessage = `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${nonce},s=${salt},i=4096,c=biws,r=${nonce}`
  const serverKey = Buffer.from(keys?.split(':')[1] ?? '', 'base64')
  assert.equal(createHmac('sha256', serverKey).update(authMessage).digest('base64'), '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')
})

test('two verifiers of one password differ', () => {
  assert.notEqual(scramVerifier('pencil'), scramVerifier('pencil'))
})

test('a connection string is a URL, also for a socket in a folder with special characters in its name', () => {
  const url = new URL(urlOf({ kind: 'socket', folder: "/srv/it's 100%/ü/run", port: 5432 }, 'secret'))
  assert.equal(url.searchParams.get('host'), "/srv/it's 100%/ü/run")
  assert.equal(url.password, 'secret')
  assert.equal(new URL(urlOf({ kind: 'loopback', port: 40123 }, 'secret')).host, '127.0.0.1:40123')
})
