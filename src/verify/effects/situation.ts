/** Rows and a call, and what the call does there. */

import { type AllRows, callerWith, type ReferenceBackend } from '../expected/reference.ts'
import { type Folded, type FoldedCall, foldCall } from '../fold/fold-call.ts'
import { isGenerated } from '../fold/new-rows.ts'
import type { NewValues } from '../fold/outcome.ts'
import { NO_HOOKS } from '../fold/row-hooks.ts'
import type { WrittenLogic } from '../fold/written-logic.ts'
import { doneGoal } from './wanted-goals.ts'

/** A call with the rows before it. */
export interface Situation {
  readonly rows: AllRows
  readonly call: FoldedCall
}

/** A situation with what the call shows. */
export interface Tried {
  readonly situation: Situation
  readonly folded: Folded
  readonly notes: ReadonlySet<string>
}

/** The reference with other rows. */
export function overRows(reference: ReferenceBackend<WrittenLogic>, rows: AllRows): ReferenceBackend<WrittenLogic> {
  const { model } = reference
  return { ...reference, rows: () => rows, sightOf: (user) => reference.sightOver(rows, callerWith(model, rows, user)) }
}

/** Folds a call, with ids and numbers of our own in new rows. @throws Error where the steps need what is not known, such as hooks. */
export function tried(reference: ReferenceBackend<WrittenLogic>, situation: Situation): Tried {
  const notes = new Set<string>()
  const { rows, call } = situation
  const folded = foldCall(overRows(reference, rows), call, { newValues: numbering(reference), times: rows, hooks: NO_HOOKS, notes })
  if (folded.outcome.kind === 'done') notes.add(doneGoal(call.action))
  return { situation, folded, notes }
}

/** Ids and numbers for new rows, in the order in which they are made. */
function numbering({ model }: ReferenceBackend): NewValues {
  let count = 0
  return (entity) => {
    count += 1
    const numbers = model.entities.find(({ name }) => name === entity)?.fields.filter(isGenerated) ?? []
    const id = `ffffffff-ffff-7fff-8fff-${String(count).padStart(12, '0')}`
    return { id, ...Object.fromEntries(numbers.map(({ name }) => [name, 0])) }
  }
}
