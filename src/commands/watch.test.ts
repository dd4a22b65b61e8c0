import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { watchDesign } from './watch.ts'

/** A watched folder with a design in it, and how often a change was noticed so far. */
function watched(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-watch-'))
  writeFileSync(join(folder, 'design.yaml'), 'name: one')
  let changes = 0
  let heard: () => void = () => {}
  const watching = watchDesign(join(folder, 'design.yaml'), () => {
    changes++
    heard()
  })
  t.after(() => {
    watching.close()
    rmSync(folder, { recursive: true })
  })
  return {
    folder,
    changes: () => changes,
    nextChange: () =>
      new Promise<void>((resolve) => {
        heard = resolve
      }),
  }
}

test('a save is noticed once, however many writes it takes', { timeout: 5_000 }, async (t) => {
  const { folder, changes, nextChange } = watched(t)
  const change = nextChange()
  for (let i = 0; i < 5; i++) writeFileSync(join(folder, 'design.yaml'), `name: two${i}`)
  await change
  await wait(200)
  assert.equal(changes(), 1)
})

test('a save by renaming a finished file over the old one is noticed', { timeout: 5_000 }, async (t) => {
  const { folder, nextChange } = watched(t)
  const change = nextChange()
  writeFileSync(join(folder, 'design.yaml.tmp~'), 'name: two')
  renameSync(join(folder, 'design.yaml.tmp~'), join(folder, 'design.yaml'))
  await change
})

test('a file in a folder that was made later is noticed', { timeout: 5_000 }, async (t) => {
  const { folder, nextChange } = watched(t)
  mkdirSync(join(folder, 'rules'))
  await wait(100)
  const change = nextChange()
  writeFileSync(join(folder, 'rules', 'staff.ts'), '')
  await change
})

test('data, packages and notes are not followed', { timeout: 5_000 }, async (t) => {
  const { folder, changes } = watched(t)
  for (const path of ['.plinth', 'node_modules']) {
    mkdirSync(join(folder, path))
    writeFileSync(join(folder, path, 'a.json'), '{}')
  }
  writeFileSync(join(folder, 'notes.md'), '')
  writeFileSync(join(folder, '.design.yaml.swp'), '')
  await wait(200)
  assert.equal(changes(), 0)
})
