/** "Did you mean" for names in requests. */

import { Failure } from '../../base/failure.ts'
import { suggest } from '../../base/suggest.ts'
import { type Caller, isKnown } from '../../model/caller.ts'
import type { PlanContext } from './planning.ts'

/** The caller and the mode, which decide about suggestions. */
export interface Asking {
  readonly context: Pick<PlanContext, 'explainDenials'>
  readonly caller: Caller
}

/**
 * Whether a caller gets suggestions: in development every caller, in production those who are signed in. In production, an anonymous caller
 * could otherwise collect the names of an API that its operator has not published.
 */
export function getsSuggestions({ context, caller }: Asking): boolean {
  return context.explainDenials || isKnown(caller)
}

/**
 * The end of a sentence that refuses a name: `, did you mean "title"?`, or empty.
 *
 * @param known names that the caller may know. No other name is ever suggested.
 */
export function nearest(name: string, known: Iterable<string>): string {
  const near = suggest(name, known)
  return near === undefined ? '' : `, did you mean ${JSON.stringify(near)}?`
}

/** For a failure, a function that makes the same failure with a suggestion. */
const suggesting = new WeakMap<Failure, () => Failure>()

/** Stores for a failure its text with a suggestion, so that code which throws the failure need not know the caller. */
export function suggestible(plain: Failure, withSuggestion: () => Failure): Failure {
  suggesting.set(plain, withSuggestion)
  return plain
}

/** Runs `work`; a failure that can suggest a name does so for callers who get suggestions. */
export function withSuggestions<T>(asking: Asking, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const better = error instanceof Failure && getsSuggestions(asking) ? suggesting.get(error) : undefined
    throw better === undefined ? error : better()
  }
}
