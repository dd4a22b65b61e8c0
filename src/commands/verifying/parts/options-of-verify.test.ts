/** Wrong options of `plinth verify` are refused before anything is started, with what to do. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { NamedCase } from '../../../verify/cases/case.ts'
import { earlierReport } from '../earlier-report.ts'
import { checkReportFolder } from '../end-verify.ts'
import { noSuchCase } from './choose-cases.ts'
import { refuseLoad } from './measured-performance.ts'

function inFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'options-'))
  try {
    work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('loads that are no numbers are refused, and so are loads where nothing is measured', () => {
  const full = { mode: 'full', only: undefined, isElsewhere: false } as const
  const refused = [
    [{ rows: '0', seconds: undefined }, full, '--load-rows 0 is not a number above 0'],
    [{ rows: undefined, seconds: 'one' }, full, '--load-seconds one is not a number above 0'],
    [{ rows: '9', seconds: undefined }, { ...full, mode: 'quick' }, '--load-rows 9 measures nothing: --quick leaves performance out'],
    [{ rows: undefined, seconds: '2' }, { ...full, only: 'access' }, '--load-seconds 2 measures nothing: --only leaves performance out'],
    [{ rows: '9', seconds: '2' }, { ...full, isElsewhere: true }, '--load-rows 9 measures nothing: --against leaves performance out'],
  ] as const
  for (const [load, run, message] of refused) assert.throws(() => refuseLoad(load, run), { name: 'UsageError', message })
  refuseLoad({ rows: '9', seconds: '0.5' }, full)
  refuseLoad({ rows: '9', seconds: undefined }, { ...full, mode: 'quick', only: 'performance/growth' })
  refuseLoad({ rows: undefined, seconds: undefined }, { ...full, mode: 'quick' })
})

test('a folder that cannot be written is refused, and one that is not there is not made yet', () => {
  inFolder((folder) => {
    writeFileSync(join(folder, 'file'), '')
    for (const out of ['file', 'file/report'])
      assert.throws(() => checkReportFolder(out, folder), {
        name: 'EnvironmentError',
        message: /^the report cannot be written to .*file.*: ENOTDIR/,
        hint: /--out/,
      })
    checkReportFolder('new/folder', folder)
    checkReportFolder(undefined, folder)
  })
})

test('a report that is not there, is cut, or has claims of another form cannot be repeated', () => {
  inFolder((folder) => {
    assert.throws(() => earlierReport('none.json', folder), { message: `there is no file ${join(folder, 'none.json')}` })
    const whole = {
      schema: 'plinth-verify/1',
      design: { file: 'design.yaml' },
      seed: 1,
      claims: [{ id: 'a', result: { verdict: 'holds' } }],
    }
    const broken = [
      '{"schema"',
      '{}',
      '[]',
      'null',
      JSON.stringify({ ...whole, claims: [1] }),
      JSON.stringify({ ...whole, claims: [{ id: 'a' }] }),
    ]
    for (const text of broken) {
      writeFileSync(join(folder, 'report.json'), text)
      assert.throws(() => earlierReport('report.json', folder), { message: 'report.json is no report of plinth verify' })
    }
    writeFileSync(join(folder, 'report.json'), JSON.stringify(whole))
    assert.equal(earlierReport('report.json', folder).seed, 1)
  })
})

test('for a name that no case has, the nearest one and one of each family are named', () => {
  const questions = ['access/Post.read', 'access/Post.delete', 'values/Post.title'].map((claim) => ({ claim, name: `${claim}/x` }))
  const { message, hint } = noSuchCase(questions as unknown as readonly NamedCase[], 'acess/Post.read')
  assert.equal(message, 'no case is named acess/Post.read, did you mean access/Post.read?')
  assert.equal(hint, 'names begin like these: access/Post.read, values/Post.title')
})
