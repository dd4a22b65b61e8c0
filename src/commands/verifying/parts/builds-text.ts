/** The comparison with another build, as text for a terminal. */

import type { BuildComparison, ComparedOperation } from '../../../verify/performance/performance-report.ts'
import { plainText } from '../../terminal/layout.ts'

/** How many operations there are of each verdict, and those that are not unchanged. */
export function buildsText(builds: BuildComparison | null): readonly string[] {
  if (builds === null) return []
  const { operations } = builds
  const of = (verdict: ComparedOperation['verdict']): readonly ComparedOperation[] => operations.filter((one) => one.verdict === verdict)
  const counted = VERDICTS.flatMap(([verdict, words]) => (of(verdict).length === 0 ? [] : [`${of(verdict).length} ${words}`]))
  return [
    `  builds       with ${plainText(builds.with)}: ${counted.length === 0 ? 'no operation could be compared' : counted.join(', ')}`,
    ...operations
      .filter(({ verdict }) => verdict !== 'unchanged')
      .map(({ what, why, verdict }) => `    ${verdict === 'noisy' ? '' : `${verdict}: `}${plainText(what)}: ${plainText(why)}`),
  ]
}

const VERDICTS = [
  ['regressed', 'regressed'],
  ['unchanged', 'unchanged'],
  ['faster', 'faster'],
  ['noisy', 'too noisy to say'],
  ['not compared', 'not compared'],
] as const
