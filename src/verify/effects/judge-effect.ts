/** Compares what a call has answered and written with what the fold expects. */

import type { Action } from '../../model/action.ts'
import type { Answered } from '../expected/answered.ts'
import type { AllRows, ReferenceBackend } from '../expected/reference.ts'
import { unforeseeable } from '../expected/written-design.ts'
import { type Folded, type FoldedCall, foldCall } from '../fold/fold-call.ts'
import { assignments, createdIn } from '../fold/new-rows.ts'
import { NO_HOOKS } from '../fold/row-hooks.ts'
import { isSame, rowsDiffer } from '../fold/rows-differ.ts'
import type { WrittenLogic } from '../fold/written-logic.ts'

/** What happened. */
export interface Happened {
  readonly answer: Answered
  readonly after: AllRows
}

/** What is wrong, and what the fold expects; the fold is that of the closest of the orders in which rows may have been made. */
export interface EffectJudgement {
  readonly wrong: string | null
  readonly folded: Folded
}

/** Judges a call. @param reference has the rows before it */
export function judgeEffect(
  reference: ReferenceBackend<WrittenLogic>,
  { action, call, open }: { readonly action: Action; readonly call: FoldedCall; readonly open: ReadonlySet<string> },
  happened: Happened,
): EffectJudgement {
  const made = createdIn(reference.rows(), happened.after)
  let closest: EffectJudgement | null = null
  // The fold does not know which new row came from which step, so it tries the possible orders.
  for (const newValues of assignments(reference.model, made)) {
    const folded = foldCall(reference, call, { newValues, times: happened.after, hooks: NO_HOOKS, notes: null })
    const wrong = differenceTo(reference, { action, open, folded }, happened)
    if (wrong === null) return { wrong, folded }
    closest ??= { wrong, folded }
  }
  if (closest === null) throw new Error('no order of new rows was tried')
  return closest
}

interface Expected {
  readonly action: Action
  readonly folded: Folded
  /** The fields whose new values nobody foresees. */
  readonly open: ReadonlySet<string>
}

function differenceTo(
  reference: ReferenceBackend<WrittenLogic>,
  { action, folded: { outcome }, open }: Expected,
  { answer, after }: Happened,
): string | null {
  const { design, model } = reference
  const before = reference.rows()
  const isOwnForm = (design.errors as { readonly answer?: unknown } | undefined)?.answer !== undefined
  if (outcome.kind === 'refused') {
    const fits = outcome.refusals.some(
      ({ status, code }) => status === answer.status && (isOwnForm || code === null || code === answer.json?.code),
    )
    const wanted = outcome.refusals.map(({ status, code }) => `${status} ${code}`).join(' or ')
    if (!fits) return `${answer.status} ${answer.json?.code ?? ''}, expected ${wanted}`
    return rowsDiffer(model, { expected: before, after, before })
  }
  const status = action.address.status ?? (outcome.answer === undefined ? 204 : 200)
  if (answer.status !== status) return `status ${answer.status} ${answer.json?.code ?? ''}, expected ${status}`
  const rows = rowsDiffer(model, {
    expected: outcome.rows,
    after,
    before,
    differs: (field) => (open.has(field) ? false : null),
  })
  if (rows !== null) return rows
  if (action.restAnswer !== null || outcome.answer === undefined || open.size > 0) return null
  return isSame(answer.json, outcome.answer) ? null : `the answer is not ${JSON.stringify(outcome.answer)}`
}

const UNFORESEEN = /\b(now|today|uuid|random)\(/

/** Fields whose values nobody foresees: those that the server chooses, and those that steps make of the clock or at random. */
export function unforeseenFields({ entities }: WrittenLogic, steps: readonly object[]): ReadonlySet<string> {
  const set = steps.flatMap((step) =>
    Object.values(step).flatMap((value) =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([name, source]) => (typeof source === 'string' && UNFORESEEN.test(source) ? [name] : []))
        : [],
    ),
  )
  const numbered = new Set(['sequence', 'token'])
  const own = Object.values(entities).flatMap((entity) =>
    [...unforeseeable(entity)].filter((name) => !numbered.has(entity.fields[name]?.type ?? '')),
  )
  return new Set([...set, ...own])
}
