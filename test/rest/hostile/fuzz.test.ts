/**
 * Malformed and hostile requests get the usual error answers. They never cause a 5xx or end the process, never reveal SQL, files or
 * constraints, and never become part of a statement. FUZZ=20000 sends more; SEED repeats a run; SHRINK=1 looks for the smallest failure.
 */

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { FAILURES } from '../../../src/base/failures/failure-catalogue.ts'
import type { Observation } from '../../../src/server/http/observe.ts'
import { startServer } from '../../../src/server/process/server.ts'
import { openField } from '../../support/hostile-design.ts'
import { CANARY, type HostileRequest, hostileBytes, hostileRequest } from './hostile.ts'

const REQUESTS = Number(process.env.FUZZ ?? (process.env.PLINTH_FULL === '1' ? 3_000 : 500))
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31)
const ON_SOCKETS = Math.max(100, REQUESTS / 10)
/** The number of concurrent requests, so that hostile requests merge with valid ones. */
const TOGETHER = 10
/** The number of batches after which deleted rows and sessions are restored. */
const REPLANT = 10

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

/** Texts that an answer must not contain unless the request contains them. */
const LEAKS = [
  /\bselect\b[^"]{0,40}\bfrom\b/i,
  /\b(?:insert into|update [a-z_"]+ set|delete from)\b/i,
  /_(?:pkey|fkey|key|idx|gin|check)\b/,
  /\bSQLSTATE\b|\bpg_[a-z]+|\bPostgreSQL\b|\bpostgres\b/i,
  /\b(?:syntax error|invalid input (?:syntax|value)|out of range for type|violates|does not exist|cannot cast|operator does not)\b/i,
  /\b(?:TypeError|RangeError|ReferenceError|SyntaxError|undefined is not|Cannot read propert)/,
  /node_modules|\.ts:\d+|\.js:\d+|\bat [A-Za-z.<>]+ \(|\/(?:home|root|work|usr|tmp)\//,
  /\$\d+::|row_to_json|to_json\(|string_agg|coalesce\(|"#(?:ord|given|input)/,
]

const MEMBERS = ['type', 'title', 'status', 'detail', 'code', 'traceId', 'errors', 'operation']

/** GraphQL has its own form of errors. */
const GRAPHQL_TYPES: readonly unknown[] = ['application/json; charset=utf-8', 'application/graphql-response+json; charset=utf-8']

/** @throws AssertionError for a forbidden answer. `sent` is the content of the request, which an answer may repeat. */
function judge(method: string, sent: string, { status, headers, text }: Answer): void {
  assert.ok(status >= 200 && status < 500, `status ${status}: ${text.slice(0, 300)}`)
  if (status < 400) return
  if (GRAPHQL_TYPES.includes(headers['content-type'])) {
    assert.ok(sent.startsWith('/graphql') && (method === 'HEAD' || Array.isArray(JSON.parse(text).errors)), text.slice(0, 200))
    judgeWords(sent, text)
    return
  }
  assert.equal(headers['content-type'], 'application/problem+json; charset=utf-8', `${status} ${text.slice(0, 200)}`)
  if (method === 'HEAD') return
  const problem = JSON.parse(text)
  assert.equal(problem.status, status)
  assert.ok(Object.hasOwn(FAILURES, problem.code), problem.code)
  assert.match(problem.traceId, /^[0-9a-f]{32}$|^[0-9a-f-]{36}$/)
  for (const member of Object.keys(problem)) assert.ok(MEMBERS.includes(member), member)
  judgeWords(sent, text)
}

function judgeWords(sent: string, text: string): void {
  assert.ok(text.length < 60_000, `an answer of ${text.length} characters`)
  for (const leak of LEAKS) {
    const found = leak.exec(text)?.[0]
    assert.ok(found === undefined || sent.includes(found), `${leak} in ${text.slice(0, 500)}`)
  }
}

/** The texts of a request in all encodings in which an answer may repeat them. */
function contentOf({ url, headers, body }: HostileRequest): string {
  const raw = `${url} ${decoded(url)} ${JSON.stringify(headers)} ${body?.toString() ?? ''}`
  return `${raw} ${JSON.stringify(raw)}`
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url.replaceAll('+', ' '))
  } catch {
    return url
  }
}

/** The report of a failed run: enough to see the cause, but not the whole input. */
function told(thing: unknown): string {
  if (thing instanceof Error) return thing.message.slice(0, 3_000)
  const seen = thing as Observation
  if (seen.kind === 'defect') return `defect: ${seen.error instanceof Error ? seen.error.stack : String(seen.error)}`
  return seen.kind === 'request-failed' ? `${seen.failure.message} (${seen.failure.note})` : JSON.stringify(thing)
}

function toldRequest({ method, url, headers, body }: HostileRequest): string {
  return `${method} ${url.slice(0, 1_000)}\n${JSON.stringify(headers).slice(0, 500)}\n${String(body).slice(0, 500)}\n`
}

test(`${REQUESTS} hostile requests are answered, and never with a 5xx or a leak (SEED=${SEED})`, async (t) => {
  const field = await openField(t)
  const { app } = field.backend.backend
  let tokens = await field.replant()
  const statuses = new Map<number, number>()
  let batches = 0
  let slowest = 0
  const send = async (request: HostileRequest): Promise<Answer> => {
    const token = tokens[request.caller]
    const headers: Record<string, string> = {
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...request.headers,
    }
    if (token !== undefined) headers.authorization = `Bearer ${token}`
    const payload = request.body === undefined ? {} : { payload: request.body }
    const {
      statusCode,
      payload: text,
      headers: answered,
    } = await app.inject({ method: request.method as 'GET', url: request.url, headers, ...payload })
    statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1)
    return { status: statusCode, headers: answered, text }
  }
  const property = fc.asyncProperty(fc.array(hostileRequest, { minLength: TOGETHER, maxLength: TOGETHER }), async (requests) => {
    if (++batches % REPLANT === 0) tokens = await field.replant()
    field.backend.statements.length = 0
    const begun = performance.now()
    const answers = await Promise.all(requests.map(async (request) => ({ request, answer: await send(request) })))
    if (JSON.stringify(requests).includes('pg_sleep')) slowest = Math.max(slowest, performance.now() - begun)
    for (const { request, answer } of answers) {
      try {
        judge(request.method, contentOf(request), answer)
      } catch (error) {
        throw new Error(`${toldRequest(request)}→ ${told(error)}\n${field.defects.map(told).join('\n')}`, { cause: error })
      }
    }
    assert.deepEqual(field.defects.map(told), [])
    for (const { text } of field.backend.statements) assert.ok(!text.includes(CANARY), `a value became part of a statement: ${text}`)
    assert.equal(({} as { polluted?: unknown }).polluted, undefined)
  })
  const endOnFailure = process.env.SHRINK === undefined
  const found = await fc.check(property, { seed: SEED, numRuns: Math.ceil(REQUESTS / TOGETHER), endOnFailure })
  if (found.failed) assert.fail(`SEED=${SEED}, request ${found.numRuns * TOGETHER}: ${told(found.errorInstance)}`)
  const counts = [...statuses].sort((a, b) => a[0] - b[0]).map(([status, count]) => `${count} × ${status}`)
  t.diagnostic(`seed ${SEED}: ${counts.join(', ')}`)
  assert.ok(slowest < 8_900, `requests with pg_sleep(9) took ${slowest} ms`)
  // The run has successful and refused requests of every kind.
  for (const status of [200, 201, 204, 400, 401, 404, 405, 409, 415]) assert.ok(statuses.has(status), `no request was answered ${status}`)
  tokens = await field.replant()
  const last = await field.backend.ask('GET', '/api/things?count=true', { token: tokens.admin })
  assert.equal(last.json.page.count, 40, 'the server still answers')
})

/** Requests of fixed shape with any value. After the first few, no value makes a new statement. */
const SHAPES: readonly ((value: string) => { readonly method: string; readonly url: string; readonly body?: unknown })[] = [
  ...['eq', 'ne', 'lt', 'gte', 'contains', 'startsWith', 'endsWith'].map((op) => (value: string) => ({
    method: 'GET',
    url: `/api/things?filter[yes]=true&filter[word][${op}]=${value}`,
  })),
  (value) => ({ method: 'GET', url: `/api/things?filter[word][in]=${value},${value}b,c` }),
  (value) => ({ method: 'GET', url: `/api/things?filter[word][nin]=${value}&filter[yes]=true` }),
  (value) => ({ method: 'GET', url: `/api/things?filter[words][contains]=${value}` }),
  (value) => ({ method: 'GET', url: `/api/things?filter[owner.name]=${value}&filter[yes]=true` }),
  (value) => ({ method: 'GET', url: `/api/things?search=${value}&count=true` }),
  (value) => ({
    method: 'GET',
    url: `/api/things?filter=${encodeURIComponent(`yes && (word == ${JSON.stringify(decodeURIComponent(value))} || hidden != ${JSON.stringify(decodeURIComponent(value))})`)}`,
  }),
  (value) => ({
    method: 'GET',
    url: `/api/things?sort=word&page[after]=${Buffer.from(JSON.stringify(['word,id', decodeURIComponent(value), '01900000-0000-7000-8000-000000000001'])).toString('base64url')}`,
  }),
  (value) => ({ method: 'GET', url: `/api/labels/${value === '.' || value === '..' ? 'dot' : value}` }),
  (value) => ({
    method: 'POST',
    url: '/api/things',
    body: { word: decodeURIComponent(value), extra: { [decodeURIComponent(value)]: 1 }, words: [decodeURIComponent(value)] },
  }),
  (value) => ({ method: 'PATCH', url: '/api/things/01900000-0000-7000-8000-000000000001', body: { word: decodeURIComponent(value) } }),
]

test('values of a request never change the text of a statement', async (t) => {
  const field = await openField(t)
  const { admin } = await field.replant()
  const texts = new Map<number, Set<string>>(SHAPES.map((_, i) => [i, new Set()]))
  const value = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    .filter((text) => text.isWellFormed() && !text.includes('\u0000') && !text.includes(','))
  const property = fc.asyncProperty(value, async (text) => {
    for (const [i, shape] of SHAPES.entries()) {
      const { method, url, body } = shape(encodeURIComponent(text))
      field.backend.statements.length = 0
      await field.backend.ask(method, url, { token: admin, body })
      for (const statement of field.backend.statements) if (!statement.name.startsWith('session.')) texts.get(i)?.add(statement.text)
    }
  })
  await fc.assert(property, { seed: SEED, numRuns: Math.ceil(REQUESTS / 100) })
  for (const [i, shape] of SHAPES.entries())
    assert.equal(texts.get(i)?.size, 1, `${shape('x').method} ${shape('x').url}: ${[...(texts.get(i) ?? [])].join('\n')}`)
})

/** Sends bytes and half-closes the connection. Returns all bytes that the server sends until it closes the connection. */
function sendRaw(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(bytes))
    socket.setEncoding('latin1').setTimeout(5_000, () => socket.destroy(new Error('no answer')))
    socket.on('data', (piece: string) => {
      text += piece
    })
    socket.on('error', (error) => {
      if (error.message === 'no answer') text += '\r\nNO ANSWER'
    })
    socket.on('close', () => resolve(text))
  })
}

/** The answers in what a server sent: pipelined requests have several. */
function answersIn(text: string): readonly Answer[] {
  const answers: Answer[] = []
  let rest = text
  while (rest !== '') {
    const [head = '', ...bodies] = rest.split('\r\n\r\n')
    const [line = '', ...lines] = head.split('\r\n')
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(line)?.[1])
    const headers = Object.fromEntries(lines.map((l) => [l.slice(0, l.indexOf(':')).toLowerCase(), l.slice(l.indexOf(':') + 1).trim()]))
    const length = Number(headers['content-length'] ?? 0)
    const body = bodies.join('\r\n\r\n')
    answers.push({ status, headers, text: body.slice(0, length) })
    rest = status === 100 ? body : body.slice(length)
  }
  return answers
}

test(`${ON_SOCKETS} connections with malformed HTTP end with an answer or are closed (SEED=${SEED})`, async (t) => {
  const field = await openField(t)
  await field.replant()
  const { close: _, ...backend } = field.backend.backend
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: { ...backend, close: async () => {} } })
  t.after(() => server.drain({ noticeMs: 0, drainMs: 100 }))
  const port = Number(new URL(server.url).port)
  const statuses = new Map<number, number>()
  const property = fc.asyncProperty(fc.array(hostileBytes, { minLength: TOGETHER, maxLength: TOGETHER }), async (messages) => {
    const received = await Promise.all(messages.map((bytes) => sendRaw(port, bytes)))
    for (const [i, text] of received.entries()) {
      const sent = messages[i]?.toString('latin1') ?? ''
      const where = `${JSON.stringify(sent.slice(0, 300))} was answered ${JSON.stringify(text.slice(0, 600))}`
      assert.ok(!text.endsWith('NO ANSWER'), where)
      for (const answer of answersIn(text)) {
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
        if (answer.status === 100) continue
        try {
          judge(sent.startsWith('HEAD') ? 'HEAD' : 'GET', sent, answer)
        } catch (error) {
          throw new Error(`${told(error)}\n${where}`, { cause: error })
        }
      }
    }
    assert.deepEqual(field.defects.map(told), [])
  })
  const found = await fc.check(property, {
    seed: SEED,
    numRuns: Math.ceil(ON_SOCKETS / TOGETHER),
    endOnFailure: process.env.SHRINK === undefined,
  })
  if (found.failed) assert.fail(`SEED=${SEED}: ${told(found.errorInstance)}`)
  t.diagnostic(
    `seed ${SEED}: ${[...statuses]
      .sort((a, b) => a[0] - b[0])
      .map(([status, count]) => `${count} × ${status}`)
      .join(', ')}`,
  )
  const live = await fetch(`${server.url}/health/live`)
  assert.equal(live.status, 200, 'the server still answers')
})
