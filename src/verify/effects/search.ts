/** Finds situations in which the calls of an action show what its steps do. */

import { isLive, type ReferenceBackend } from '../expected/reference.ts'
import type { ActionDesignAt } from '../fold/written-actions.ts'
import type { WrittenLogic } from '../fold/written-logic.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import { type Situation, type Tried, tried } from './situation.ts'
import { type BuildingOver, tweaks } from './tweaks.ts'
import { doneGoal, goalsOfStep, type PlacedStep, placedSteps, textsOf } from './wanted-goals.ts'

/** What is searched. */
export interface Searching {
  readonly reference: ReferenceBackend<WrittenLogic>
  readonly action: ActionDesignAt
  /** The accounts that may call; anonymous callers come in addition. */
  readonly accounts: readonly string[]
  /** Inputs with which every search begins. */
  readonly inputs: readonly Readonly<Record<string, unknown>>[]
  readonly buildingOver: BuildingOver
}

/** What was found. */
export interface FoundCalls {
  readonly wanted: readonly string[]
  /** Each shows at least one goal that those before it do not. */
  readonly calls: readonly { readonly tried: Tried; readonly goals: readonly string[] }[]
}

/** The most calls that are folded for one action. */
const MOST_FOLDED = 800
/** The most rows of an entity with which a search begins. */
const MOST_ROWS = 12

/** Searches the calls of an action. Deterministic. @throws Error where its steps need what is not known. */
export function searchCalls(searching: Searching): FoundCalls {
  const { reference, action } = searching
  const { design } = reference
  const steps = placedSteps(design, action)
  const wanted = [...new Set([doneGoal(action), ...steps.flatMap((step) => goalsOfStep(design, step))])]
  const missing = new Set(wanted)
  const calls: FoundCalls['calls'][number][] = []
  let count = 0
  const ask = (situation: Situation): Tried => {
    count += 1
    const one = tried(reference, situation)
    const goals = wanted.filter((goal) => missing.has(goal) && one.notes.has(goal))
    if (goals.length > 0) calls.push({ tried: one, goals })
    for (const goal of goals) missing.delete(goal)
    return one
  }
  const isRoom = (): boolean => missing.size > 0 && count < MOST_FOLDED
  const first = startsOf(searching).map(ask)
  let best: Tried | null = furthest(first)
  const further = (from: Tried): Tried | null => {
    for (const situation of besideOf(searching, steps, from)) {
      if (!isRoom()) return null
      const one = ask(situation)
      if (depth(one) > depth(from)) return one
    }
    return null
  }
  for (let next = best; next !== null; next = next.folded.outcome.kind === 'done' ? null : further(next)) best = next
  const done = [...first, ...calls.map((one) => one.tried)].find(({ folded }) => folded.outcome.kind === 'done') ?? best
  for (const step of steps) {
    const isOpen = (): boolean => isRoom() && goalsOfStep(design, step).some((goal) => missing.has(goal))
    if (done === null || !isOpen()) continue
    for (const situation of besideStep(searching, steps, done, step)) {
      if (!isOpen()) break
      ask(situation)
    }
  }
  return { wanted, calls }
}

function depth({ folded: { outcome, progress } }: Tried): number {
  return outcome.kind === 'done' ? Number.POSITIVE_INFINITY : progress
}

/** The call that got furthest; the first of several. Calls that did not begin are none. */
function furthest(all: readonly Tried[]): Tried | null {
  const begun = all.filter(({ notes, folded }) => notes.size > 0 || folded.outcome.kind === 'done')
  return begun.reduce<Tried | null>((best, one) => (best === null || depth(one) > depth(best) ? one : best), null)
}

/** The calls of each kind of caller for some rows. */
function startsOf({ reference, action, accounts, inputs }: Searching): readonly Situation[] {
  const { entity } = action
  const rows = reference.rows()
  const own = entity === null ? [null] : spread((rows.get(entity) ?? []).filter(isLive), action.transition?.field ?? null)
  const users = [...accounts, null]
  return users.flatMap((user) =>
    own.flatMap((row) => inputs.map((input) => ({ rows, call: { action, user, rowId: row === null ? null : String(row.id), input } }))),
  )
}

/** Rows of all states, a few of each. */
function spread(rows: readonly PlainRow[], state: string | null): readonly PlainRow[] {
  if (state === null) return rows.slice(0, MOST_ROWS)
  const groups = [...Map.groupBy(rows, (row) => row[state] ?? null).values()]
  return groups.flatMap((group) => group.slice(0, Math.max(2, Math.floor(MOST_ROWS / groups.length))))
}

/** Situations beside one whose call was refused, around the step that refused it. */
function besideOf(searching: Searching, steps: readonly PlacedStep[], one: Tried): Iterable<Situation> {
  const at = [...one.folded.world.namesAt.keys()].at(-1)
  const step = steps.find(({ place }) => place === at)
  return step === undefined ? [] : besideStep(searching, steps, one, step)
}

function besideStep(
  { buildingOver }: Searching,
  steps: readonly PlacedStep[],
  one: Tried,
  { place, step }: PlacedStep,
): Iterable<Situation> {
  const names = one.folded.world.namesAt.get(place)
  return names === undefined ? [] : tweaks({ tried: one, texts: textsOf(step, steps), names, buildingOver })
}
