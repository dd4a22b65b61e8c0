/** The score of mutants as text for a terminal. */

import { type MutationScore, shareOf } from '../../verify/mutants/run/score.ts'
import { count, plainText } from '../terminal/layout.ts'
import type { Style } from '../terminal/style.ts'

const SHOWN = 20

/** The score, the kinds that are not complete, and the mutants that were not caught. */
export function mutationText(score: MutationScore, style: Style): readonly string[] {
  const { caught, total, equivalent, kinds, uncaught, control, casesToCatch, seconds } = score
  const reachable = total - equivalent
  const share = reachable === 0 ? 'none to catch' : `${((caught / reachable) * 100).toFixed(1)} %`
  const held = control.cases - control.failed.length
  return [
    `  mutants      ${caught} of ${reachable} caught, ${share} (${total} planted, ${equivalent} proved equivalent${score.unplanted > 0 ? `, ${score.unplanted} more not planted` : ''}) · ${count(kinds.length, 'kind')} · ${seconds} s`,
    `    cases until one noticed: half within ${casesToCatch.median}, 95 % within ${casesToCatch.most95} · control ${held} of ${control.cases}, ${control.same} of ${control.overHttp} as over HTTP`,
    ...(control.failed.length > 0 || control.same < control.overHttp
      ? [
          `  ${style.red('VOID')}        without a defect, ${plainText(control.failed[0] ?? 'some cases differ from those over HTTP')}: the score says nothing`,
        ]
      : []),
    `    idle         ${score.idle.map(({ family, idle, cases }) => `${family} ${idle} of ${cases}`).join(' · ')}: cases that caught nothing`,
    ...kinds
      .filter((kind) => shareOf(kind) < 1)
      .map((kind) => `    ${kind.kind.padEnd(26)} ${kind.caught} of ${kind.total - kind.equivalent}   ${kind.what}`),
    ...uncaught
      .slice(0, SHOWN)
      .map(
        ({ name, fate, cases, why }) =>
          `  ${style.yellow(fate.toUpperCase().padEnd(9))}   ${plainText(name)}: ${fate === 'survived' ? `${count(cases, 'case')} touched it; ` : ''}${plainText(why)}`,
      ),
    ...(uncaught.length > SHOWN ? [`  and ${uncaught.length - SHOWN} more: see report.json`] : []),
  ]
}
