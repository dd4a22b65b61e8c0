/**
 * Whether what callers saw at the same moment is what they would have seen one after the other, in some order
 * (linearizability, after Wing and Gong).
 */

import { apply, type Call, type World, worldText } from './bank.ts'

/** A call and its answer. The answer is null when the connection was lost: the call then took place as a whole or not at all. */
export interface Observed {
  readonly call: Call
  readonly answer: string | null
}

export interface Explained {
  /** Whether some order explains every answer and the world at the end. */
  readonly found: boolean
  /** How many steps the search took. */
  readonly steps: number
}

/** Whether the answer says that the call was given up, whatever it was: it then has no effect, and could have been given up at any time. */
export function isGivenUp(answer: string | null): boolean {
  return answer !== null && /^503 (statement_timeout|overloaded)\b/.test(answer)
}

/** Looks for an order. */
export function explain(before: World, all: readonly Observed[], after: World): Explained {
  const observed = all.filter(({ answer }) => !isGivenUp(answer))
  const wanted = worldText(after)
  const seen = new Set<string>()
  let steps = 0

  function search(world: World, left: readonly Observed[]): boolean {
    steps++
    const rest = withoutIdle(world, left)
    const text = worldText(world)
    if (rest.every(({ answer }) => answer === null) && text === wanted) return true
    const state = `${text}\n==\n${rest.map((o) => observed.indexOf(o)).join()}`
    if (seen.has(state)) return false
    seen.add(state)
    return rest.some((next) => {
      const effect = apply(world, next.call)
      const fits = next.answer === null || effect.answer === next.answer
      return (
        fits &&
        effect.world !== world &&
        search(
          effect.world,
          rest.filter((o) => o !== next),
        )
      )
    })
  }
  return { found: search(before, observed), steps }
}

/** Without the calls that are explained here and change nothing: to take them now is never wrong. */
function withoutIdle(world: World, left: readonly Observed[]): readonly Observed[] {
  return left.filter(({ call, answer }) => {
    if (answer === null) return true
    const effect = apply(world, call)
    return effect.answer !== answer || effect.world !== world
  })
}
