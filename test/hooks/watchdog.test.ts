/** Code that loops without end: the process is started again, and the log names the code. */

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort, PLINTH, type Started, start, temporaryFolder } from '../support/command-line.ts'
import { testDatabase } from '../support/database.ts'

const DESIGN = `name: notes
entities:
  Note:
    fields:
      title: { type: text }
      slug: { type: text, optional: true, write: 'false' }
    access: { read: 'true', create: 'true' }
    hooks: { beforeCreate: hooks/note.ts }
`

const HOOK = `export default async ({ input, db }) => {
  await db.Note.count()
  if (input.title === 'loop') spin()
  if (input.title === 'later') setTimeout(spin, 100)
  return { slug: input.title + '!' }
}

function spin() {
  for (;;) {}
}
`

interface Serving {
  readonly url: string
  readonly server: Started
  readonly post: (title: string) => Promise<Response>
}

async function serving(t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<Serving> {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.yaml'), DESIGN)
  mkdirSync(join(folder, 'hooks'))
  writeFileSync(join(folder, 'hooks/note.ts'), HOOK)
  const database = await testDatabase()
  t.after(() => database.drop())
  const port = await freePort()
  const url = `http://localhost:${port}`
  const settings = {
    DATABASE_URL: database.url,
    PORT: String(port),
    HOST: '127.0.0.1',
    PUBLIC_URL: url,
    AUTH_KEYS: 'none',
    WATCHDOG_SECONDS: '2',
    NODE_ENV: 'production',
  }
  const server = start(t, [...PLINTH, 'serve', '--migrate'], { cwd: folder, env: { ...settings, ...env } })
  await server.until(/"msg":"listening"/)
  return {
    url,
    server,
    post: (title) =>
      fetch(`${url}/api/notes`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ title }) }),
  }
}

/** Sends until the server answers again. */
async function untilAnswered(send: () => Promise<Response>): Promise<Response> {
  for (;;) {
    try {
      return await send()
    } catch {
      await wait(50)
    }
  }
}

/** The lines of the log, as JSON. */
function logOf({ server }: Serving): readonly Record<string, unknown>[] {
  return server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
}

test('code that loops is ended with its process, which is started again, until it is asked to stop', { timeout: 180_000 }, async (t) => {
  const world = await serving(t)
  assert.equal((await world.post('first')).status, 201)
  const stuck = () => logOf(world).filter(({ level }) => level === 'error')

  await t.test('a hook', async () => {
    await assert.rejects(world.post('loop'))
    const next = await untilAnswered(() => world.post('second'))
    assert.equal(((await next.json()) as { slug: string }).slug, 'second!')
    const [{ code, at, msg } = {}] = stuck()
    assert.deepEqual(code, ['hook Note.beforeCreate'])
    assert.match(String(at), /^hooks\/note\.ts:9:\d+ in spin$/)
    assert.equal(msg, 'hook Note.beforeCreate has blocked the process for 2 s, so the process is ended')
  })
  await t.test('code after the end of its hook', async () => {
    assert.equal((await world.post('later')).status, 201)
    await world.server.until(/"level":"error"[\s\S]*"level":"error"/)
    assert.equal((await untilAnswered(() => world.post('third'))).status, 201)
    assert.match(String(stuck()[1]?.at), /^hooks\/note\.ts:9:\d+ in spin$/)
  })
  await t.test('the transaction of the loop is rolled back', async () => {
    const list = (await (await fetch(`${world.url}/api/notes?sort=createdAt`)).json()) as { data: { title: string }[] }
    assert.deepEqual(
      list.data.map(({ title }) => title),
      ['first', 'second', 'later', 'third'],
    )
  })
  await t.test('a stop reaches the child', async () => {
    world.server.process.kill('SIGTERM')
    assert.equal((await world.server.ended).code, 0)
    await assert.rejects(world.post('fourth'))
  })
})

test('code that loops while the process stops does not keep it from ending', { timeout: 180_000 }, async (t) => {
  const world = await serving(t)
  assert.equal((await world.post('first')).status, 201)
  world.server.process.kill('SIGTERM')
  await wait(300)
  // Requests are taken for some seconds more.
  await assert.rejects(world.post('loop'))
  assert.equal((await world.server.ended).code, 1)
  assert.match(world.server.output(), /hook Note.beforeCreate has blocked the process for 2 s, so the process is ended/)
})
