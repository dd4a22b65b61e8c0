import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { conversionOf } from './conversions.ts'

const TIMESTAMP = 'timestamp(3) with time zone'

const CASES = [
  ['text', 'uuid', 'checked'],
  ['character varying(20)', 'text', 'relabel'],
  ['integer', 'bigint', 'lossless'],
  ['bigint', 'double precision', 'lossless'],
  ['bigint', 'numeric(10,2)', 'checked'],
  ['numeric(10,2)', 'numeric(12,2)', 'relabel'],
  ['numeric(10,2)', 'numeric', 'relabel'],
  ['numeric', 'numeric(12,2)', 'lossy'],
  ['numeric(10,2)', 'numeric(12,4)', 'lossless'],
  ['numeric(10,2)', 'numeric(10,4)', 'checked'],
  ['numeric(10,2)', 'numeric(12,1)', 'lossy'],
  [TIMESTAMP, 'timestamp with time zone', 'relabel'],
  ['timestamp with time zone', TIMESTAMP, 'lossy'],
  ['timestamp(6) with time zone', TIMESTAMP, 'lossy'],
  ['date', TIMESTAMP, 'lossless'],
  [TIMESTAMP, 'date', 'lossy'],
  ['text', 'text[]', 'lossless'],
  ['bigint', 'numeric(10,2)[]', 'checked'],
  ['text[]', 'text', 'impossible'],
  ['bigint[]', 'text[]', 'lossless'],
  ['jsonb', 'bigint', 'impossible'],
  ['boolean', 'date', 'impossible'],
  ['bytea', 'text', 'impossible'],
] as const

describe('a change of type', () => {
  for (const [from, to, kind] of CASES) it(`from ${from} to ${to} is ${kind}`, () => assert.equal(conversionOf(from, to).kind, kind))

  it('makes a list of one from a value, and no list from nothing', () => {
    assert.equal(conversionOf('bigint', 'text[]').using('"n"'), 'case when "n" is not null then array["n"::text] end')
  })
})
