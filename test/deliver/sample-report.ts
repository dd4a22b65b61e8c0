/** A small report about the files of a design, as `plinth verify` would write it. Nothing was asked for it. */

import { dirname } from 'node:path'
import type { LoadedDesign } from '../../src/commands/setup/load-design.ts'
import { designDigest } from '../../src/commands/verifying/parts/run-lines.ts'
import { ownTestFiles } from '../../src/commands/verifying/review/run-own-tests.ts'
import { ownPackage } from '../../src/embed/own-package.ts'
import type { PerformanceReport } from '../../src/verify/performance/performance-report.ts'
import type { ClaimVerdict, VerifiedClaim } from '../../src/verify/report/claims-of.ts'
import { performanceClaims } from '../../src/verify/report/load/performance-claims.ts'
import { reportOf, type VerifyReport } from '../../src/verify/report/report-of.ts'

/** What a test changes. */
export interface SampleReport {
  readonly performance?: PerformanceReport | null
  readonly access?: ClaimVerdict
  /** The cases that were chosen; null for all. */
  readonly only?: string | null
}

export function sampleReport(loaded: LoadedDesign, { performance = null, access = 'holds', only = null }: SampleReport = {}): VerifyReport {
  const { model, file } = loaded
  if (model === null) throw new Error('the design has errors')
  const origin = { file, commandFor: (name: string) => `plinth verify --only ${name}`, targets: model.targets, only: undefined }
  return reportOf({
    model,
    results: [],
    facts: {
      design: { name: model.name, file, sha256: designDigest(loaded.files) },
      ...{ plinth: ownPackage().version, seed: 1, mode: performance === null ? 'quick' : 'full', only },
      machine: { cores: 2, memoryMb: 4_096, node: '24.7.0', postgres: '18.1' },
      ...{
        role: { ordinary: true, owns: 0, powers: [] },
        against: null,
        load: { rows: null, seconds: null },
        startedAt: '2026-11-28T10:00:00.000Z',
        seconds: 54.2,
      },
    },
    claims: [
      claim('access/Post.read', 'access', access),
      claim('answers/Post.list', 'answers', 'holds'),
      claim('identity/tokens', 'identity', 'holds'),
      ...(performance === null ? [] : performanceClaims(performance, origin)),
    ],
    notTested: [
      ...(performance === null ? [{ what: 'performance', count: null, why: 'left out by --quick', kind: 'excluded' } as const] : []),
      { what: 'searches', count: null, why: 'this version has no cases for them', kind: 'missing' },
    ],
    accepted: 3,
    matrix: [
      {
        entity: 'Post',
        operation: 'read',
        caller: 'user',
        relation: 'own',
        allowed: 3,
        refused: 0,
        failed: 0,
        cases: ['access/Post.read/one'],
      },
    ],
    mutants: null,
    tests: {
      ...{ passed: 6, failed: 0, skipped: 0, named: 0, untested: [], ended: null, seconds: 3, logic: [] },
      files: ownTestFiles(dirname(loaded.path)).map((test) => ({ file: test, passed: 6, failed: 0, skipped: 0 })),
      ...{ lines: { covered: 0, total: 0 }, branches: { covered: 0, total: 0 } },
    },
    performance,
  })
}

function claim(id: string, family: string, verdict: ClaimVerdict): VerifiedClaim {
  const failed = verdict === 'fails' ? 1 : 0
  return {
    ...{ id, family, claim: `About ${id}.`, from: { file: 'design.ts', line: 31, path: 'entities.Post', rule: 'published' } },
    method: { kind: 'cases', oracle: 'the rules', doors: ['get'], text: 'each value' },
    denominator: { what: 'atom values', total: 3, impossible: 0, unreachable: 0, open: 0, untested: 0, reachable: 3 },
    result: { verdict, reached: 3 - failed, cases: 3, failed, undecided: 0 },
    ...{ unreachable: [], open: [], untested: [], evidence: [], passed: [], reproduce: { command: `plinth verify --only ${id}` } },
  }
}
