/** Checks linearizability (Wing and Gong): whether the answers of concurrent calls are possible in some sequential order. */

import { apply, type Call, type World, worldText } from './bank.ts'

/** A call and its answer. The answer is null when the connection was lost; the call then had its full effect or none. */
export interface Observed {
  readonly call: Call
  readonly answer: string | null
}

export interface Explained {
  /** Whether some order gives all answers and the final state. */
  readonly found: boolean
  /** The number of steps of the search. */
  readonly steps: number
}

/** Whether the answer says that the call was aborted. Such a call has no effect and fits any position in the order. */
export function isGivenUp(answer: string | null): boolean {
  return answer !== null && /^503 (statement_timeout|overloaded)\b/.test(answer)
}

/** Searches for a sequential order. */
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

/** Removes the calls whose answers fit the current state and that change nothing. They can always come next in the order. */
function withoutIdle(world: World, left: readonly Observed[]): readonly Observed[] {
  return left.filter(({ call, answer }) => {
    if (answer === null) return true
    const effect = apply(world, call)
    return effect.answer !== answer || effect.world !== world
  })
}
