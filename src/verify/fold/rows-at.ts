/** The rows that a step takes, changes or runs through, and their order. */

import { orderOfValues as compareValues } from '../expected/compare.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import type { ActionWorld, NameMeaning, NamesAt } from './action-world.ts'

/** Rows of one entity in their order. */
export interface TakenRows {
  readonly entity: string
  readonly rows: readonly PlainRow[]
}

/** Whether a text names an entity: names of entities begin with a capital letter. */
export function isEntityName(source: string): boolean {
  return /^[A-Z][A-Za-z0-9]*$/.test(source)
}

/** The rows of an entity, of a relation, or those that a step has named. Rows that the caller may not read are not there. */
export function rowsAt(world: ActionWorld, source: string, names: NamesAt): TakenRows {
  if (isEntityName(source)) return { entity: source, rows: byId(world.usable(source)) }
  const named = names.get(source)
  if (named?.kind === 'rows') {
    const usable = world.usable(named.entity)
    return { entity: named.entity, rows: named.ids.flatMap((id) => usable.filter((row) => row.id === id)) }
  }
  const cut = source.lastIndexOf('.')
  const [path, relation] = [source.slice(0, Math.max(cut, 0)), source.slice(cut + 1)]
  const owner = world.rowAt(path, names)
  const found = world.reference.model.entities.find(({ name }) => name === owner.entity)?.relations.find(({ name }) => name === relation)
  if (found === undefined) throw new Error(`${source} names no rows`)
  const { entity, via } = found
  // "The relation of a missing row is unknown": a reference may lead to a row that is deleted or that the caller may not read.
  const isThere = names.has(path) || world.usable(owner.entity).some((row) => row.id === owner.id)
  const isRelated = (row: PlainRow): boolean =>
    owner.id !== null && isThere && row[via] === owner.id && (world.isSystem || world.sight.seesField(entity, via, row))
  return { entity, rows: byId(world.usable(entity).filter(isRelated)) }
}

/** Whether the text names one row, and not rows. */
export function isOneRow(world: ActionWorld, source: string, names: NamesAt): boolean {
  if (isEntityName(source) || names.get(source)?.kind === 'rows') return false
  if (names.has(source)) return true
  const cut = source.lastIndexOf('.')
  if (source.slice(0, cut) === 'input') return true
  const entity = world.entityAt(source.slice(0, cut), names)
  const model = world.reference.model.entities.find(({ name }) => name === entity)
  return model?.fields.some(({ name }) => name === source.slice(cut + 1)) === true
}

/** Rows in the order of their ids. */
export function byId(rows: readonly PlainRow[]): readonly PlainRow[] {
  return rows.toSorted((a, b) => compareValues(a.id ?? null, b.id ?? null))
}

/** Rows in the order of `sort`; rows with equal values in the order of their ids. Hidden values count as missing. */
export function sorted(world: ActionWorld, { entity, rows }: TakenRows, sort: readonly string[] | undefined): readonly PlainRow[] {
  if (sort === undefined || sort.length === 0) return rows
  const keys = sort.map((key) => ({ field: key.replace('-', ''), sign: key.startsWith('-') ? -1 : 1 }))
  const shown = new Map(rows.map((row) => [row, world.shown(entity, row)] as const))
  return byId(rows).toSorted((a, b) => {
    for (const { field, sign } of keys) {
      const order = compareValues(shown.get(a)?.[field] ?? null, shown.get(b)?.[field] ?? null)
      if (order !== 0) return sign * order
    }
    return 0
  })
}

/** The elements of `each`: the name of each element with its meaning. Without `each` there is one element without a name. */
export function namesOfEach(world: ActionWorld, each: string | undefined, names: NamesAt): readonly NamesAt[] {
  if (each === undefined) return [names]
  const [, name = '', over = ''] = /^(\w+) +in +(.*)$/.exec(each) ?? []
  const list = names.get(over)
  if (list?.kind === 'value') {
    const items = (list.value ?? []) as readonly PlainValue[]
    return items.map((value) => new Map<string, NameMeaning>([...names, [name, { kind: 'value', scalar: list.scalar, value }]]))
  }
  const { entity, rows } = rowsAt(world, over, names)
  return rows.map((row) => new Map<string, NameMeaning>([...names, [name, { kind: 'row', entity, id: row.id ?? null }]]))
}
