/** Texts that make careless parsers fail: numbers, values, whole documents and headers. */

import type { SentOverHttp } from '../expected/abstract-request.ts'

/** Numbers that no column holds, or that are none. */
export const HUGE = ['99999999999999999999', '-99999999999999999999', '1e400', '0.00000000000000000001', 'NaN', '9223372036854775808', '-0']

/** Texts at places of queries and paths. */
export const PLACED_TEXTS = ['', 'null', '[]', '{}', '"', '\u0000', '\ufffd', '1,2', '2024-02-30', '+275760-09-13T00:00:00Z']

/** Values that most types do not have. */
export const RAW = [
  'null',
  '[]',
  '{}',
  '[null]',
  '[[]]',
  '{"increment":null}',
  '{"increment":99999999999999999999}',
  '{"increment":{}}',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  'true',
  `${'['.repeat(40)}${']'.repeat(40)}`,
  '{"__proto__":null}',
  '{"$ref":"x.y"}',
  '"99999999999999999999"',
]

/** Whole bodies. */
export const DOCUMENTS = [
  '',
  ' ',
  'null',
  '0',
  '"',
  '[',
  '{}',
  '[]',
  '[[]]',
  '[{}]',
  '[null]',
  '{"a"}',
  "{'a':1}",
  '{"a":1,}',
  '{"a":1}{"a":1}',
  '{"a":01}',
  '{"a":.5}',
  '{"a":+1}',
  '{"a":1e}',
  '{"a":NaN}',
  '{"a":Infinity}',
  '{"a":undefined}',
  '\ufeff{}',
  '{"a":"\u0001"}',
  '// x\n{}',
  '{"__proto__":{"x":1}}',
  '{"constructor":{"prototype":{}}}',
  '{"toString":1,"valueOf":2,"hasOwnProperty":3}',
  '{"":1}',
  `{"${'k'.repeat(5_000)}":1}`,
  `{${Array.from({ length: 2_000 }, (_, i) => `"k${i}":1`).join(',')}}`,
  `${'{"a":'.repeat(300)}1${'}'.repeat(300)}`,
  `${'['.repeat(20_000)}`,
  `[${'{},'.repeat(2_000)}{}]`,
  '{"a":1e999999999}',
  `{"a":${'9'.repeat(5_000)}}`,
]

/**
 * A write with unusual headers. Where the header says what the body is, the body is broken, so that it writes nothing; elsewhere it is the
 * usual one, because a body that cannot be read is refused before the header is.
 */
export function headerRequests(sent: SentOverHttp): readonly SentOverHttp[] {
  const changed = (headers: Readonly<Record<string, string>>, body: unknown = sent.body): SentOverHttp => ({
    ...sent,
    body,
    headers: { ...sent.headers, ...headers },
  })
  return [
    ...[
      'application/json;charset=utf-16',
      'application/json;charset=',
      'application/JSON; Charset="UTF-8"',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'multipart/form-data; boundary=',
      'multipart/form-data; boundary=x',
      'application/xml',
      'text/json',
      '/',
      'a'.repeat(1_000),
      'application/graphql',
      'application/merge-patch+json',
      'application/json-patch+json',
    ].map((type) => changed({ 'content-type': type }, '{')),
    ...['gzip', 'br', 'x', 'identity', 'gzip, gzip'].map((encoding) => changed({ 'content-encoding': encoding }, '{')),
    ...['"', 'W/"1"', '"99999999999999999999"', '"-1"', '"1e3"', '*, "1"', ''].map((tag) => changed({ 'if-match': tag })),
    ...['', '"', 'a'.repeat(2_000), '\u00e9'].map((key) => changed({ 'idempotency-key': key })),
    ...['return=', 'return=x', '=', 'return=minimal, return=representation'].map((prefer) => changed({ prefer })),
    changed({ expect: '200-ok' }, '{'),
  ]
}
