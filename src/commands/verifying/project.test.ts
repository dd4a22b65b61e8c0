import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadDesign } from '../setup/load-design.ts'
import { lookAtProject } from './project.ts'

test('tests that have failed are run again, and what else was seen of the project stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'project-'))
  writeFileSync(join(folder, 'design.yaml'), 'name: notes\nentities:\n  Note:\n    fields: { text: { type: text, max: 9 } }\n')
  const own = "import { existsSync } from 'node:fs'\nimport { test } from 'node:test'\n"
  writeFileSync(join(folder, 'a.test.mjs'), `${own}test('is quiet', () => { if (existsSync('busy')) throw new Error('busy') })\n`)
  writeFileSync(join(folder, 'busy'), '')
  const loaded = await loadDesign(join(folder, 'design.yaml'), folder)
  assert.ok(loaded.model !== null, JSON.stringify(loaded))
  const lines: string[] = []
  const looking = {
    ...({ loaded, model: loaded.model, mode: 'quick', only: undefined, commandFor: () => '' } as const),
    onDone: (name: string, text: string) => lines.push(`${name}: ${text}`),
  }
  const io = { env: process.env, self: { command: [process.execPath], supervisor: null } }
  const first = await lookAtProject(looking, io)
  assert.equal(first.tested?.isSmooth, false)
  rmSync(join(folder, 'busy'))
  const { tested, review } = await lookAtProject({ ...looking, before: first }, io)
  assert.deepEqual([tested?.isSmooth, tested?.claim.result.verdict], [true, 'holds'])
  assert.equal(review, first.review)
  assert.deepEqual(
    lines.filter((line) => !line.startsWith('review')),
    ['own tests: 0 passed, 1 failed, 1 file', 'own tests: 1 passed, 1 file'],
  )
})
