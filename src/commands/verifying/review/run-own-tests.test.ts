import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ownTestsClaim } from '../../../verify/report/own-tests-claim.ts'
import { type OwnTestOptions, ownTestFiles, runOwnTests } from './run-own-tests.ts'

const PASSES = "import { test } from 'node:test'\ntest('one', () => {})\ntest('two', () => {})\n"

/** What comes of the tests of a project: the verdict of a full and of a quick run, the tests, and why it is uncertain. */
async function outcomeOf(files: Readonly<Record<string, string>>, limits: Partial<Pick<OwnTestOptions, 'most' | 'withinMs'>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'own-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const found = ownTestFiles(folder)
  const run = await runOwnTests({ folder, files: found, logic: [], flags: [], env: process.env, withinMs: 60_000, ...limits })
  const verdictOf = (mayEnd: boolean): string => ownTestsClaim(run, { file: 'x', command: '', mayEnd }).result.verdict
  return { full: verdictOf(false), quick: verdictOf(true), tests: run.tests.length, ended: run.ended }
}

test('tests that pass do not hold where their runner did not end well, also in a quick run', async () => {
  const kills = `${PASSES}import { setTimeout } from 'node:timers/promises'
    test('last', async () => { await setTimeout(300); process.kill(process.ppid, 'SIGKILL') })`
  const { full, quick, ended } = await outcomeOf({ 'a.test.mjs': kills })
  assert.deepEqual([full, quick], ['undecided', 'undecided'])
  assert.match(ended ?? '', /^the test runner of Node was ended by a signal, and no test failed: /)
})

test('tests that hang are named, with the limit', async () => {
  const hangs = `import { test } from 'node:test'
test('one', () => {})
test('outer', async (t) => {
  await t.test('waits for ever', () => new Promise(() => setInterval(() => {}, 1000)))
})`
  const begins = 'for (;;) {}'
  const { full, quick, ended, tests } = await outcomeOf(
    { 'a.test.mjs': hangs, 'b.test.mjs': begins, 'c.test.mjs': PASSES },
    { withinMs: 4_000 },
  )
  assert.deepEqual([full, quick, tests], ['undecided', 'not-tested', 1])
  assert.equal(ended, 'the tests were ended: it took longer than 4 s; these were running: a.test.mjs:4 waits for ever, b.test.mjs')
})

test('files and tests beyond the limits make the claim undecided, and no failed test is lost', async () => {
  const fails = `${PASSES}test('three', () => { throw new Error('no') })`
  const ofFiles = await outcomeOf({ 'a.test.mjs': PASSES, 'b.test.mjs': fails }, { most: { files: 1, tests: 10 } })
  assert.deepEqual(ofFiles, { full: 'undecided', quick: 'undecided', tests: 2, ended: 'only the first 1 of 2 files were run' })
  const ofTests = await outcomeOf({ 'a.test.mjs': PASSES }, { most: { files: 9, tests: 1 } })
  assert.deepEqual([ofTests.full, ofTests.tests], ['undecided', 1])
  assert.equal((await outcomeOf({ 'a.test.mjs': fails }, { most: { files: 9, tests: 1 } })).full, 'fails')
})
