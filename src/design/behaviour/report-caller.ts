/** Reports uses of the caller in work that nobody calls. */

import type { Predicate, Term } from '../../model/expression.ts'
import { visitPredicate, visitTerm } from '../../model/tree.ts'
import type { StepPlace } from '../logic/step-place.ts'

/** Reports a use of the caller in expressions of `what`, such as `a reaction`. */
export function reportCaller(of: readonly (Predicate | Term)[], place: StepPlace, what: 'a reaction' | 'a schedule'): void {
  let uses = false
  const visitor = {
    term: ({ kind }: Term) => {
      uses ||= kind === 'auth'
    },
    predicate: ({ kind }: Predicate) => {
      uses ||= kind === 'can'
    },
  }
  for (const one of of) 'type' in one ? visitTerm(one, visitor) : visitPredicate(one, visitor)
  if (!uses) return
  const hint = what === 'a reaction' ? 'name a field of the row' : 'give a constant, or the time of the run: dueAt'
  place.context.report.add('PLN-D308', place.at, `${what} has no caller, so auth cannot be used`, hint)
}
