import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Changes, followDesign } from './watch.ts'

/** A watched folder with a design. */
function followed(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-watch-'))
  writeFileSync(join(folder, 'design.yaml'), 'name: one')
  const changes = followDesign(join(folder, 'design.yaml'))
  t.after(() => {
    changes.close()
    rmSync(folder, { recursive: true })
  })
  return { folder, changes }
}

/** Whether a change is reported within a short time. */
function soon(changes: Changes): Promise<boolean> {
  return Promise.race([changes.next(), wait(300).then(() => false)])
}

test('a save with several writes is reported once', { timeout: 60_000 }, async (t) => {
  const { folder, changes } = followed(t)
  for (let i = 0; i < 5; i++) writeFileSync(join(folder, 'design.yaml'), `name: two${i}`)
  assert.equal(await changes.next(), true)
  assert.equal(await soon(changes), false)
})

test('a save that renames a new file over the old one is reported', { timeout: 60_000 }, async (t) => {
  const { folder, changes } = followed(t)
  writeFileSync(join(folder, 'design.yaml.tmp~'), 'name: two')
  renameSync(join(folder, 'design.yaml.tmp~'), join(folder, 'design.yaml'))
  assert.equal(await changes.next(), true)
})

test('a save that happens between two waits is not lost', { timeout: 60_000 }, async (t) => {
  const { folder, changes } = followed(t)
  writeFileSync(join(folder, 'design.yaml'), 'name: two')
  await wait(300)
  assert.equal(await soon(changes), true)
  assert.equal(await soon(changes), false)
})

test('a file of the design in another folder is watched after `also` names it', { timeout: 60_000 }, async (t) => {
  const [one, other] = [followed(t), followed(t)]
  one.changes.also([join(other.folder, 'design.yaml')])
  writeFileSync(join(other.folder, 'design.yaml'), 'name: two')
  assert.equal(await one.changes.next(), true)
})

test('waiting ends when watching ends', { timeout: 60_000 }, async (t) => {
  const { changes } = followed(t)
  const next = changes.next()
  changes.close()
  assert.equal(await next, false)
  assert.equal(await changes.next(), false)
})

test('a file in a folder that was made later is reported', { timeout: 60_000 }, async (t) => {
  const { folder, changes } = followed(t)
  mkdirSync(join(folder, 'rules'))
  await wait(100)
  writeFileSync(join(folder, 'rules', 'staff.ts'), '')
  assert.equal(await changes.next(), true)
})

test('data, packages and notes are not watched', { timeout: 60_000 }, async (t) => {
  const { folder, changes } = followed(t)
  for (const path of ['.plinth', 'node_modules']) {
    mkdirSync(join(folder, path))
    writeFileSync(join(folder, path, 'a.json'), '{}')
  }
  writeFileSync(join(folder, 'notes.md'), '')
  writeFileSync(join(folder, '.design.yaml.swp'), '')
  assert.equal(await soon(changes), false)
})
