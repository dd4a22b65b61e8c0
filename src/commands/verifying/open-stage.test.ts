import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secretsOf } from './open-stage.ts'

test('the password of the database is a secret of a run, whichever role serves, unless it is a name', () => {
  const passwordOf = (servedUrl: string): string | undefined =>
    secretsOf({ pem: '', servedUrl, variables: {} }).find(({ kind }) => kind === 'the password of the database')?.text
  assert.equal(passwordOf('postgres://me:long%2Fsecret@127.0.0.1/app'), 'long/secret')
  assert.equal(passwordOf('postgres://postgres:postgres@127.0.0.1/app'), '')
  assert.equal(passwordOf('postgres://me@127.0.0.1/app'), '')
})
