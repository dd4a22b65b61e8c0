/** Hostile bodies of writes. */

import fc from 'fast-check'
import { from, hostileText, mostly, name, ROW, repeated, value } from '../../support/hostile-text.ts'

const ODD_JSON: readonly unknown[] = [
  null,
  true,
  0,
  -0,
  1.5,
  1e308,
  5e-324,
  2 ** 53,
  -(2 ** 53) - 1,
  [],
  {},
  [[]],
  [null],
  { id: `${ROW}01` },
  { id: null },
]
const anyJson: fc.Arbitrary<unknown> = mostly<unknown>(
  3,
  value,
  fc.constantFrom(...ODD_JSON),
  fc.jsonValue({ depthSize: 'medium' }),
  fc.array(value, { maxLength: 6 }),
)

/** Valid rows by collection. */
export const GOOD_ROWS = {
  '/api/things': ['"word":"w","whole":1,"kind":"red"', '"word":"w","hidden":"hidden 2"', '"word":"w"'],
  '/api/labels': ['"id":"one","word":"w"', '"id":"three","word":"w"'],
  '/api/counters': ['"whole":1'],
  '/api/people': ['"name":"N","email":"user@example.com","password":"Correct-horse-7"'],
} as const

/** A valid row with some invalid parts; a key may occur twice. */
export function nearly(good: readonly string[]): fc.Arbitrary<string> {
  const member = ([key, item]: readonly [string, unknown]) => `${JSON.stringify(key)}:${JSON.stringify(item) ?? 'null'}`
  const taken = fc.tuple(fc.constantFrom('word', 'hidden', 'extra', 'name'), hostileText).map(member)
  const spoilt = mostly(2, taken, fc.tuple(name, anyJson).map(member))
  return fc.tuple(fc.constantFrom(...good), fc.array(spoilt, { maxLength: 2 })).map(([row, more]) => `{${[row, ...more].join(',')}}`)
}

export const nearlyGood = nearly(Object.values(GOOD_ROWS).flat())

const largeJson = fc.oneof(
  repeated(['[', '{"a":', '{"extra":[', '[{"extra":'], 40_000).map(([opening, depth]) => opening.repeat(depth)),
  repeated(['{"extra":{'], 12_000).map(([start, count]) => `${start}${Array.from({ length: count }, (_, i) => `"k${i}":1`).join(',')}}}`),
  repeated(['{"word":"w"}', '{"whole":1}'], 1200).map(([one, count]) => `[${Array(count).fill(one).join(',')}]`),
  fc.constant(`{"email":"a@example.com","password":"${'x'.repeat(9000)}"}`),
  fc.constant(`{"word":"${'x'.repeat(1_100_000)}"}`),
)

const bodyText = fc.oneof(
  { weight: 10, arbitrary: nearlyGood },
  { weight: 2, arbitrary: fc.array(nearlyGood, { maxLength: 4 }).map((rows) => `[${rows.join(',')}]`) },
  { weight: 2, arbitrary: anyJson.map((item) => JSON.stringify(item) ?? 'null') },
  { weight: 2, arbitrary: fc.tuple(nearlyGood, fc.nat(200)).map(([text, at]) => text.slice(0, at)) },
  { weight: 4, arbitrary: from('bodies') },
  { weight: 1, arbitrary: largeJson },
)

export const body: fc.Arbitrary<string | Buffer | undefined> = mostly<string | Buffer | undefined>(
  8,
  bodyText,
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(bodyText, fc.nat(100)).map(([text, at]) => Buffer.concat([Buffer.from(text).subarray(0, at), Buffer.from([0xc3, 0x28, 0xff])])),
  fc.constant(undefined),
)
