/** Finds the input of each value that a client of an operation sends, and the parameter that finds the row. */

import type { Action, ActionInput } from '../../model/action.ts'
import type { RowParameter } from '../../model/address/action-address.ts'
import type { Entity } from '../../model/model.ts'
import { folded, isAlike } from '../endpoints/names.ts'
import { type Slot, wholeName } from './slots.ts'

/** The inputs of an action and the values of an operation, paired. */
export interface MatchedInputs {
  readonly pairs: readonly { readonly input: ActionInput; readonly slot: Slot }[]
  /** The parameter of the path that finds the row; null for none. */
  readonly row: { readonly parameter: RowParameter; readonly slot: Slot } | null
  /** Values of the operation that are no input. */
  readonly slots: readonly Slot[]
  /** Inputs that the operation does not have. */
  readonly inputs: readonly ActionInput[]
}

/**
 * Pairs inputs and values by name. Names that differ in case and signs alone are one name, so that `page_size` and `X-Page-Size` find
 * `pageSize` and `xPageSize`. A member inside of another is found by its own name, or by both: `user.name` finds `name` or `userName`. A
 * parameter of the path that is no input finds the row.
 *
 * @param entity the entity of a row action; undefined for an action of the design
 */
export function matchInputs({ inputs }: Action, slots: readonly Slot[], entity: Entity | undefined): MatchedInputs {
  const pairs: { readonly input: ActionInput; readonly slot: Slot }[] = []
  const rest = new Set(slots)
  const left = new Set(inputs)
  for (const same of [isSame, isNamedAlike, isNamedWhole]) {
    for (const input of left) {
      const slot = [...rest].find((one) => same(one, input.name))
      if (slot === undefined) continue
      pairs.push({ input, slot })
      rest.delete(slot)
      left.delete(input)
    }
  }
  const row = entity === undefined ? null : rowIn([...rest], entity)
  if (row !== null) rest.delete(row.slot)
  return { pairs, row, slots: [...rest], inputs: [...left] }
}

function isSame({ name }: Slot, input: string): boolean {
  return name === input
}

function isNamedAlike({ name }: Slot, input: string): boolean {
  return isAlike(name, input)
}

function isNamedWhole(slot: Slot, input: string): boolean {
  return isAlike(wholeName(slot), input)
}

/** The last parameter of the path that has the name of a unique field, or of the id: `id`, `articleId`, `article_id`. */
function rowIn(slots: readonly Slot[], entity: Entity): MatchedInputs['row'] {
  const paths = slots.filter(({ place }) => place === 'path').toReversed()
  const uniques = entity.uniques.flatMap(({ fields }) => (fields.length === 1 ? fields : []))
  for (const slot of paths) {
    const name = folded(slot.name)
    const by = uniques.find((field) => folded(field) === name || folded(`${entity.name}${field}`) === name)
    if (by !== undefined) return { slot, parameter: { parameter: slot.name, by } }
    if (name === 'id' || name === folded(`${entity.name}id`)) return { slot, parameter: { parameter: slot.name, by: 'id' } }
  }
  return null
}
