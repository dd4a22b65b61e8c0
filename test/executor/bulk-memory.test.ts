/** The memory that the server needs for many rows at once. */

import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { freePort, PLINTH, start, temporaryFolder } from '../support/command-line.ts'
import { testDatabase } from '../support/database.ts'

const DESIGN = `name: measurements
entities:
  Measurement:
    fields:
      sensor: { type: integer, min: 0 }
      value: { type: number }
      note: { type: text, max: 1000 }
    access: { create: 'true', read: 'true' }
`

const ROWS = 100_000
/** The maximum number of rows of a request; with their notes, nearly the maximum size. */
const ROWS_OF_REQUEST = 1_000
const NOTE = 'x'.repeat(960)
const IN_PARALLEL = 8
const MOST_BYTES = 150e6

test('creating any number of rows in requests of a thousand needs less than 150 MB more memory', {
  timeout: 600_000,
  skip: existsSync('/proc/self/status') ? false : 'no /proc that tells how much memory a process has used at most',
}, async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.yaml'), DESIGN)
  const database = await testDatabase()
  t.after(() => database.drop())
  const port = await freePort()
  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const url = `http://127.0.0.1:${port}`
  const env = { DATABASE_URL: database.url, PORT: String(port), HOST: '127.0.0.1', PUBLIC_URL: url, AUTH_KEYS: privateKey }
  const server = start(t, [...PLINTH, 'serve', '--migrate'], { cwd: folder, env: { ...env, NODE_ENV: 'production' } })
  await server.until(/"msg":"listening"/)
  const pid = server.process.pid ?? 0
  const create = async (n: number, rows: number) => {
    const body = JSON.stringify(Array.from({ length: rows }, (_, i) => ({ sensor: i, value: n + i / 8, note: NOTE })))
    // Every second client asks for the created rows in the answer.
    const prefer: Record<string, string> = n % 2 === 0 ? { prefer: 'return=minimal' } : {}
    const answer = await fetch(`${url}/api/measurements`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...prefer },
      body,
    })
    const text = await answer.text()
    assert.equal(answer.status, 201, text.slice(0, 500))
    if (n % 2 === 1) assert.equal(JSON.parse(text).length, rows)
    return body.length
  }
  for (let n = 0; n < 50; n++) {
    await create(n, 2)
    assert.equal((await fetch(`${url}/api/measurements?page[size]=5`)).status, 200)
  }
  const before = memoryOf(pid)
  const began = performance.now()
  let next = 0
  let bytes = 0
  const clients = Array.from({ length: IN_PARALLEL }, async () => {
    while (next < ROWS / ROWS_OF_REQUEST) {
      const sent = await create(next++, ROWS_OF_REQUEST)
      bytes += sent
    }
  })
  await Promise.all(clients)
  const ms = performance.now() - began
  const { most } = memoryOf(pid)
  t.diagnostic(
    `${ROWS} rows, ${megabytes(bytes)}, ${IN_PARALLEL} requests at a time, in ${Math.round(ms)} ms; resident ${megabytes(before.now)} before, ${megabytes(most)} at most: +${megabytes(most - before.now)}`,
  )
  assert.equal(await countOf(database.url), ROWS + 100)
  assert.ok(most - before.now < MOST_BYTES, `${megabytes(most - before.now)} more`)
})

/** Resident memory in bytes: now, and the maximum since the start of the process (proc_pid_status(5)). */
function memoryOf(pid: number): { readonly now: number; readonly most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024
  return { now: bytes('VmRSS'), most: bytes('VmHWM') }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}

async function countOf(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query('select count(*)::int as n from measurements')).rows[0].n
  } finally {
    await client.end()
  }
}
