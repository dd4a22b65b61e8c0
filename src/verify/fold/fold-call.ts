/** What the documentation expects of a call whose inputs have the right form: everything before the first step, and the steps. */

import type { AllRows, ReferenceBackend } from '../expected/reference.ts'
import { isLive } from '../expected/reference.ts'
import { ActionWorld, type NamesAt, type RowHooks } from './action-world.ts'
import { carryOut } from './carry-out.ts'
import { inputNames, inputsOf } from './input.ts'
import { type ActionOutcome, CallRefused, type NewValues, refuseCall } from './outcome.ts'
import type { ActionDesignAt } from './written-actions.ts'
import type { WrittenLogic } from './written-logic.ts'

/** A call of an action by a caller. */
export interface FoldedCall {
  readonly action: ActionDesignAt
  /** Id of the account; null for an anonymous caller. */
  readonly user: string | null
  /** The id of the row; null for an action of the design. */
  readonly rowId: string | null
  readonly input: Readonly<Record<string, unknown>>
}

/** What a call is folded with. */
export interface Folding {
  readonly newValues: NewValues
  /** The rows of the server afterwards, for the times that it set. */
  readonly times: AllRows
  readonly hooks: RowHooks
  /** Collects what the call shows; null to collect nothing. */
  readonly notes: Set<string> | null
}

/** An outcome with what the steps did beside the rows. */
export interface Folded {
  readonly outcome: ActionOutcome
  readonly emitted: ActionWorld['emitted']
  readonly enqueued: ActionWorld['enqueued']
  /** How many steps have been passed. */
  readonly progress: number
  /** The world as the call left it, for further questions. */
  readonly world: ActionWorld
}

/** Folds a call over the rows of the reference, which stay as they are. */
export function foldCall(reference: ReferenceBackend<WrittenLogic>, call: FoldedCall, { newValues, times, hooks, notes }: Folding): Folded {
  const { action, user } = call
  const { caller } = reference.sightOf(user)
  const seen = new Set<string>()
  const world = new ActionWorld(reference, caller, { isSystem: action.design.as === 'system', newValues, seen, hooks })
  world.notes = notes
  const { emitted, enqueued } = world
  const ended = (outcome: ActionOutcome): Folded => ({ outcome, emitted, enqueued, progress: world.progress, world })
  try {
    const names = namesAtStart(world, call)
    const presets = inputsOf(action).flatMap(({ name, preset }) => (preset === null ? [] : [name]))
    const sent = new Set([...Object.keys(call.input), ...presets])
    const answer = carryOut(world, { action, names, sent, times, answersNothing: false })
    return ended({ kind: 'done', rows: world.rows, seen, attempt: null, answer })
  } catch (error) {
    if (error instanceof CallRefused) return ended({ kind: 'refused', refusals: error.refusals, seen, attempt: null })
    throw error
  }
}

/** The names of the row and the input, in the order in which a request is judged. @throws CallRefused */
function namesAtStart(world: ActionWorld, { action, user, rowId, input }: FoldedCall): NamesAt {
  const { entity, design } = action
  const row = entity === null || rowId === null ? null : world.find(entity, rowId)
  if (entity !== null && (row === null || !isLive(row))) refuseCall(404, 'not_found')
  const start: NamesAt = new Map(entity === null ? [] : [['row', { kind: 'row', entity, id: row?.id ?? null }]])
  const call = { entity, name: action.name, id: rowId, key: null, isBare: false, input, version: null }
  const { names, lost } = inputNames(world, action, { call, names: start })
  const bare = entity === null || row === null ? null : { entity, row }
  const isAllowed = world.allows(design.allow ?? 'false', names, bare)
  const isReadable = entity === null || row === null || world.sight.sees(entity, row)
  if (!isReadable && !(world.isSystem && isAllowed)) refuseCall(404, 'not_found')
  if (lost.length > 0) refuseCall(400, 'validation_failed')
  if (!isAllowed) refuseCall(user === null ? 401 : 403, user === null ? 'not_signed_in' : 'forbidden')
  return names
}
