/**
 * PostgreSQL is stopped without a shutdown and started again, while clients read and write: the process stays, answers only 503 meanwhile,
 * and answers again within three seconds. `npm run test:restart` does it ten times.
 */

import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { PLINTH, start, temporaryFolder } from '../support/command-line.ts'
import { startPostgres } from './outside-postgres.ts'

const DESIGN = `name: notes
entities:
  Note:
    fields: { title: { type: text, max: 50 } }
    access: { read: 'true', create: 'true' }
`
const RESTARTS = Number(process.env.RESTARTS ?? 2)
const CLIENTS = 8
/** The machine of CI may be busy; the promise is three seconds. */
const WITHIN_MS = process.env.CI === 'true' ? 10_000 : 3_000

/** What came of a request. */
interface Seen {
  readonly at: number
  readonly status: number | 'failed'
}

test('the database restarts without a shutdown: the same process, only 503 meanwhile, then answers within seconds', {
  timeout: 120_000 + RESTARTS * 60_000,
}, async (t) => {
  const postgres = await startPostgres(t)
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.yaml'), DESIGN)
  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const server = start(t, [...PLINTH, 'serve', '--migrate'], {
    cwd: folder,
    env: {
      ...{ DATABASE_URL: postgres.url, HOST: '127.0.0.1', PORT: '0', PUBLIC_URL: 'http://localhost', AUTH_KEYS: privateKey },
      ...{ NODE_ENV: 'production', RATE_LIMIT_REQUESTS: 'off', LOG_LEVEL: 'info' },
    },
  })
  const output = await server.until(/"msg":"listening"/)
  const url = /"url":"([^"]+)"/.exec(output)?.[1] ?? ''
  const seen: Seen[] = []
  const acknowledged = new Set<string>()
  let isOver = false
  let next = 0
  const client = async (number: number): Promise<void> => {
    while (!isOver) {
      const title = `note ${next++}`
      const asked = number % 2 === 0 ? fetch(`${url}/api/notes`) : post(`${url}/api/notes`, { title })
      const status = await asked.then(
        async (answer) => {
          await answer.arrayBuffer()
          return answer.status
        },
        () => 'failed' as const,
      )
      if (status === 201) acknowledged.add(title)
      seen.push({ at: performance.now(), status })
      await wait(number % 2 === 0 ? 5 : 20)
    }
  }
  const clients = Array.from({ length: CLIENTS }, (_, i) => client(i))
  await wait(500)
  const recoveries: number[] = []
  for (let i = 0; i < RESTARTS; i++) {
    await postgres.stop('immediate')
    await wait(300)
    const readiness = await fetch(`${url}/health/ready`)
    assert.equal(readiness.status, 503)
    assert.equal((await fetch(`${url}/health/live`)).status, 200)
    await postgres.start()
    const accepts = performance.now()
    while (!seen.some(({ at, status }) => at > accepts && (status === 200 || status === 201))) {
      assert.ok(performance.now() - accepts < 30_000, 'no answer within 30 s')
      await wait(5)
    }
    recoveries.push(performance.now() - accepts)
    await wait(300)
  }
  isOver = true
  await Promise.all(clients)
  const statuses = new Map<string, number>()
  for (const { status } of seen) statuses.set(String(status), (statuses.get(String(status)) ?? 0) + 1)
  const table = JSON.stringify(Object.fromEntries(statuses))
  t.diagnostic(`${RESTARTS} restarts, ${table}, first answer after ${recoveries.map((ms) => Math.round(ms)).join(', ')} ms`)
  assert.deepEqual(
    [...statuses.keys()].filter((status) => !['200', '201', '503'].includes(status)),
    [],
    table,
  )
  assert.ok((statuses.get('503') ?? 0) > 0, 'there were refusals')
  for (const ms of recoveries) assert.ok(ms < WITHIN_MS, `${Math.round(ms)} ms`)
  assert.equal(server.process.exitCode, null)
  assert.equal(server.output().match(/"msg":"listening"/g)?.length, 1, 'the same process')
  const present = await titles(url)
  for (const title of acknowledged) assert.ok(present.has(title), `${title} was acknowledged`)
})

function post(url: string, body: object): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

/** The titles of all notes, page by page. */
async function titles(url: string): Promise<ReadonlySet<string>> {
  const all = new Set<string>()
  for (let path: string | null = '/api/notes?page[size]=100'; path !== null; ) {
    const page = (await (await fetch(`${url}${path}`)).json()) as { data: { title: string }[]; page: { next: string | null } }
    for (const { title } of page.data) all.add(title)
    path = page.page.next === null ? null : `/api/notes?page[size]=100&page[after]=${encodeURIComponent(page.page.next)}`
  }
  return all
}
