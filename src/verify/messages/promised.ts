/** Which messages a design promises after an event, by the text of its reactions and the rows. */

import type { Model } from '../../model/model.ts'
import type { AllRows } from '../expected/reference.ts'
import { referenceOf } from '../expected/reference.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import type { WrittenReaction } from './written-reactions.ts'

/** What a reaction does after one event: sends a mail, sends the row, nothing, or what verify cannot tell. */
export type Promised =
  | { readonly kind: 'mail'; readonly to: string }
  | { readonly kind: 'post' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unknown' }

/** An event: its row before and after, and all rows afterwards. */
export interface SeenEvent {
  readonly entity: string
  readonly before: PlainRow | null
  readonly after: PlainRow | null
  readonly rows: AllRows
}

const NOBODY = { claims: new Map(), session: null }

/** What a reaction promises. The oracle evaluates its condition and its address, without the compiled design. */
export function promisedBy(design: WrittenDesign, model: Model, reaction: WrittenReaction, event: SeenEvent): Promised {
  const row = rowOfEvent(reaction, event)
  if (row === null || (isChangedMeanwhile(design, reaction) && !isFirstVersion(event))) return { kind: 'unknown' }
  const { full } = referenceOf(design, model, event.rows).sightOf(null)
  const named = (one: PlainRow) => ({ kind: 'row', entity: event.entity, row: one }) as const
  const names = new Map([['row', named(row)], ...(event.before === null ? [] : [['before', named(event.before)] as const])])
  const question = (source: string) => ({ source, entity: event.entity, row, caller: NOBODY, input: {}, now: new Date(), names })
  try {
    if (reaction.when !== null && full.decide(question(reaction.when)) !== true) return { kind: 'nothing' }
    if (reaction.kind === 'post') return { kind: 'post' }
    const to: PlainValue = full.evaluate(question(reaction.to))
    return typeof to === 'string' ? { kind: 'mail', to } : { kind: 'nothing' }
  } catch {
    // It names results of steps or inputs, which verify does not know.
    return { kind: 'unknown' }
  }
}

/** The row that messages have: after a deletion, as it was before. */
export function rowOfEvent({ happening }: Pick<WrittenReaction, 'happening'>, { before, after }: SeenEvent): PlainRow | null {
  return happening === 'deleted' ? before : after
}

/** Whether the row has changed once since it was as before: then no other work has changed it meanwhile. */
export function isFirstVersion({ before, after }: SeenEvent): boolean {
  return after === null || after.version === Number(before?.version ?? 0) + 1
}

/** Whether reactions or jobs may have changed the row again. The steps of an action change it as often as they like. */
function isChangedMeanwhile(design: WrittenDesign, { happening }: Pick<WrittenReaction, 'happening'>): boolean {
  const { on = {}, jobs, schedules } = design as { readonly on?: object; readonly jobs?: object; readonly schedules?: object }
  const isOwn = (reaction: object): boolean => 'call' in reaction || 'run' in reaction
  const isWrite = ['created', 'updated', 'deleted'].includes(happening)
  return Object.values(on).flat().some(isOwn) || (isWrite && (jobs !== undefined || schedules !== undefined))
}
