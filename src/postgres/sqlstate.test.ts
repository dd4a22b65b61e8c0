import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { explainError } from './sqlstate.ts'

describe('an error of the database', () => {
  it('that a constraint raised names it', () => {
    const error = Object.assign(new Error('duplicate key'), {
      code: '23505',
      schema: 'public',
      table: 'users',
      constraint: 'users_email_key',
    })
    assert.deepEqual(explainError(error), {
      kind: 'unique',
      sqlState: '23505',
      schema: 'public',
      table: 'users',
      column: null,
      constraint: 'users_email_key',
      message: 'duplicate key',
      detail: null,
    })
  })

  const states = {
    '23503': 'foreign-key',
    '23001': 'foreign-key',
    '23514': 'check',
    '23502': 'not-null',
    '40001': 'serialization',
    '40P01': 'deadlock',
    '55P03': 'lock-timeout',
    '57014': 'statement-timeout',
    '53300': 'too-many-connections',
    '25006': 'read-only',
    '53100': 'disk-full',
    '57P01': 'connection-lost',
    '08006': 'connection-lost',
    '57P03': 'cannot-connect',
    '28P01': 'not-allowed',
    '42501': 'not-allowed',
    '3D000': 'no-database',
    '22P02': 'invalid-value',
    '22021': 'invalid-value',
    '22003': 'invalid-value',
    '54001': 'invalid-value',
    '54000': 'index-row-too-large',
    XX000: 'other',
    '42601': 'other',
  } as const
  for (const [code, kind] of Object.entries(states)) {
    it(`with SQLSTATE ${code} is ${kind}`, () => assert.equal(explainError(Object.assign(new Error(), { code })).kind, kind))
  }
})

describe('an error without SQLSTATE', () => {
  it('of a socket tells whether there was a connection', () => {
    assert.equal(explainError(Object.assign(new Error(), { code: 'ECONNREFUSED' })).kind, 'cannot-connect')
    assert.equal(explainError(Object.assign(new Error(), { code: 'ECONNRESET' })).kind, 'connection-lost')
    assert.equal(explainError(Object.assign(new Error(), { code: 'EPIPE' })).kind, 'connection-lost')
  })

  it('of the driver is recognised by its message', () => {
    assert.equal(explainError(new Error('Connection terminated unexpectedly')).kind, 'connection-lost')
    assert.equal(explainError(new Error('timeout expired')).kind, 'cannot-connect')
  })

  it('from several addresses at once lists them', () => {
    const error = new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')], '')
    assert.equal(explainError(Object.assign(error, { code: 'ECONNREFUSED' })).message, '::1 refused, 127.0.0.1 refused')
  })

  it('of any other kind is `other`', () => {
    for (const thrown of [null, undefined, 'no', 7, {}, { code: 7 }]) assert.equal(explainError(thrown).kind, 'other')
  })
})
