/** Raw requests for both doors: usual ones, and those that one of them might read in another way than the other. */

import type { Random } from '../support/random.ts'
import { ANN, type Sending } from './two-doors.ts'

/** The parts of a request before they become bytes. */
interface Parts {
  readonly method?: string
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON with its length, unless `headers` say otherwise. */
  readonly body?: string
}

/** Writes a request after which the server closes the connection. */
export function closing(parts: Parts): Sending {
  return { pieces: [written({ ...parts, headers: { connection: 'close', ...parts.headers } })] }
}

/** Writes a request. */
export function written({ method = 'GET', target, headers = {}, body }: Parts): string {
  const framing =
    body === undefined || 'transfer-encoding' in headers || 'content-length' in headers
      ? {}
      : { 'content-length': String(Buffer.byteLength(body, 'latin1')) }
  const type = body === undefined || 'content-type' in headers ? {} : { 'content-type': 'application/json' }
  const fields = Object.entries({ host: 'localhost', ...type, ...framing, ...headers }).filter(([, value]) => value !== '-')
  return `${method} ${target} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body ?? ''}`
}

export const TARGETS = [
  '/',
  '/api',
  '/api/',
  '/api/notes',
  '/api/notes/',
  '/api//notes',
  '//api/notes',
  '/api/notes//one',
  '/api/notes/one',
  '/api/notes/one/',
  '/api/notes/one/more',
  '/api/notes/two',
  '/api/notes/bulk',
  '/api/notes/none',
  '/notes/one/text',
  '/notes/feed/text?limit=3',
  '/notes/feed/text?limit=x',
  '/notes//text',
  '/notes/../text',
  '/notes/%2e%2e/text',
  '/notes/a%2Fb/text',
  '/notes/one/text/',
  '/api/notes/__proto__',
  '/api/notes/constructor',
  '/api/notes/toString',
  '/api/__proto__',
  '/api/constructor/one',
  '/api/notes/a%20b',
  '/api/notes/a%2Fb',
  '/api/notes/a%2fb',
  '/api/notes/%25',
  '/api/notes/%',
  '/api/notes/%zz',
  '/api/notes/%ff',
  '/api/%6eotes',
  '/api/%73ecrets',
  '/api/secrets',
  '/api/notes/on%65',
  '/api/notes/one%00',
  '/api/notes/\xfc',
  '/api/notes/..',
  '/api/notes/.',
  '/api/./notes',
  '/api/notes/one#part',
  '/api/notes#part',
  '/api/notes;a=b',
  '/api/notes/one;v=1',
  '/api/Notes',
  '/API/notes',
  '/api/nots',
  '/api/notes?',
  '/api/notes??',
  '/api/notes?page[size]=2',
  '/api/notes?page%5Bsize%5D=2',
  '/api/notes?page[size]=2&sort=-id',
  '/api/notes?filter[id]=one',
  '/api/notes?filter[id]=%',
  '/api/notes?filter[id]=\xfc',
  '/api/notes?nosuch=1',
  '/api/notes?include=owner',
  '/api/notes/one?fields=id,text',
  '/api/notes/one?nosuch=/api/notes',
  '/api/users',
  `/api/users/${ANN}`,
  '/api/users/not-a-uuid',
  `/api/notes/${'a'.repeat(500)}`,
  `/api/notes/${'a'.repeat(501)}`,
  `/api/notes/${'a'.repeat(480)}`,
  `/api/${'a'.repeat(501)}`,
  `/${'a/'.repeat(300)}`,
  '/api/transaction',
  '/api/transaction/',
  '/api/auth',
  '/api/auth/me',
  '/api/auth/login',
  '/api/auth/logout',
  '/api/auth/nosuch',
  '/api/auth/me?x=1',
  '/health/live',
  '/health/live?x',
  '/health/ready',
  '/health/',
  '/.well-known/jwks.json',
  '/openapi.json',
  '/docs',
  '/graphql',
  '/graphql?query={__typename}',
  '/graphql/schema',
  '*',
  'http://localhost/api/notes',
  'http://localhost/api/notes/one?fields=id',
  'http://other:80/api/notes?page[size]=1',
  'HTTP://localhost/health/live',
  'localhost:80',
  'api/notes',
  '?x',
  '/\x7f',
] as const

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY', 'PROPFIND', 'get', 'BREW'] as const

export const BODIES = [
  '',
  '{}',
  '[]',
  'null',
  '{',
  '{"id":"new","text":"made"}',
  '{"id":"one","text":"taken"}',
  '{"id":"new","text":5,"nosuch":1}',
  '[{"id":"n1","text":"a"},{"id":"n2","text":"b"}]',
  '{"text":"\xc3\xbc"}',
  '{"text":"\xff"}',
  '{"__proto__":{"text":"x"},"constructor":1}',
  '{"query":"{ __typename }"}',
  '{"query":"{ notes(first: 2) { edges { node { id text } } } }"}',
  '{"login":"ann","secret":"wrong password of ann"}',
  '{"operations":[{"method":"GET","path":"/api/notes/one"}]}',
  '[1'.repeat(40),
  `{"id":"large","text":"${'x'.repeat(70_000)}"}`,
] as const

const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'content-type': [
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json; charset=latin1',
    'application/json; foo=bar',
    'Application/JSON',
    ' application/json ',
    'text/plain',
    'application/jsonx',
    'application/merge-patch+json',
    'multipart/form-data; boundary=x',
    'json',
    ';',
    '',
    '-',
  ],
  accept: ['application/json', '*/*', 'text/html', 'application/*;q=0.1', 'application/problem+json', ''],
  'accept-version': ['1.x'],
  'accept-encoding': ['gzip, br'],
  authorization: ['Bearer wrong', 'Basic YTpi', 'bearer', '', 'TOKEN', 'Bearer TOKEN', 'bearer  TOKEN', 'Bearer TOKEN '],
  origin: ['https://app.example.com', 'https://evil.example', 'null', ''],
  'access-control-request-method': ['POST'],
  'access-control-request-headers': ['x-own, authorization'],
  traceparent: [
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    'wrong',
  ],
  'if-match': ['"1"', '*', 'W/"1"', '"9.abc"', 'wrong'],
  'if-none-match': ['*', '"1"'],
  prefer: ['return=minimal', 'return=representation'],
  'idempotency-key': ['abc', ''],
  expect: ['100-continue', 'wonders'],
  connection: ['close', 'keep-alive', 'close, te', 'upgrade'],
  upgrade: ['websocket', 'h2c'],
  te: ['trailers'],
  'x-forwarded-for': ['203.0.113.9', '203.0.113.9, 10.0.0.1', 'unknown'],
  'x-http-method-override': ['DELETE'],
  'content-encoding': ['gzip'],
  'content-length': ['0', '00', '-1', '5', '+3', '1 ', '1000000', '2000000', '99999999999999999999', '1e3'],
  host: ['-', 'other', 'a:b:c', ''],
  cookie: ['a=b'],
  '__proto__-x': ['y'],
}

const USUAL = TARGETS.filter((one) => /^\/api\/notes(?:\/[a-z]+)?$/.test(one))

/** Without the logout, which would end the session of the token. */
const ODD = TARGETS.filter((one) => !one.startsWith('/api/auth/logout'))

/** A request with random parts; most of them are nearly right. */
export function randomRequest(random: Random, token: string): Sending {
  const method = random.chance(0.8) ? random.pick(METHODS.slice(0, 6)) : random.pick(METHODS)
  const headers: Record<string, string> = {}
  for (let i = random.below(4); i > 0; i--) {
    const name = random.pick(Object.keys(HEADERS))
    headers[name] = random.pick(HEADERS[name] ?? []).replace('TOKEN', token)
  }
  if (random.chance(0.4)) headers.authorization = `Bearer ${token}`
  const target = random.pick(random.chance(0.5) ? USUAL : ODD)
  const hasBody = random.chance(method === 'GET' || method === 'HEAD' ? 0.1 : 0.8)
  const parts = { method, target, headers, ...(hasBody ? { body: random.pick(BODIES) } : {}) }
  const request = written(parts)
  // The last request closes the connection, after whatever the first one did to it.
  const last = written({ target: '/health/live', headers: { connection: 'close' } })
  const bytes = `${request}${last}`
  const cut = random.chance(0.2) ? random.below(bytes.length) : 0
  const pieces = cut === 0 ? [bytes] : [bytes.slice(0, cut), bytes.slice(cut)]
  return { pieces, hangUpAfterMs: 150 }
}

/** A body in chunks. */
export function chunked(chunks: readonly string[]): string {
  return `${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}0\r\n\r\n`
}
