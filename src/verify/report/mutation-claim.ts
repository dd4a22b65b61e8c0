/** The claim that the cases notice defects. */

import { LEAST_CAUGHT, type MutationScore } from '../mutants/run/score.ts'
import type { VerifiedClaim } from './claims-of.ts'

/** The claim about the mutants of a run. It never fails: what is not caught is a gap of the cases, and not of the backend. */
export function mutationClaim(score: MutationScore, { file, command }: { readonly file: string; readonly command: string }): VerifiedClaim {
  const { total, caught, equivalent, control, uncaught } = score
  const reachable = total - equivalent
  const isVoid = control.failed.length > 0 || control.same < control.overHttp
  const holds = !isVoid && reachable > 0 && caught >= reachable * LEAST_CAUGHT
  return {
    id: 'mutants',
    family: 'mutants',
    claim: `At least ${LEAST_CAUGHT * 100} % of the defects that are planted in the backend are noticed by a case.`,
    from: { file, line: null, path: '', rule: '' },
    method: {
      kind: 'mutants',
      oracle: 'the families of cases',
      doors: [],
      text: 'one defect at a time in the compiled model, the database, or requests and answers; the first case that fails catches it',
    },
    denominator: { what: 'mutants', total, impossible: 0, unreachable: equivalent, open: reachable - caught, untested: 0, reachable },
    result: { verdict: holds ? 'holds' : 'undecided', reached: caught, cases: 0, failed: 0, undecided: holds ? 0 : 1 },
    unreachable: score.equivalents.map(({ name }) => name),
    open: [
      ...(isVoid
        ? [`the control: ${control.failed.slice(0, 5).join(', ') || 'cases differ over HTTP'} without a mutant, so the score is void`]
        : []),
      ...uncaught.map(({ name }) => name),
    ],
    untested: [],
    evidence: [],
    passed: [],
    reproduce: { command },
  }
}
