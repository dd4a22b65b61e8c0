/** Acknowledged writes survive killing any process. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { startEmbedded } from '../../src/postgres/embedded/embedded.ts'
import { keeperPid, projectFolder, query, serverPid } from '../embedded/embedded-fixture.ts'
import { freePort, PLINTH, start } from '../support/command-line.ts'

const DESIGN = `name: notes
entities:
  Note:
    fields:
      title: { type: text, max: 50 }
    access: { read: 'true', create: 'true' }
`

test('acknowledged writes survive kill -9 of every process, and repeated writes with a key take effect once', {
  timeout: 300_000,
}, async (t: TestContext) => {
  const wanted = 10_000
  const folder = await projectFolder(t)
  writeFileSync(join(folder, 'design.yaml'), DESIGN)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/api/notes`
  const up = async () => {
    const plinth = start(t, [...PLINTH, 'up'], { cwd: folder, env: { PORT: String(port) } })
    await plinth.until(/is running at/)
    return plinth
  }
  const post = (title: string, key: string | null) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key === null ? {} : { 'idempotency-key': key }) },
      body: JSON.stringify({ title }),
    })

  const plinth = await up()
  const acknowledged: string[] = []
  const keyed: string[] = []
  let next = 0
  const writers = Array.from({ length: 32 }, async (_, writer) => {
    for (;;) {
      const title = `note ${next++}`
      const key = writer % 2 === 0 ? `key of ${title}` : null
      if (key !== null) keyed.push(title)
      const answer = await post(title, key).catch(() => undefined)
      if (answer?.status !== 201) return
      await answer.arrayBuffer().catch(() => undefined)
      acknowledged.push(title)
    }
  })
  const began = performance.now()
  while (acknowledged.length < wanted) await new Promise((resolve) => setTimeout(resolve, 5))
  const took = performance.now() - began
  const others = [(await keeperPid(folder)) ?? 0, (await serverPid(folder)) ?? 0]
  // None sees that another one has died.
  plinth.process.kill('SIGSTOP')
  for (const signal of ['SIGSTOP', 'SIGKILL']) for (const pid of others) process.kill(pid, signal)
  plinth.process.kill('SIGKILL')
  await Promise.all([...writers, plinth.ended])
  t.diagnostic(`${acknowledged.length} acknowledged in ${Math.round(took)} ms, ${next - acknowledged.length} not`)

  await up()
  const again: { readonly title: string; readonly answer: Response }[] = []
  const left = [...keyed]
  const resend = async () => {
    for (let title = left.pop(); title !== undefined; title = left.pop())
      again.push({ title, answer: await post(title, `key of ${title}`) })
  }
  await Promise.all(Array.from({ length: 32 }, resend))
  assert.deepEqual(new Set(again.map(({ answer }) => answer.status)), new Set([201]))
  for (const { title, answer } of again) assert.equal((JSON.parse(await answer.text()) as { title: string }).title, title)
  const replayed = again.filter(({ answer }) => answer.headers.get('idempotency-replayed') === 'true').length
  assert.ok(replayed >= keyed.filter((title) => acknowledged.includes(title)).length)
  const shared = await startEmbedded({ folder })
  const titles = (await query(shared.url, 'select title from notes')) as string[]
  await shared.stop()
  const present = new Set(titles)
  assert.equal(titles.length, present.size, 'nothing is there twice')
  assert.deepEqual(
    acknowledged.filter((title) => !present.has(title)),
    [],
  )
  assert.deepEqual(
    keyed.filter((title) => !present.has(title)),
    [],
  )
})
