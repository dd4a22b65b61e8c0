/** Requests that mean harm, for the design of hostile-design.ts: random but reproducible, by fast-check. Texts that have broken something somewhere are in hostile.json. */

import { readFileSync } from 'node:fs'
import fc from 'fast-check'

/** Stands in hostile values that are to be found again: no statement may ever hold it. */
export const CANARY = 'zq7x'

export interface HostileRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer | undefined
  readonly caller: 'nobody' | 'user' | 'admin' | 'header'
}

type Lists = 'texts' | 'plain' | 'paths' | 'bodies' | 'tokens' | 'contentTypes' | 'entityTags' | 'authorizations' | 'bytes'

const LISTS: Readonly<Record<Lists, readonly string[]>> = JSON.parse(readFileSync(`${import.meta.dirname}/hostile.json`, 'utf8'))

const ROW = '01900000-0000-7000-8000-0000000000'
const NAMES = words(
  'id word mail link ref8 whole cents ratio yes at day hour span extra kind words numbers owner parent twice hidden createdAt updatedAt version deletedAt password role name email things',
)
const RELATIONS = words('owner parent children things owner.things parent.owner children.owner things.owner.things')
const OPS = words('eq ne gt gte lt lte in nin contains startsWith endsWith isNull')

function words(text: string): readonly string[] {
  return text.split(' ')
}

function from(list: Lists): fc.Arbitrary<string> {
  return fc.constantFrom(...LISTS[list])
}

/** One of several, the first as often as its weight says. */
function mostly<T>(weight: number, first: fc.Arbitrary<T>, ...others: readonly fc.Arbitrary<T>[]): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: first }, ...others.map((arbitrary) => ({ weight: 1, arbitrary })))
}

function joined(item: fc.Arbitrary<string>, separator: string, maxLength: number): fc.Arbitrary<string> {
  return fc.array(item, { maxLength }).map((items) => items.join(separator))
}

function repeated(texts: readonly string[], most: number): fc.Arbitrary<readonly [string, number]> {
  return fc.tuple(fc.constantFrom(...texts), fc.integer({ min: 1, max: most }))
}

const longText = fc.constantFrom('a'.repeat(999), 'a'.repeat(1001), 'é'.repeat(4000), `${'a,'.repeat(600)}${CANARY}`)

const hostileText = mostly(
  6,
  from('texts'),
  longText,
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ maxLength: 20 }).map((text) => CANARY + text),
  fc.tuple(from('texts'), from('texts')).map(([a, b]) => a + b),
)
const value = fc.oneof({ weight: 3, arbitrary: hostileText }, { weight: 2, arbitrary: from('plain') })

const name = mostly(8, fc.constantFrom(...NAMES), hostileText)
const namePath = fc.oneof(
  { weight: 4, arbitrary: name },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...RELATIONS), name).map((path) => path.join('.')) },
  { weight: 1, arbitrary: joined(name, '.', 8) },
)

const BOUNDS = words('0 -1 9007199254740991 9223372036854775807 9223372036854775808 1e308 -1e308 1e400 0.1 now()')
const TIMES = ['timestamp("9999-12-31T23:59:59Z")', 'timestamp("0001-01-01T00:00:00Z")', 'duration("8766000h")', '-duration("8766000h")']

const comparison = fc
  .tuple(namePath, fc.constantFrom(...words('== != < >= in .contains .startsWith .endsWith .matches +')), hostileText, fc.boolean())
  .map(([path, op, text, list]) => {
    const constant = list ? `[${JSON.stringify(text)}]` : JSON.stringify(text)
    if (op.startsWith('.')) return `${path}${op}(${constant})`
    return op === '+' ? `${path} + ${constant} == ${path}` : `${path} ${op} ${constant}`
  })

const arithmetic = fc
  .tuple(
    fc.constantFrom(...words('whole cents ratio at day span size(words) twice')),
    fc.constantFrom(...words('== < > != + - * / %')),
    fc.constantFrom(...BOUNDS, ...TIMES),
    namePath,
  )
  .map(([field, op, bound, path]) =>
    '+-*/%'.includes(op) ? `${field} ${op} ${bound} ${op} ${bound} > ${path}` : `${field} ${op} ${bound}`,
  )

const deep = repeated(['(', '!', '-', '[', 'things.exists(x, ', '(yes ? ', 'size(', 'words.all(x, '], 3000).map(
  ([opening, depth]) => `${opening.repeat(depth)}yes${')'.repeat(opening.includes('(') ? depth : 0)}`,
)
const wide = repeated([' && ', ' || ', ' == ', ' + ', ' in ', ' ? yes : '], 400).map(([op, count]) => Array(count).fill('yes').join(op))

/** Expressions: soup of tokens, well-formed ones with hostile constants, deep and wide ones. */
const expression = fc.oneof(
  { weight: 2, arbitrary: joined(fc.oneof(from('tokens'), name, hostileText), ' ', 25) },
  { weight: 3, arbitrary: comparison },
  { weight: 2, arbitrary: arithmetic },
  { weight: 1, arbitrary: deep },
  { weight: 1, arbitrary: wide },
)

/** A cursor: one of this server's form with hostile contents, or none at all. */
const cursor = fc.oneof(
  fc
    .tuple(
      mostly(6, fc.constantFrom(...words('id -id word,id -whole,-id at,id createdAt,id __proto__')), hostileText),
      fc.array(fc.oneof(value, fc.constant(null), fc.integer(), fc.constant({}), fc.constant([[]])), { maxLength: 4 }),
    )
    .map((parts) => base64(JSON.stringify(parts.flat()))),
  fc.json({ depthSize: 'large' }).map(base64),
  fc.integer({ min: 1, max: 5000 }).map((depth) => base64('['.repeat(depth))),
  hostileText,
)

function base64(text: string): string {
  return Buffer.from(text).toString('base64url')
}

type Parameter = readonly [name: string, value: string]

const parameter: fc.Arbitrary<Parameter> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(
      fc.tuple(namePath, fc.constantFrom(...OPS)).map(([path, op]) => `filter[${path}][${op}]`),
      value,
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(
      namePath.map((path) => `filter[${path}]`),
      value,
    ),
  },
  { weight: 4, arbitrary: fc.tuple(fc.constant('filter'), expression) },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constant('sort'),
      joined(
        fc.tuple(fc.constantFrom('', '-', '--', '+'), name).map((key) => key.join('')),
        ',',
        10,
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constant('page[size]'), mostly(1, value, fc.constantFrom(...words('1 100 101 0 -1 1e9 NaN 1e3.5')))),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constant('page[after]'), cursor) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...words('fields fields[owner] fields[owner.things] fields[__proto__]')), joined(name, ',', 6)),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constant('include'), joined(mostly(1, fc.constantFrom(...RELATIONS), namePath), ',', 25)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('search'), value) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('count'), mostly(2, fc.constantFrom('true', 'false'), hostileText)) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom(
        ...words(
          'filter[] filter[a filter[a]b filter[a][b][c] filter[][eq] page page[] page[size][a] filter[__proto__] __proto__ constructor',
        ),
      ),
      value,
    ),
  },
  { weight: 1, arbitrary: fc.tuple(hostileText, hostileText) },
)

/** Parameters about texts, which take any value: what is hostile about it gets as far as the database. */
const searching: fc.Arbitrary<Parameter> = fc.oneof(
  fc.tuple(
    fc
      .tuple(fc.constantFrom(...words('word hidden owner.name name id words link')), fc.constantFrom(...OPS))
      .map(([path, op]) => `filter[${path}][${op}]`),
    value,
  ),
  fc.tuple(fc.constant('search'), value),
  fc
    .tuple(
      fc.constantFrom('word == ', 'word < ', 'hidden != ', 'owner.name == ', 'word.contains(', 'words.exists(x, x == ', 'word + "" >= '),
      value,
    )
    .map(([start, text]) => ['filter', `yes && ${start}${JSON.stringify(text)}${start.includes('(') ? ')' : ''}`] as const),
)

/** As a client encodes it. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

/** As little encoded as an HTTP request line allows. */
function bare(text: string): string {
  return text.toWellFormed().replaceAll(/[^!$'()*+,\-./0-9:;=?@A-Z[\]_a-z~%|{}^`\\"<>]/gu, encodeURIComponent)
}

function queryOf(parameters: readonly Parameter[], spell: (text: string) => string): string {
  return parameters.map(([key, text]) => `${spell(key)}=${spell(text)}`).join('&')
}

const query = fc
  .tuple(fc.array(parameter, { maxLength: 5 }), fc.constantFrom(encoded, bare), fc.constantFrom(1, 1, 1, 1, 2, 250))
  .map(([parameters, spell, times]) => Array(times).fill(queryOf(parameters, spell)).join('&').slice(0, 14_000))

const collection = fc.constantFrom(...words('/api/things /api/things /api/things /api/people /api/labels /api/counters'))
const rowPath = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 40 }).map((n) => `/api/things/${ROW}${String(n).padStart(2, '0')}`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...words(`/api/labels/one /api/labels/two /api/counters/1 /api/counters/2 /api/people/${ROW}a1`)),
  },
  { weight: 1, arbitrary: fc.tuple(collection, hostileText.map(encoded)).map((parts) => parts.join('/')) },
)
const path = fc.oneof(
  { weight: 2, arbitrary: collection },
  { weight: 2, arbitrary: rowPath },
  { weight: 3, arbitrary: mostly(8, from('paths'), fc.constantFrom(`/api/things/${'a'.repeat(600)}`, `/${'a/'.repeat(400)}`)) },
  { weight: 1, arbitrary: fc.array(hostileText, { maxLength: 4 }).map((parts) => `/${parts.map(encoded).join('/')}`) },
)

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

/** Rows that would do, by collection. */
const GOOD_ROWS = {
  '/api/things': ['"word":"w","whole":1,"kind":"red"', '"word":"w","hidden":"hidden 2"', '"word":"w"'],
  '/api/labels': ['"id":"one","word":"w"', '"id":"three","word":"w"'],
  '/api/counters': ['"whole":1'],
  '/api/people': ['"name":"N","email":"user@example.com","password":"Correct-horse-7"'],
} as const

/** A row that would do, with some of it spoilt; a key may come twice. */
function nearly(good: readonly string[]): fc.Arbitrary<string> {
  const member = ([key, item]: readonly [string, unknown]) => `${JSON.stringify(key)}:${JSON.stringify(item) ?? 'null'}`
  const taken = fc.tuple(fc.constantFrom('word', 'hidden', 'extra', 'name'), hostileText).map(member)
  const spoilt = mostly(2, taken, fc.tuple(name, anyJson).map(member))
  return fc.tuple(fc.constantFrom(...good), fc.array(spoilt, { maxLength: 2 })).map(([row, more]) => `{${[row, ...more].join(',')}}`)
}

const nearlyGood = nearly(Object.values(GOOD_ROWS).flat())

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

const body: fc.Arbitrary<string | Buffer | undefined> = mostly<string | Buffer | undefined>(
  8,
  bodyText,
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(bodyText, fc.nat(100)).map(([text, at]) => Buffer.concat([Buffer.from(text).subarray(0, at), Buffer.from([0xc3, 0x28, 0xff])])),
  fc.constant(undefined),
)

/** What a header can carry: visible ASCII, spaces and the upper half of Latin 1. */
const headerText = hostileText.map((text) => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '').slice(0, 500))

const header: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constant('content-type'), mostly(5, from('contentTypes'), headerText)) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom('if-match', 'if-none-match'), mostly(5, from('entityTags'), headerText)) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constant('accept'), mostly(3, fc.constantFrom('*/*', 'text/html', 'application/*;q=0', ''), headerText)),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constant('traceparent'), mostly(1, fc.constant(`00-${'0'.repeat(32)}-${'0'.repeat(16)}-00`), headerText)),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constantFrom(
        ...words(
          'prefer idempotency-key origin cookie x-forwarded-for x-http-method-override range accept-encoding content-encoding accept-version host x-request-id __proto__',
        ),
      ),
      headerText,
    ),
  },
)
const headers = fc.array(header, { maxLength: 4 }).map((pairs): Readonly<Record<string, string>> => Object.fromEntries(pairs))
const fewHeaders = mostly(8, fc.constant<Readonly<Record<string, string>>>({}), headers)

const METHODS = words('GET GET GET POST POST PATCH PUT DELETE HEAD OPTIONS TRACE CONNECT PROPFIND LINK get')
const caller = fc.constantFrom(...(['nobody', 'user', 'user', 'user', 'admin', 'admin', 'admin', 'header'] as const))

/** Anything at any address. */
const wild = fc.record({ method: fc.constantFrom(...METHODS), path, query, headers, body, caller })

/** A list with one or two parameters, so that the hostile one is reached. */
const list = fc.record({
  method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD'),
  path: collection,
  query: fc
    .array(mostly(2, searching, parameter), { minLength: 1, maxLength: 2 })
    .map((parameters) => queryOf(parameters, encoded).slice(0, 14_000)),
  headers: fewHeaders,
  body: fc.constant(undefined),
  caller,
})

const thing = fc.integer({ min: 1, max: 40 }).map((n) => `/api/things/${ROW}${String(n).padStart(2, '0')}`)
const ifMatch = mostly(6, from('entityTags'), headerText).map((tag): Readonly<Record<string, string>> => ({ 'if-match': tag }))

/** A create with a row that belongs there, or a write to some row. */
const write = fc.oneof(
  ...Object.entries(GOOD_ROWS).map(([at, good]) => writing(['POST'], { path: fc.constant(at), body: nearly(good) })),
  writing(words('PATCH PATCH PUT'), { path: thing, body: nearly(GOOD_ROWS['/api/things']) }),
  writing(words('PATCH PATCH PUT DELETE'), { path: mostly(3, thing, rowPath), body: nearlyGood, headers: ifMatch }),
  writing(words('PATCH PUT DELETE'), { path: rowPath, body }),
  writing(['POST'], { path: collection, body }),
)

interface Writing {
  readonly path: fc.Arbitrary<string>
  readonly body: fc.Arbitrary<string | Buffer | undefined>
  readonly headers?: fc.Arbitrary<Readonly<Record<string, string>>>
}

function writing(methods: readonly string[], to: Writing) {
  return fc.record({ method: fc.constantFrom(...methods), query: mostly(6, fc.constant(''), query), headers: fewHeaders, caller, ...to })
}

const WITH_BODY = new Set(['POST', 'PATCH', 'PUT', 'DELETE'])

/** One request. Most of it is nearly right, so that the wrong part is reached. */
export const hostileRequest: fc.Arbitrary<HostileRequest> = fc
  .tuple(
    fc.oneof({ weight: 3, arbitrary: wild }, { weight: 4, arbitrary: list }, { weight: 4, arbitrary: write }),
    mostly(2, from('authorizations'), headerText, fc.constant(`Bearer ${'a'.repeat(5000)}`)),
  )
  .map(([request, authorization]) => ({
    method: request.method,
    url: request.query === '' ? request.path : `${request.path}?${request.query}`,
    headers: request.caller === 'header' ? { ...request.headers, authorization } : request.headers,
    body: WITH_BODY.has(request.method) ? request.body : undefined,
    caller: request.caller,
  }))

const HEAD_END = 'HTTP/1.1\r\nHost: a\r\n'
const longHead = fc.constantFrom(
  `GET / ${HEAD_END}X: ${'a'.repeat(20_000)}`,
  `GET / ${HEAD_END}${'X: a\r\n'.repeat(3_000)}`,
  `GET /${'a'.repeat(20_000)} ${HEAD_END}`,
)

/** Bytes that are no HTTP request, or barely one. */
export const hostileBytes: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 4, arbitrary: from('bytes').map((text) => Buffer.from(text, 'latin1')) },
  { weight: 1, arbitrary: longHead.map((text) => Buffer.from(`${text}\r\n\r\n`)) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('GET', 'POST', 'PATCH', 'PURGE', ''), fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 80 }))
      .map(([method, url, rest]) =>
        Buffer.concat([`${method} /`, url, ` ${HEAD_END}X: `, rest, '\r\n\r\n'].map((part) => Buffer.from(part))),
      ),
  },
)
