/** The claim that the project's own tests pass. */

import type { OwnTest, OwnTestRun } from '../review/own-tests.ts'
import type { ClaimVerdict, VerifiedClaim } from './claims-of.ts'
import type { Evidence } from './evidence-of.ts'
import { shellWord } from './repeat-command.ts'

/** How many passed tests are in the evidence, besides all that failed. */
const SHOWN = 200

/** What is known besides the run. */
export interface OwnTestsOrigin {
  /** The file of the design. */
  readonly file: string
  readonly command: string
  /** Whether tests that took too long are left out, and not undecided. */
  readonly mayEnd: boolean
}

/**
 * The claim about the tests of a project. Without any it is not tested. If it is not known whether all pass, it is undecided; it may be
 * left out if they took too long.
 */
export function ownTestsClaim({ tests, ended, isLate }: OwnTestRun, { file, command, mayEnd }: OwnTestsOrigin): VerifiedClaim {
  const failed = tests.filter(({ outcome }) => outcome === 'failed')
  const passed = tests.filter(({ outcome }) => outcome === 'passed')
  const skipped = tests.length - failed.length - passed.length
  const verdict: ClaimVerdict =
    failed.length > 0
      ? 'fails'
      : ended !== null
        ? mayEnd && isLate
          ? 'not-tested'
          : 'undecided'
        : passed.length === 0
          ? 'not-tested'
          : 'holds'
  return {
    id: 'tests',
    family: 'tests',
    claim: "The project's own tests pass.",
    from: { file, line: null, path: '', rule: '' },
    method: { kind: 'tests', oracle: 'the tests of the project', doors: [], text: 'the test runner of Node, in processes of their own' },
    denominator: {
      what: 'tests',
      total: tests.length,
      impossible: 0,
      unreachable: 0,
      open: 0,
      untested: skipped,
      reachable: tests.length - skipped,
    },
    result: {
      verdict,
      reached: passed.length,
      cases: failed.length + passed.length,
      failed: failed.length,
      undecided: verdict === 'undecided' ? 1 : 0,
    },
    unreachable: [],
    open: verdict === 'undecided' && ended !== null ? [ended] : [],
    untested: tests.filter(({ outcome }) => outcome === 'skipped').map(nameOf),
    evidence: [...failed, ...passed.slice(0, SHOWN)].map(evidenceOf),
    passed: passed.slice(SHOWN).map(nameOf),
    reproduce: { command },
  }
}

function nameOf({ file, name }: OwnTest): string {
  return `tests/${file}/${name}`
}

function evidenceOf(test: OwnTest): Evidence {
  return {
    case: nameOf(test),
    caller: 'the test',
    request: `node --test --test-name-pattern=${shellWord(test.name)} ${shellWord(test.file)}`,
    body: null,
    status: 0,
    expected: [],
    because: 'the test passes',
    atoms: {},
    wrong: test.outcome === 'failed' ? `${test.line === null ? '' : `line ${test.line}: `}${test.message ?? 'it failed'}` : null,
    answer: null,
    ms: test.ms,
  }
}
