/** Which new row came from which step: the reference takes ids and numbers from the rows that the server made. */

import { type Field, isToken, type Model } from '../../model/model.ts'
import { orderOfValues as compareValues } from '../expected/compare.ts'
import type { AllRows as Rows } from '../expected/reference.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { NewValues } from './outcome.ts'

/** The rows that were not there before, by entity, in the order of their ids. */
export function createdIn(before: Rows, after: Rows): Rows {
  return new Map(
    [...after].map(([entity, rows]) => {
      const known = new Set((before.get(entity) ?? []).map(({ id }) => id))
      return [entity, rows.filter(({ id }) => !known.has(id)).toSorted((a, b) => compareValues(a.id ?? null, b.id ?? null))]
    }),
  )
}

/** The most orders that are tried. */
const MOST = 120

/**
 * Sources of ids and numbers, one for each order in which the steps may have made the rows. Ids of one step are in the order of its rows;
 * two steps may make rows in the same millisecond, so the order between steps is not known. A row that a later step deleted is not there.
 */
export function assignments(model: Model, made: Rows): readonly NewValues[] {
  let orders: readonly ReadonlyMap<string, readonly (PlainRow | null)[]>[] = [new Map()]
  for (const { name } of model.entities) {
    const rows = made.get(name) ?? []
    const own = rows.length <= 4 ? permutations([...rows, ...(rows.length > 0 && rows.length < 4 ? [null] : [])]) : ordersOfMany(rows)
    orders = orders.flatMap((order) => own.map((one) => new Map([...order, [name, one]]))).slice(0, MOST)
  }
  return orders.map((order) => takingFrom(model, order))
}

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 1) return [items]
  return items.flatMap((item, i) => permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]))
}

/** An id has 48 bits of time in milliseconds, the version, and a number that counts the rows of one step from 1. */
const MOMENT = 13
const NUMBER = [15, 18] as const

/** The orders in which steps may have made many rows. Steps of one millisecond are told apart where only one of them made several. */
function ordersOfMany(rows: readonly PlainRow[]): readonly (readonly PlainRow[])[] {
  let orders: readonly (readonly PlainRow[])[] = [[]]
  for (const group of Map.groupBy(rows, ({ id }) => String(id).slice(0, MOMENT)).values()) {
    const numbered = Map.groupBy(group, ({ id }) => Number.parseInt(String(id).slice(...NUMBER), 16))
    const heads = numbered.get(1) ?? []
    const tail = group.filter((row) => !heads.includes(row))
    const isClear = heads.length <= 4 && (numbered.get(2) ?? []).length <= 1
    // The others follow the first row of their step, which may be of an earlier millisecond.
    const placed = (order: readonly PlainRow[]) => [...order, null].map((_, i) => order.toSpliced(i, 0, ...tail))
    const own = !isClear ? [group] : tail.length === 0 ? permutations(heads) : permutations(heads).flatMap(placed)
    orders = orders.flatMap((order) => own.map((one) => [...order, ...one])).slice(0, MOST)
  }
  return orders
}

/** Whether the server chooses the value of a field: a number, or a token. */
export function isGenerated(field: Field): boolean {
  return field.default?.kind === 'sequence' || isToken(field)
}

function takingFrom(model: Model, order: ReadonlyMap<string, readonly (PlainRow | null)[]>): NewValues {
  const taken = new Map<string, number>()
  return (entity) => {
    const count = taken.get(entity) ?? 0
    taken.set(entity, count + 1)
    const row = order.get(entity)?.[count] ?? null
    const numbers = model.entities.find(({ name }) => name === entity)?.fields.filter(isGenerated) ?? []
    const id = row?.id ?? `ffffffff-ffff-7fff-8fff-${String(count).padStart(12, '0')}`
    return { id, ...Object.fromEntries(numbers.map(({ name }) => [name, row?.[name] ?? 0])) }
  }
}
