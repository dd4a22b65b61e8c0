/** Hostile requests for the design of hostile-design.ts. */

import fc from 'fast-check'
import { from, hostileText, joined, mostly, name, ROW, words } from '../../support/hostile-text.ts'
import { body, GOOD_ROWS, nearly, nearlyGood } from './hostile-body.ts'
import { encoded, parameter, query, queryOf, searching } from './hostile-query.ts'

export { CANARY } from '../../support/hostile-text.ts'

export interface HostileRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer | undefined
  readonly caller: 'nobody' | 'user' | 'admin' | 'header'
}

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

/** The characters of a header: visible ASCII, spaces and the upper half of Latin 1. */
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

/** A request with any method and path. */
const wild = fc.record({ method: fc.constantFrom(...METHODS), path, query, headers, body, caller })

/** A list with one or two parameters, so that no earlier error hides the hostile one. */
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

/** A create with a row of the entity, or a write to a row. */
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

/** Several operations in one transaction; some refer to the answers of others. */
const transaction = fc
  .tuple(
    fc.array(fc.oneof(list, write), { minLength: 1, maxLength: 4 }),
    mostly(3, fc.constant('{"$ref":"one.id"}'), fc.constantFrom('{"$ref":"one.__proto__"}', '{"$ref":"two"}', '{"$ref":""}', '{"$ref":1}')),
  )
  .map(([operations, reference]) => {
    const members = operations.map(({ method, path, query, body }, i) => {
      const address = JSON.stringify(query === '' ? path : `${path}?${query}`)
      const given = body === undefined ? '' : `,"body":${i > 0 && i % 2 === 0 ? `{"word":"w","parent":${reference}}` : body.toString()}`
      return `{"method":${JSON.stringify(method)},"path":${address},"name":"${i === 0 ? 'one' : `n${i}`}"${given}}`
    })
    return `{"operations":[${members.join(',')}]}`
  })

const transacted = writing(['POST'], { path: fc.constant('/api/transaction'), body: transaction })

/** GraphQL documents: random tokens, and deep documents. */
const document = fc.oneof(
  { weight: 3, arbitrary: joined(mostly(6, from('graphql'), name, hostileText), ' ', 25) },
  {
    weight: 2,
    arbitrary: joined(mostly(6, from('graphql'), name), ' ', 4).map((fields) => `{ things(first: 3) { nodes { ${fields} } } }`),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 2_000 }).map((depth) => `{ things { nodes { owner { ${'things { nodes { '.repeat(depth)}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 1, max: 300 })
      .map((count) => `{ ${Array.from({ length: count }, (_, i) => `a${i}: things { totalCount }`).join(' ')} }`),
  },
)

const posted = fc.record({
  method: fc.constant('POST'),
  path: fc.constant('/graphql'),
  query: fc.constant(''),
  headers: fewHeaders,
  body: fc.tuple(document, fc.jsonValue({ depthSize: 'small' })).map(([text, variables]) => JSON.stringify({ query: text, variables })),
  caller,
})

/** Idempotency keys that are used repeatedly, with the same and with other requests. */
const repeatedly = fc.constantFrom('a', 'b', 'c').map((key): Readonly<Record<string, string>> => ({ 'idempotency-key': key }))
const once = writing(['POST'], { path: fc.constant('/api/things'), body: nearly(GOOD_ROWS['/api/things']), headers: repeatedly })

/** One request. Most of it is valid, so that the server reaches the wrong part. */
export const hostileRequest: fc.Arbitrary<HostileRequest> = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: wild },
      { weight: 4, arbitrary: list },
      { weight: 4, arbitrary: write },
      { weight: 1, arbitrary: transacted },
      { weight: 1, arbitrary: posted },
      { weight: 1, arbitrary: once },
    ),
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

/** Bytes that are not a valid HTTP request, or nearly valid. */
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
