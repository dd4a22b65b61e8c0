import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { list, scalar } from '../../../test/support/field-types.ts'
import type { FieldType } from '../../model/field-type.ts'
import { isEncrypted, SCALAR_KINDS, type ScalarKind } from '../../model/scalar.ts'
import { encodeJson, encodeText } from './encode.ts'

/** The result of JSON.parse for a number that is too large for a double. */
const HUGE: number = JSON.parse('1e400')

const deep = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)

/** Values that PostgreSQL would refuse, change or accept silently. None may reach PostgreSQL. */
const NO_TEXTS: readonly unknown[] = [
  ...['a\u0000b', '\ud800', 'x\udc00', 1, true, null, undefined, {}, [], ['a'], 1.5, Number.NaN, { toString: 'a' }, ['a', 'b']],
]

const BAD: Readonly<Record<ScalarKind, readonly unknown[]>> = {
  text: NO_TEXTS,
  email: [
    'a',
    'a@',
    '@b',
    'a b@c.d',
    'a@b@c',
    '.a@b.c',
    'a.@b.c',
    'a..b@c.d',
    'a@-b.c',
    'a@b-.c',
    ' a@b.c',
    'a@b.c\n',
    `${'a'.repeat(65)}@b.c`,
    'ä@b.c',
    'a\u0000@b.c',
    5,
  ],
  url: [
    'x',
    '/a',
    'ftp://a',
    'javascript:alert(1)',
    'http://',
    'https:// a',
    'http://a b',
    'http://a\u0000',
    'http://a\n',
    '//a.b',
    'http:/a',
    'http://ä',
    'https://[::1',
    1,
  ],
  uuid: [
    '',
    'x',
    '00000000-0000-0000-0000-00000000000',
    '00000000-0000-0000-0000-0000000000000',
    '{00000000-0000-0000-0000-000000000000}',
    '00000000000000000000000000000000',
    '0000000g-0000-0000-0000-000000000000',
    ' 00000000-0000-0000-0000-000000000000',
    '00000000-0000-0000-0000-000000000000\n',
    'urn:uuid:00000000-0000-0000-0000-000000000000',
    "' or 1=1",
    0,
    null,
    {},
  ],
  integer: ['1', 1.5, 2 ** 53, -(2 ** 53), 1e300, Number.POSITIVE_INFINITY, Number.NaN, true, null, [], {}, '', '1e3', 0.1],
  decimal: [
    '',
    'x',
    'NaN',
    'Infinity',
    '-Infinity',
    '1e5',
    '1.234',
    '123456789.1',
    '+1',
    '1.',
    '.5',
    '1,5',
    ' 1',
    '١',
    Number.NaN,
    HUGE,
    0.123,
    JSON.parse('12345678901234567890'),
    null,
    true,
  ],
  number: ['1', 'NaN', Number.NaN, HUGE, -HUGE, null, true, [], {}, '', '0x10', [1], undefined, 'Infinity'],
  boolean: ['true', 'false', 0, 1, 't', null, [], {}, '', 'yes', undefined, Number.NaN, 'on', [true]],
  timestamp: [
    '2024-02-30T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2024-01-01',
    '2024-01-01T00:00:00',
    '2024-01-01 00:00:00Z',
    'infinity',
    '-infinity',
    'now',
    'epoch',
    '2024-13-01T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:60:00Z',
    '2024-01-01T23:59:60Z',
    '2024-01-01T00:00:00+24:00',
    '2024-01-01T00:00:00+0200',
    '0000-12-31T00:00:00Z',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '10000-01-01T00:00:00Z',
    '2024-01-01T00:00:00.Z',
    0,
    null,
    '',
  ],
  date: [
    '2024-02-30',
    '2023-02-29',
    '1900-02-29',
    '2024-13-01',
    '2024-00-01',
    '2024-01-00',
    '2024-04-31',
    '0000-01-01',
    '10000-01-01',
    '24-01-01',
    '2024-1-1',
    'infinity',
    'today',
    '2024-01-01T00:00:00Z',
    20240101,
    null,
  ],
  time: [
    '24:00',
    '12:60',
    '12:00:60',
    '1:00',
    '12',
    '12:00Z',
    '12:00:00.',
    '12:00:00.0000',
    '12:00+02:00',
    'noon',
    'allballs',
    '',
    12,
    null,
  ],
  duration: [
    '',
    'P',
    'PT',
    'P1Y',
    'P1M',
    'P1Y2M',
    '1 day',
    'P-1D',
    '-P1D',
    'P1DT',
    'PT1',
    'P1W1D',
    'PT1.2345S',
    'P1.5D',
    'P9999999D',
    60,
    null,
  ],
  encrypted: NO_TEXTS,
  encryptedEqual: NO_TEXTS,
  json: [
    'a\u0000',
    '\ud800',
    { 'a\u0000': 1 },
    { a: ['\u0000'] },
    { a: { b: '\udfff' } },
    HUGE,
    [Number.NaN],
    deep(33),
    { a: deep(33) },
    deep(1000),
    undefined,
    null,
    [undefined],
    () => 1,
  ],
}

for (const kind of SCALAR_KINDS) {
  test(`no bad ${kind} reaches PostgreSQL, alone or in a list`, () => {
    assert.ok(BAD[kind].length >= 14)
    for (const value of BAD[kind]) {
      const encoded = encodeJson(scalar(kind), value)
      assert.equal(encoded.ok, false, `${kind} ${inspect(value)} was accepted`)
      assert.equal(encodeJson(list(scalar(kind)), [value]).ok, false)
      if (typeof value === 'string' && kind !== 'json' && kind !== 'integer' && kind !== 'number' && kind !== 'boolean') {
        if (!(kind === 'decimal' && /^\d+\.\d+$/.test(value)))
          assert.equal(encodeText(scalar(kind), value).ok, false, `${kind} ${value} as text`)
      }
    }
  })
}

test('no refusal repeats the value', () => {
  const secret = 'hunter2-hunter2'
  const types: readonly FieldType[] = [
    // These take any text.
    ...SCALAR_KINDS.filter((k) => k !== 'json' && k !== 'text' && !isEncrypted(k)).map((k) => scalar(k)),
    { kind: 'password', min: 50, max: 60, pattern: '^[A-Z]*$' },
    { kind: 'choice', values: ['a'] },
  ]
  for (const type of types) assert.doesNotMatch(JSON.stringify(encodeJson(type, secret)), /hunter2/)
})
