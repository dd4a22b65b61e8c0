/** Metrics of a serving process and of a worker, on their own port. */

import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { METRICS } from '../../src/commands/serving/metrics/metric-table.ts'
import { PLINTH, ROOT, type Started, start, temporaryFolder } from '../support/command-line.ts'
import { testDatabase } from '../support/database.ts'
import { runHere } from './command-here.ts'

const DESIGN = `name: shelf
entities:
  User:
    identity: { login: email, password: password }
    fields: { email: { type: email, unique: true }, password: { type: password } }
    access: { create: 'true', read: id == auth.id }
  Book:
    fields: { title: { type: text, max: 40 }, letters: { type: integer, default: 0 } }
    access: { read: 'true', create: 'true' }
    actions:
      count: { allow: 'false', steps: [{ update: row, set: { letters: size(row.title) } }, { enqueue: index, input: { book: row } }] }
jobs:
  index: { as: system, input: { book: { ref: Book } }, steps: [{ update: input.book, set: { letters: 0 } }] }
on:
  Book.created: [{ call: Book.count, as: system }]
`
const PASSWORD = 'Lantern-Otter-42-Field'

async function project(t: TestContext) {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.yaml'), DESIGN)
  const database = await testDatabase()
  t.after(() => database.drop())
  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const env = {
    ...{ DATABASE_URL: database.url, HOST: '127.0.0.1', PORT: '0', PUBLIC_URL: 'http://localhost', AUTH_KEYS: privateKey },
    ...{ NODE_ENV: 'production', METRICS_PORT: '0', WORK: 'off' },
  }
  return {
    env,
    refused: (more: Record<string, string>) => runHere(t, ['serve'], { cwd: folder, env: { ...env, ...more } }),
    begin: (...args: readonly string[]) => start(t, [...PLINTH, ...args], { cwd: folder, env }),
  }
}

/** A value that the log names in the entry with this message. */
async function logged(server: Started, message: string, member: string): Promise<string> {
  await server.until(new RegExp(`"msg":"${message}"`))
  const line = server
    .output()
    .split('\n')
    .find((one) => one.includes(`"msg":"${message}"`))
  return String(JSON.parse(line ?? '{}')[member])
}

/** The value of a metric with these labels. */
function metricOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number | null {
  const line = text
    .split('\n')
    .find(
      (one) => one.split(/[{ ]/, 1)[0] === name && Object.entries(labels).every(([label, value]) => one.includes(`${label}="${value}"`)),
    )
  return line === undefined ? null : Number(line.slice(line.lastIndexOf(' ')))
}

test('a serving process and a worker show what they do, what waits, and nothing of a request', { timeout: 120_000 }, async (t) => {
  const { begin, refused } = await project(t)
  const server = begin('serve', '--migrate')
  const url = await logged(server, 'listening', 'url')
  const metrics = await logged(server, 'listening', 'metrics')
  const read = async (at: string): Promise<string> => (await fetch(at)).text()
  const post = (path: string, body: object) =>
    fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  assert.equal((await post('/api/auth/register', { email: 'ada@example.com', password: PASSWORD })).status, 202)
  for (let i = 0; i < 3; i++) assert.equal((await post('/api/books', { title: `secret title ${i}` })).status, 201)
  assert.equal((await post('/api/books', { title: 7 })).status, 400)
  assert.equal((await fetch(`${url}/api/books?token=hush`)).status, 400)
  assert.equal((await fetch(`${url}/api/books`, { method: 'PROPFIND' })).status, 404)
  assert.equal((await fetch(`${url}/metrics`)).status, 404, 'the port of the API does not show metrics')

  const answer = await fetch(metrics)
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  const text = await answer.text()
  const books = { method: 'POST', route: '/api/books' }
  assert.equal(metricOf(text, METRICS.requests.name, { ...books, status: '201' }), 3)
  assert.equal(metricOf(text, `${METRICS.requestSeconds.name}_count`, books), 4)
  assert.equal(
    metricOf(text, METRICS.refusals.name, { code: 'invalid' }) ?? metricOf(text, METRICS.refusals.name, { code: 'validation_failed' }),
    1,
  )
  assert.ok((metricOf(text, METRICS.statements.name, { statement: 'create Book' }) ?? 0) >= 1, text)
  assert.ok((metricOf(text, METRICS.calls.name, { statement: 'create Book' }) ?? 0) >= 3)
  assert.equal(metricOf(text, METRICS.connections.name), 10)
  assert.equal(metricOf(text, METRICS.requestsUnderWay.name), 0)
  assert.equal(metricOf(text, METRICS.backlogFailed.name), 0)
  assert.equal(metricOf(text, METRICS.undelivered.name), 3)
  assert.ok((metricOf(text, METRICS.undeliveredSeconds.name) ?? 0) > 0)
  assert.ok((metricOf(text, 'process_resident_memory_bytes') ?? 0) > 1e7)
  assert.ok(
    !/PROPFIND|secret title|ada@|hush|01900|[0-9a-f]{8}-[0-9a-f]{4}/.test(text),
    'no method, value, address or id of a client is a label',
  )

  assert.equal((await fetch(metrics, { method: 'POST' })).status, 405)
  assert.equal((await fetch(metrics.replace('/metrics', '/'))).status, 404)
  assert.equal(await (await fetch(metrics, { method: 'HEAD' })).text(), '')

  const worker = begin('work')
  const workerMetrics = await logged(worker, 'working', 'metrics')
  let seen = ''
  // What waits is read at most every five seconds.
  for (let i = 0; i < 60 && metricOf(seen, METRICS.undelivered.name) !== 0; i++) {
    await wait(500)
    seen = await read(workerMetrics)
  }
  assert.equal(metricOf(seen, METRICS.undelivered.name), 0)
  assert.equal(metricOf(seen, METRICS.reactions.name, { state: 'dead' }) ?? 0, 0)
  const { code, stderr } = await refused({ METRICS_PORT: new URL(metrics).port })
  assert.equal(code, 3)
  assert.match(stderr, /METRICS_PORT \d+ is in use/)
})

test('a port of metrics that is taken, or is none, is named before anything else starts', async (t) => {
  const { refused } = await project(t)
  const taken = createServer().listen(0, '127.0.0.1')
  t.after(() => taken.close())
  await new Promise((resolve) => taken.once('listening', resolve))
  const wrong = await refused({ METRICS_PORT: 'ninety' })
  assert.equal(wrong.code, 3)
  assert.match(wrong.stderr, /METRICS_PORT is not a port, 0 to 65535/)
})

test('the reference has every metric, with its labels and its meaning', () => {
  const page = readFileSync(join(ROOT, 'docs/reference/metrics.md'), 'utf8')
  for (const { name, kind, labels, help } of Object.values(METRICS)) {
    const row = `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`
    assert.ok(page.includes(row), `docs/reference/metrics.md lacks\n${row}`)
  }
})
