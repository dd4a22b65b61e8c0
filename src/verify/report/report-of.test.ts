import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import { ownTestsClaim } from './own-tests-claim.ts'
import { type RunFacts, reportOf } from './report-of.ts'

const { model } = resolveDesign({ name: 'notes', entities: { Note: { fields: { text: { type: 'text', max: 9 } } } } }, NO_SOURCE)
const FACTS: RunFacts = {
  design: { name: 'notes', file: 'x', sha256: '' },
  ...{ plinth: '1', seed: 1, mode: 'quick', only: 'tests', load: { rows: null, seconds: null }, role: null, against: null },
  machine: { cores: 1, memoryMb: 1, node: '24', postgres: '18' },
  ...{ startedAt: '2026-01-01T00:00:00.000Z', seconds: 1 },
}

test('tests of which one passed before they were ended do not make a run hold', () => {
  assert.ok(model !== null)
  const run = {
    files: ['a.test.ts'],
    tests: [{ file: 'a.test.ts', name: 'one', line: 1, outcome: 'passed', ms: 1, message: null }],
    ...{ coverage: [], called: new Set<string>(), ended: 'they hung', isLate: true, seconds: 30 },
  } as const
  const verdictOf = (mayEnd: boolean) => {
    const claims = [ownTestsClaim(run, { file: 'x', command: '', mayEnd })]
    return reportOf({ facts: FACTS, model, results: [], claims, notTested: [], accepted: 0, matrix: [], mutants: null }).verdict
  }
  assert.deepEqual([verdictOf(true), verdictOf(false)], ['not-tested', 'undecided'])
})
