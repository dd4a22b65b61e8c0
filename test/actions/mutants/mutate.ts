/** What the hook puts around five functions of Plinth: they give the mutant that MUTANT and DESIGN name. */

import type { Locked } from '../../../src/compile/actions/locks/locks.ts'
import type { guardOf, WriteGuard } from '../../../src/compile/statements/checks/guard-write.ts'
import type { resolveDesign } from '../../../src/design/resolve/resolve.ts'
import type { Action } from '../../../src/model/action.ts'
import type { Model } from '../../../src/model/model.ts'
import { type Dropped, type LocksOf, labelOf, type Mutant, mutantsOf, rowsKey } from './mutants.ts'

type Resolve = typeof resolveDesign

let wholeLocks: LocksOf = () => []
let wholeBehind: LocksOf = () => []

function mutantOf(model: Model): Mutant | null {
  const { DESIGN, MUTANT } = process.env
  if (model.name !== DESIGN || MUTANT === undefined) return null
  const mutant = mutantsOf(model, (own, action) => [...wholeLocks(own, action), ...wholeBehind(own, action)])[Number(MUTANT)]
  if (mutant === undefined) throw new Error(`no mutant ${MUTANT}`)
  return mutant
}

let dropped: Dropped | null = null

/** `resolveDesign` whose models lack the condition of the mutant. */
export function mutatedModel(whole: Resolve): Resolve {
  return (design, source) => {
    const resolved = whole(design, source)
    const mutant = resolved.model === null ? null : mutantOf(resolved.model)
    if (resolved.model === null || mutant === null) return resolved
    dropped = mutant.dropped
    return { ...resolved, model: mutant.model(resolved.model) }
  }
}

/** `locksOf` without the locks of the mutant. */
export function mutatedLocks(whole: LocksOf): LocksOf {
  wholeLocks = whole
  return mutated(whole)
}

/** `locksBehind` without the locks of the mutant. */
export function mutatedLocksBehind(whole: LocksOf): LocksOf {
  wholeBehind = whole
  return mutated(whole)
}

function mutated(whole: LocksOf): LocksOf {
  return (model, action) => {
    const own = dropped?.kind === 'condition' && dropped.action === labelOf(action) ? dropped.without(action) : action
    return without(whole(model, own), action)
  }
}

/** `locksOfChecks` without the lock of the mutant. */
export function mutatedCheckLocks(whole: LocksOf): LocksOf {
  return (model, action) => without(whole(model, action), action)
}

/** `guardOf` without the part of the mutant. */
export function mutatedGuard(whole: typeof guardOf): typeof guardOf {
  return (model, plan) => {
    const guard: WriteGuard | null = whole(model, plan)
    if (guard === null || dropped?.kind !== 'guard' || dropped.write !== `${plan.kind} ${plan.entity.name}`) return guard
    return { ...guard, [dropped.part]: [] }
  }
}

function without(locks: readonly Locked[], action: Action): readonly Locked[] {
  return locks.filter((lock) => dropped?.kind !== 'lock' || labelOf(action) !== dropped.action || rowsKey(lock) !== dropped.rows)
}
