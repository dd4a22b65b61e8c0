/** What the steps of one action share, and the rows that they choose. */

import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import type { ActionWorld, NameMeaning, NamesAt } from './action-world.ts'
import type { Assigning } from './given.ts'
import { namesOfEach, type TakenRows } from './rows-at.ts'
import type { ActionDesignAt } from './written-actions.ts'
import type { WrittenFind, WrittenSignIn, WrittenStep } from './written-logic.ts'

/** What the steps of one action share. */
export interface StepRun {
  readonly world: ActionWorld
  readonly action: ActionDesignAt
  /** The names of the inputs that the call or the caller gave. */
  readonly sent: ReadonlySet<string>
  /** The names for each element of a `call` with `each`, for all of which a step is done at once. */
  readonly elements?: readonly NamesAt[]
}

/** What a step gives a name. */
export interface Result {
  readonly name: NameMeaning | null
}

/** The result of a step that names nothing. */
export const NOTHING: Result = { name: null }

/** The name of a row. */
export function nameOfRow(entity: string, id: PlainValue): NameMeaning {
  return { kind: 'row', entity, id }
}

/** The name of rows. */
export function nameOfRows(entity: string, rows: readonly PlainRow[], total = rows.length): NameMeaning {
  return { kind: 'rows', entity, ids: rows.map(({ id }) => id ?? null), total }
}

/** `where`, of which all conditions must hold. Names without a dot are the fields of the row. */
export function matching(
  { world }: StepRun,
  { entity, rows }: TakenRows,
  where: WrittenFind['where'],
  names: NamesAt,
): readonly PlainRow[] {
  const conditions = where === undefined ? [] : typeof where === 'string' ? [where] : where
  return rows.filter((row) => conditions.every((source) => world.holds(source, names, { entity, row })))
}

/** The elements for which `when` is true. */
export function applying({ world, elements }: StepRun, step: Exclude<WrittenStep, WrittenSignIn>, names: NamesAt): readonly NamesAt[] {
  return (elements ?? namesOfEach(world, step.each, names)).filter((inner) => world.holds(step.when, inner))
}

/** What the values of a step on an entity depend on. */
export function assigning({ world, action, sent }: StepRun, entity: string): Assigning {
  return { world, action, sent, entity }
}
