/** The claims about another build: that no operation costs more than there. */

import type { Judged } from '../../performance/judge-load.ts'
import type { BuildComparison, ComparedOperation } from '../../performance/performance-report.ts'
import type { VerifiedClaim } from '../claims-of.ts'
import { claimOfMeasured, type PerformanceOrigin } from './performance-claims.ts'

const METHOD =
  'the same requests to both builds in turns (old, new, new, old), each on a database of its own with the same rows, by three processes one after the other; a trimmed mean of the ratios with an interval of 99 %'

/** The claims of a comparison. */
export function buildClaims({ with: other, operations }: BuildComparison, origin: PerformanceOrigin): readonly VerifiedClaim[] {
  return operations.map((operation) => {
    const { id, what, pairs, requests, measure } = operation
    return claimOfMeasured(
      {
        ...{ id: `performance/builds/${id}`, claim: `${what} costs no more than in ${other}.`, path: '', request: what },
        ...{ judged: judgedOf(operation), requests: pairs * requests, right: pairs * requests, measurements: pairs },
        ...{ method: METHOD, counted: 'requests', oracle: `the ${measure === 'processor' ? 'processor time' : 'time'} of the other build` },
      },
      origin,
    )
  })
}

function judgedOf({ verdict, why }: ComparedOperation): Judged {
  switch (verdict) {
    case 'regressed':
      return { verdict: 'fails', why: `regressed: ${why}` }
    case 'unchanged':
    case 'faster':
      return { verdict: 'holds', why: `${verdict}: ${why}` }
    case 'noisy':
    case 'not compared':
      return { verdict: 'undecided', why }
  }
}
