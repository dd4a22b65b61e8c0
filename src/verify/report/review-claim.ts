/** The claim that the review of the code finds no error. */

import type { CodeReview, ReviewFinding } from '../review/code-review.ts'
import type { ClaimVerdict, VerifiedClaim } from './claims-of.ts'
import type { Evidence } from './evidence-of.ts'

/** The claim about the code of a project. Warnings and notes do not fail it. Without a check it is not tested. */
export function reviewClaim(
  { parts, findings }: CodeReview,
  { file, command }: { readonly file: string; readonly command: string },
): VerifiedClaim {
  const done = parts.filter(({ why }) => why === null)
  const errors = findings.filter(({ level }) => level === 'error')
  const broken = new Set(errors.map(({ check }) => check))
  const sound = done.filter(({ check }) => !broken.has(check))
  const verdict: ClaimVerdict = errors.length > 0 ? 'fails' : done.length === 0 ? 'not-tested' : 'holds'
  return {
    id: 'review',
    family: 'review',
    claim: 'A review of the design and its code finds no error.',
    from: { file, line: null, path: '', rule: '' },
    method: {
      kind: 'review',
      oracle: 'the review of plinth plan, the compiler and the linter of the project, and what code costs in requests',
      doors: [],
      text: parts.map(({ check, looked }) => `${check}: ${looked}`).join('; '),
    },
    denominator: {
      what: 'checks',
      total: parts.length,
      impossible: 0,
      unreachable: 0,
      open: 0,
      untested: parts.length - done.length,
      reachable: done.length,
    },
    result: {
      verdict,
      reached: sound.length,
      cases: sound.length + errors.length,
      failed: errors.length,
      undecided: 0,
    },
    unreachable: [],
    open: [],
    untested: parts.filter(({ why }) => why !== null).map(({ check, why }) => `${check}: ${why}`),
    evidence: errors.map(evidenceOf),
    passed: sound.map(({ check }) => `review/${check}`),
    reproduce: { command },
  }
}

function evidenceOf({ check, name, file, line, path, what, fix }: ReviewFinding): Evidence {
  const place = file === null ? path : `${file}${line === null ? '' : `:${line}`}`
  return {
    case: `review/${check}/${name}`,
    caller: 'the review',
    request: place,
    body: null,
    status: 0,
    expected: [],
    because: fix,
    atoms: {},
    wrong: what,
    answer: null,
    ms: 0,
  }
}
