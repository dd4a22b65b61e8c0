import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import type { FieldType, ScalarType } from '../../model/model.ts'
import { SCALAR_KINDS, type ScalarKind } from '../../model/scalar.ts'
import { arrayLiteral, encodeJson, encodeText } from './encode.ts'

function scalar(kind: ScalarKind, limits: Partial<ScalarType> = {}): ScalarType {
  const precision = kind === 'decimal' ? { digits: 10, scale: 2 } : null
  return { kind: 'scalar', scalar: kind, min: null, max: null, pattern: null, precision, ...limits }
}

function list(of: ScalarType, max = 10): FieldType {
  return { kind: 'list', of, min: null, max }
}

/** What JSON.parse makes of a number beyond the doubles. */
const HUGE: number = JSON.parse('1e400')

const deep = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)

/** Values that PostgreSQL would refuse, bend or take silently; none may get as far. */
const BAD: Readonly<Record<ScalarKind, readonly unknown[]>> = {
  text: ['a\u0000b', '\ud800', 'x\udc00', 1, true, null, undefined, {}, [], ['a'], 1.5, Number.NaN, { toString: 'a' }, ['a', 'b']],
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

test('good values take one canonical form', () => {
  const good: readonly (readonly [ScalarKind, unknown, unknown])[] = [
    ['text', '', ''],
    ['text', '𝒳 ✓ \'";--', '𝒳 ✓ \'";--'],
    ['email', 'Ada.Lovelace+x@Example.ORG', 'ada.lovelace+x@example.org'],
    ['url', 'https://example.org:8080/a?b=c#d', 'https://example.org:8080/a?b=c#d'],
    ['uuid', '0191F3C0-7A2B-7C3D-8E4F-0123456789AB', '0191f3c0-7a2b-7c3d-8e4f-0123456789ab'],
    ['integer', 9007199254740991, 9007199254740991],
    ['integer', -0, -0],
    ['decimal', '12345678.99', '12345678.99'],
    ['decimal', 0.1, '0.1'],
    ['decimal', 1e7, '10000000'],
    ['decimal', -12.5, '-12.5'],
    ['number', 5e-324, 5e-324],
    ['boolean', false, false],
    ['timestamp', '2024-02-29T23:59:59.123456789+05:30', '2024-02-29T18:29:59.123Z'],
    ['timestamp', '0001-01-01t00:00:00z', '0001-01-01T00:00:00.000Z'],
    ['timestamp', '9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['date', '2000-02-29', '2000-02-29'],
    ['time', '18:30', '18:30:00.000'],
    ['time', '23:59:59.5', '23:59:59.500'],
    ['duration', 'P2W', 'P14D'],
    ['duration', 'PT36H90M', 'P1DT13H30M'],
    ['duration', 'PT0.5S', 'PT0.5S'],
    ['duration', 'P0D', 'PT0S'],
    ['json', { b: [1, null, 'x'], a: true }, '{"b":[1,null,"x"],"a":true}'],
    ['json', JSON.parse('{"__proto__": {"polluted": true}}'), '{"__proto__":{"polluted":true}}'],
  ]
  for (const [kind, value, expected] of good) assert.deepEqual(encodeJson(scalar(kind), value), { ok: true, value: expected })
})

test('texts of a query string become the same values', () => {
  assert.deepEqual(encodeText(scalar('integer'), '-12'), { ok: true, value: -12 })
  assert.deepEqual(encodeText(scalar('number'), '1.5e3'), { ok: true, value: 1500 })
  assert.deepEqual(encodeText(scalar('boolean'), 'false'), { ok: true, value: false })
  assert.deepEqual(encodeText(scalar('email'), 'A@b.c'), { ok: true, value: 'a@b.c' })
  assert.deepEqual(encodeText(list(scalar('integer')), '3'), { ok: true, value: 3 })
  for (const text of ['', ' 1', '1.0', '1e3', '0x1', '9007199254740992', '99999999999999999999', '١'])
    assert.equal(encodeText(scalar('integer'), text).ok, false, text)
  for (const text of ['', '.5', '1.', '1e400', 'NaN', 'Infinity', '0x1', '1_000', '--1'])
    assert.equal(encodeText(scalar('number'), text).ok, false, text)
  for (const text of ['', 'TRUE', '1', 't', 'yes']) assert.equal(encodeText(scalar('boolean'), text).ok, false, text)
  assert.equal(encodeText(scalar('json'), '{}').ok, false)
})

test('a filter may ask beyond the limits of a field, but not for a choice that does not exist', () => {
  assert.equal(encodeText(scalar('integer', { max: 10 }), '1000').ok, true)
  assert.equal(encodeText(scalar('text', { min: 5 }), 'a').ok, true)
  assert.deepEqual(encodeText({ kind: 'choice', values: ['a', 'b'] }, 'c'), {
    ok: false,
    problems: [{ pointer: '', rule: 'enum', message: 'must be one of "a", "b"' }],
  })
})

function rulesOf(type: FieldType, value: unknown): readonly string[] {
  const encoded = encodeJson(type, value)
  return encoded.ok ? [] : encoded.problems.map((p) => `${p.pointer}:${p.rule}`)
}

test('limits of a text count code points and are all named', () => {
  const name = scalar('text', { min: 2, max: 3, pattern: '^[^x]*$' })
  assert.deepEqual(rulesOf(name, '𝒳𝒳𝒳'), [])
  assert.deepEqual(rulesOf(name, '𝒳'), [':minLength'])
  assert.deepEqual(rulesOf(name, 'x'), [':minLength', ':pattern'])
  assert.deepEqual(rulesOf(name, '𝒳𝒳𝒳𝒳'), [':maxLength'])
  assert.deepEqual(rulesOf(scalar('text', { max: 0 }), ''), [])
})

test('what a password lacks is said in words', () => {
  const encoded = encodeJson({ kind: 'password', min: 8, max: 20, pattern: '^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d)' }, 'hunter')
  assert.deepEqual(encoded.ok ? [] : encoded.problems.map((p) => p.message), [
    'must be at least 8 characters',
    'must contain an upper-case letter and a digit',
  ])
})

test('limits of numbers, decimals and dates include their ends', () => {
  const cases: readonly (readonly [ScalarKind, number | string, number | string, readonly unknown[], readonly unknown[]])[] = [
    ['integer', 1, 5, [1, 5], [0, 6]],
    ['number', 0.5, 1.5, [0.5, 1.5], [0.4, 1.6]],
    ['decimal', '0.1', '99999999.98', ['0.10', '99999999.98', 0.1], ['0.09', '99999999.99', '-1']],
    ['decimal', 0, 100, [0, '100.00'], ['-0.01', '100.01']],
    ['date', '2024-01-01', '2024-12-31', ['2024-01-01', '2024-12-31'], ['2023-12-31', '2025-01-01']],
    [
      'timestamp',
      '2024-01-01T00:00:00Z',
      '2024-01-02T00:00:00Z',
      ['2024-01-01T01:00:00+01:00'],
      ['2024-01-01T00:00:00+01:00', '2024-01-02T00:00:00.001Z'],
    ],
    ['time', '08:00', '18:00', ['08:00:00', '18:00'], ['07:59:59.999', '18:00:00.001']],
    ['duration', 'PT1H', 'P1D', ['PT60M', 'PT24H'], ['PT59M59.999S', 'P1DT1S']],
  ]
  for (const [kind, min, max, inside, outside] of cases) {
    for (const value of inside) assert.deepEqual(rulesOf(scalar(kind, { min, max }), value), [], `${kind} ${value}`)
    for (const value of outside) assert.match(rulesOf(scalar(kind, { min, max }), value).join(), /^:(minimum|maximum)$/, `${kind} ${value}`)
  }
})

test('a reference is an id or an object with the id alone', () => {
  const author: FieldType = { kind: 'ref', entity: 'User', inverse: null, onDelete: 'restrict', scalar: 'uuid' }
  const id = '0191f3c0-7a2b-7c3d-8e4f-0123456789ab'
  assert.deepEqual(encodeJson(author, id), { ok: true, value: id })
  assert.deepEqual(encodeJson(author, { id }), { ok: true, value: id })
  for (const value of [
    'x',
    1,
    null,
    {},
    { id: 'x' },
    { id, name: 'a' },
    [id],
    { id: { id } },
    JSON.parse(`{"__proto__": {"id": "${id}"}}`),
  ]) {
    assert.equal(encodeJson(author, value).ok, false, JSON.stringify(value))
  }
})

test('items of a list are named by their place, and a list that is too long is not read', () => {
  assert.deepEqual(encodeJson(list(scalar('text', { max: 3 })), ['a', '"\\{},', '', 'x', 'ab']), {
    ok: false,
    problems: [{ pointer: '/1', rule: 'maxLength', message: 'must be at most 3 characters' }],
  })
  assert.deepEqual(rulesOf(list(scalar('text'), 2), [1, 2, 3]), [':maxItems'])
  assert.deepEqual(rulesOf(list(scalar('integer')), [1, null, 'a']), ['/1:type', '/2:type'])
})

/** Reads an array literal by the grammar of the PostgreSQL documentation, independently of how it was written. */
function readArrayLiteral(text: string): readonly string[] {
  const items: string[] = []
  const item = /"((?:[^"\\]|\\.)*)"(,|\}$)/gsy
  item.lastIndex = 1
  for (let match = item.exec(text); match !== null; match = item.exec(text)) items.push((match[1] ?? '').replace(/\\(.)/gs, '$1'))
  return items
}

test('any items survive an array literal', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('"', '\\', ',', '{', '}', ' ', 'a', '\n', '𝒳', 'NULL') })), (items) =>
      assert.deepEqual(readArrayLiteral(arrayLiteral(items)), items),
    ),
  )
  assert.equal(arrayLiteral([]), '{}')
  assert.equal(arrayLiteral([1, true, null, 'null']), '{"1","true",NULL,"null"}')
})

test('no refusal repeats the value', () => {
  const secret = 'hunter2-hunter2'
  const types: readonly FieldType[] = [
    ...SCALAR_KINDS.filter((k) => k !== 'json' && k !== 'text').map((k) => scalar(k)),
    { kind: 'password', min: 50, max: 60, pattern: '^[A-Z]*$' },
    { kind: 'choice', values: ['a'] },
  ]
  for (const type of types) assert.doesNotMatch(JSON.stringify(encodeJson(type, secret)), /hunter2/)
})

test('every number that a decimal takes keeps the digits that were written', () => {
  const money = scalar('decimal', { precision: { digits: 15, scale: 6 } })
  fc.assert(
    fc.property(fc.integer({ min: -999_999_999, max: 999_999_999 }), fc.integer({ min: 0, max: 999_999 }), (whole, fraction) => {
      const text = `${whole}.${String(fraction).padStart(6, '0')}`
      const encoded = encodeJson(money, Number(text))
      assert.ok(encoded.ok)
      assert.equal(Number(encoded.value), Number(text))
      assert.doesNotMatch(String(encoded.value), /e/)
    }),
  )
})
