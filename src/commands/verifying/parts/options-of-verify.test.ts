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
import { NO_LOAD, refuseLoad } from './measured-performance.ts'
import { refuseNoEnvironment, repeated, type VerifyInput } from './verify-input.ts'

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

const GIVEN: VerifyInput = {
  ...{ design: undefined, mode: 'full', only: undefined, seed: undefined, from: 'report.json', out: undefined, mutants: false, allow: [] },
  load: NO_LOAD,
}

test('a run that repeats a report has its load, unless another one is given or nothing is measured', () => {
  const facts = { design: { name: 'a', file: 'a.yaml', sha256: '' }, plinth: '1', seed: 3, mutants: null, startedAt: '', claims: [] }
  const earlier = { ...facts, mode: 'full', only: 'performance', against: null, load: { rows: 900, seconds: 0.5 } } as const
  assert.deepEqual(repeated(GIVEN, earlier).load, { rows: '900', seconds: '0.5' })
  assert.deepEqual(repeated({ ...GIVEN, load: { rows: '20', seconds: undefined } }, earlier).load, { rows: '20', seconds: '0.5' })
  assert.deepEqual(repeated({ ...GIVEN, only: 'access' }, earlier).load, NO_LOAD)
  assert.deepEqual(repeated({ ...GIVEN, mode: 'quick' }, { ...earlier, only: null }).load, NO_LOAD)
  const { load: _, ...old } = earlier
  assert.deepEqual(repeated(GIVEN, old).load, NO_LOAD)
})

test('tokens and a rate without an environment are refused', () => {
  const refused = [
    [{ tokens: ['admin=env:ADMIN'], perSecond: undefined }, '--token'],
    [{ tokens: [], perSecond: '5' }, '--rate'],
  ] as const
  for (const [against, option] of refused)
    assert.throws(() => refuseNoEnvironment({ ...GIVEN, against: { ...against, url: '' } }), {
      name: 'UsageError',
      message: `${option} is about an environment, and none is named`,
      hint: `name it: plinth verify --against https://api.example.com; or leave out ${option}`,
    })
  refuseNoEnvironment({ ...GIVEN, against: { tokens: [], perSecond: '5', url: 'https://api.example.com' } })
})

test('for a name that no case has, the nearest one and one of each family are named', () => {
  const questions = ['access/Post.read', 'access/Post.delete', 'values/Post.title'].map((claim) => ({ claim, name: `${claim}/x` }))
  const { message, hint } = noSuchCase(questions as unknown as readonly NamedCase[], 'acess/Post.read')
  assert.equal(message, 'no case is named acess/Post.read, did you mean access/Post.read?')
  assert.equal(hint, 'names begin like these: access/Post.read, values/Post.title')
})
