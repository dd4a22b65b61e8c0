/** What the hook puts around two functions of Plinth: they give the mutant that MUTANT and DESIGN name. */

import type { Locked } from '../../../src/compile/actions/locks.ts'
import type { resolveDesign } from '../../../src/design/resolve/resolve.ts'
import type { Action } from '../../../src/model/action.ts'
import type { Model } from '../../../src/model/model.ts'
import { labelOf, type Mutant, mutantsOf, rowsKey } from './mutants.ts'

type Locks = (action: Action) => readonly Locked[]
type Resolve = typeof resolveDesign

let wholeLocks: Locks = () => []

function mutantOf(model: Model): Mutant | null {
  if (model.name !== process.env.DESIGN) return null
  const mutant = mutantsOf(model, wholeLocks)[Number(process.env.MUTANT)]
  if (mutant === undefined) throw new Error(`no mutant ${process.env.MUTANT}`)
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
  return (action) =>
    whole(action).filter((lock) => dropped === null || labelOf(action) !== dropped.action || rowsKey(lock) !== dropped.rows)
}
