/** `plinth serve` as several processes, and its reload: nothing is lost when a worker dies, is replaced, or the design changes. */

import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { PLINTH, run, type Started, start, temporaryFolder } from '../support/command-line.ts'
import { testDatabase } from '../support/database.ts'

const DESIGN = `name: shelf
entities:
  Book:
    fields: { title: { type: text, max: 40 } }
    access: { read: 'true', create: 'true' }
`

async function project(t: TestContext) {
  const folder = temporaryFolder(t)
  const save = (design: string) => writeFileSync(join(folder, 'design.yaml'), design)
  save(DESIGN)
  const database = await testDatabase()
  t.after(() => database.drop())
  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const env = {
    ...{ DATABASE_URL: database.url, HOST: '127.0.0.1', PORT: '0', PUBLIC_URL: 'http://localhost', AUTH_KEYS: privateKey },
    ...{ NODE_ENV: 'production', STOP_NOTICE_SECONDS: '1' },
  }
  const begin = (more: Record<string, string>, ...args: readonly string[]) =>
    start(t, [...PLINTH, 'serve', '--migrate', ...args], { cwd: folder, env: { ...env, ...more } })
  return { folder, env, save, begin }
}

/** The entries of the log with this message. */
function entries(server: Started, message: string): readonly Record<string, unknown>[] {
  return server
    .output()
    .split('\n')
    .filter((line) => line.includes(`"msg":"${message}"`))
    .map((line) => JSON.parse(line))
}

async function until(server: Started, message: string, count: number): Promise<readonly Record<string, unknown>[]> {
  while (entries(server, message).length < count) {
    assert.equal(server.process.exitCode, null, server.output())
    await wait(50)
  }
  return entries(server, message)
}

/** Asks again and again over new connections until it is stopped. Gives the statuses that were not 200, and failed requests. */
function keepAsking(
  t: TestContext,
  url: string,
): { readonly stop: () => Promise<{ readonly asked: number; readonly failed: readonly unknown[] }> } {
  let isOver = false
  let asked = 0
  const failed: unknown[] = []
  const one = async (): Promise<void> => {
    while (!isOver) {
      asked++
      await fetch(`${url}/api/books`, { headers: { connection: 'close' } }).then(
        async (answer) => {
          const text = await answer.text()
          if (answer.status !== 200) failed.push(text)
        },
        (error) => failed.push(error),
      )
      await wait(5)
    }
  }
  const all = Promise.all([one(), one()])
  t.after(() => {
    isOver = true
  })
  return {
    async stop() {
      isOver = true
      await all
      return { asked, failed }
    },
  }
}

test('workers serve one port, a killed one is replaced, a reload loses no request, and metrics name the worker', {
  timeout: 240_000,
}, async (t) => {
  const { begin } = await project(t)
  const server = begin({ METRICS_PORT: '0' }, '--workers', '2')
  const listening = await until(server, 'listening', 2)
  const url = String(listening[0]?.url)
  assert.deepEqual(listening.map(({ worker }) => worker).toSorted(), [1, 2])
  assert.equal(listening[1]?.url, url, 'one port')
  const [{ metrics }] = entries(server, 'starting workers; each merges the calls of its own requests and has connections of its own') as [
    Record<string, unknown>,
  ]
  for (let i = 0; i < 8; i++) assert.equal((await fetch(`${url}/api/books`, { headers: { connection: 'close' } })).status, 200)
  const text = await (await fetch(String(metrics))).text()
  assert.equal(text.match(/^# TYPE plinth_http_requests_total /gm)?.length, 1)
  for (const worker of [1, 2]) {
    assert.match(text, new RegExp(`^plinth_worker_up\\{worker="${worker}"\\} 1$`, 'm'))
    assert.match(text, new RegExp(`^plinth_http_requests_total\\{[^}]*route="/api/books"[^}]*worker="${worker}"[^}]*\\} [1-9]`, 'm'))
  }

  process.kill(Number(listening.find(({ worker }) => worker === 1)?.pid), 'SIGKILL')
  await until(server, 'a worker has ended, and another one takes its place', 1)
  assert.equal((await fetch(`${url}/api/books`, { headers: { connection: 'close' } })).status, 200, 'the other one serves meanwhile')
  await until(server, 'listening', 3)
  assert.match(await (await fetch(String(metrics))).text(), /^plinth_worker_restarts_total\{worker="1"\} 1$/m)

  const asking = keepAsking(t, url)
  server.process.kill('SIGHUP')
  await until(server, 'reloaded', 1)
  // The workers that were replaced finish.
  await until(server, 'draining', 2)
  const { asked, failed } = await asking.stop()
  assert.deepEqual(failed, [], `${asked} requests`)
  assert.equal(new Set((await until(server, 'listening', 5)).map(({ pid }) => pid)).size, 5)
  server.process.kill('SIGTERM')
  assert.equal((await server.ended).code, 0)
})

test('SIGHUP serves the changed design without a lost request, and keeps the previous one after a mistake', {
  timeout: 120_000,
}, async (t) => {
  const { begin, save } = await project(t)
  const server = begin({})
  const url = String((await until(server, 'listening', 1))[0]?.url)
  const asking = keepAsking(t, url)
  save(`${DESIGN}  Note:\n    fields: { name: { type: text } }\n    access: { read: 'true' }\n`)
  assert.equal((await fetch(`${url}/api/notes`)).status, 404)
  server.process.kill('SIGHUP')
  await until(server, 'reloaded', 1)
  assert.equal((await fetch(`${url}/api/notes`)).status, 200)
  save(`${DESIGN}  Note: 7\n`)
  server.process.kill('SIGHUP')
  await until(server, 'not reloaded: the design has errors', 1)
  assert.equal((await fetch(`${url}/api/notes`)).status, 200)
  assert.deepEqual((await asking.stop()).failed, [])
})

test('a server that nobody has asked stops within a second, and workers that may not start end all', { timeout: 120_000 }, async (t) => {
  const { begin, env, folder } = await project(t)
  const server = begin({ STOP_NOTICE_SECONDS: '30' })
  await until(server, 'listening', 1)
  const began = performance.now()
  server.process.kill('SIGTERM')
  assert.equal((await server.ended).code, 0)
  const ms = performance.now() - began
  t.diagnostic(`stopped after ${Math.round(ms)} ms`)
  assert.ok(ms < 15_000, `${ms} ms: without the notice of 30 s`)
  writeFileSync(join(folder, 'design.yaml'), DESIGN.replace('max: 40', 'max: 40, index: true'))
  const refused = await run(t, [...PLINTH, 'serve', '--workers', '2'], { cwd: folder, env })
  assert.equal(refused.code, 1, 'the database is not up to date')
  const wrong = await run(t, [...PLINTH, 'serve', '--workers', 'many'], { cwd: folder, env })
  assert.equal(wrong.code, 2)
  assert.match(wrong.stderr, /--workers is not a whole number from 1 to 256, or auto/)
})
