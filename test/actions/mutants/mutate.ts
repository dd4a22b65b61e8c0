/** What the hook puts around three functions of Plinth: they give the mutant that MUTANT and DESIGN name. */

import type { Locked } from '../../../src/compile/actions/locks.ts'
import type { resolveDesign } from '../../../src/design/resolve/resolve.ts'
import type { Action } from '../../../src/model/action.ts'
import type { Model } from '../../../src/model/model.ts'
import { labelOf, type Mutant, mutantsOf, rowsKey } from './mutants.ts'

type Locks = (action: Action) => readonly Locked[]
type CheckLocks = (model: Model, action: Action) => readonly Locked[]
type Resolve = typeof resolveDesign

let wholeLocks: Locks = () => []

function mutantOf(model: Model): Mutant | null {
  const { DESIGN, MUTANT } = process.env
  if (model.name !== DESIGN || MUTANT === undefined) return null
  const mutant = mutantsOf(model, wholeLocks)[Number(MUTANT)]
  if (mutant === undefined) throw new Error(`no mutant ${MUTANT}`)
  return mutant
}

let dropped: Mutant['lock'] = null

/** `resolveDesign` whose models lack the condition of the mutant. */
export function mutatedModel(whole: Resolve): Resolve {
  return (design, source) => {
    const resolved = whole(design, source)
    const mutant = resolved.model === null ? null : mutantOf(resolved.model)
    if (resolved.model === null || mutant === null) return resolved
    dropped = mutant.lock
    return { ...resolved, model: mutant.model(resolved.model) }
  }
}

/** `locksOf` without the lock of the mutant. */
export function mutatedLocks(whole: Locks): Locks {
  wholeLocks = whole
  return (action) => without(whole(action), action)
}

/** `locksOfChecks` without the lock of the mutant. */
export function mutatedCheckLocks(whole: CheckLocks): CheckLocks {
  return (model, action) => without(whole(model, action), action)
}

function without(locks: readonly Locked[], action: Action): readonly Locked[] {
  return locks.filter((lock) => dropped === null || labelOf(action) !== dropped.action || rowsKey(lock) !== dropped.rows)
}
