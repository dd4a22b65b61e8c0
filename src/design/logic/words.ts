/** Findings about the words of actions: results that nothing uses, and codes that are nearly the same. */

import { actionLabel } from '../../model/action-tree.ts'
import { quote } from '../findings/report.ts'
import type { ActionSource, LogicContext } from './logic-context.ts'

/** Reports names of results that occur in no later step, in no answer and in no reaction. */
export function reportUnusedResults(sources: readonly ActionSource[], { design, report }: LogicContext): void {
  for (const source of sources) {
    const steps = source.design.steps ?? []
    const reactions = design.on?.[actionLabel(source)] ?? []
    // Code may use any of them.
    if (reactions.some((reaction) => 'run' in reaction)) continue
    steps.forEach((step, i) => {
      const as = 'as' in step ? step.as : undefined
      if (as === undefined) return
      const after = JSON.stringify([steps.slice(i + 1), source.design.answer ?? null, reactions, Object.values(design.integrations ?? {})])
      if (!new RegExp(`(?<![\\w.])${as}(?!\\w)`).test(after))
        report.add('PLN-D534', [...source.at, 'steps', i, 'as'], `no step uses the result ${quote(as)}`, 'remove as')
    })
  }
}

interface UsedCode {
  readonly code: string
  readonly at: ActionSource['at']
}

/** Reports a code that is not declared and differs by one letter from one that is declared, or from another one. */
export function reportNearCodes(sources: readonly ActionSource[], { design, report }: LogicContext): void {
  const declared = Object.keys(design.errors?.codes ?? {})
  const used: readonly UsedCode[] = sources.flatMap(({ at, design: { steps = [] } }) =>
    steps.flatMap((step, i) => ('else' in step && step.else !== undefined ? [{ code: step.else, at: [...at, 'steps', i, 'else'] }] : [])),
  )
  const seen: string[] = []
  for (const { code, at } of used) {
    const near = [...declared, ...seen].find((other) => other !== code && differByOne(other, code))
    seen.push(code)
    if (declared.includes(code) || near === undefined) continue
    report.add('PLN-D535', at, `${quote(code)} and ${quote(near)} differ by one letter`, `write else: ${near}`)
  }
}

/** Whether one letter is added, left out or replaced. */
function differByOne(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false
  let i = 0
  while (i < a.length && i < b.length && a[i] === b[i]) i++
  const [x, y] = [a.slice(i), b.slice(i)]
  return x.slice(1) === y || x === y.slice(1) || x.slice(1) === y.slice(1)
}
