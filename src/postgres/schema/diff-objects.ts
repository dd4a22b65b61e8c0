/** The differences between the constraints and the indexes of one table. */

import { unreachable } from '../../base/unreachable.ts'
import type { Constraint, Table, TableIndex } from '../../model/database.ts'
import type { TableChange } from './change.ts'
import { lostColumns, type Moved } from './diff-columns.ts'
import { owns, type PlinthObjects } from './plinth-objects.ts'

/** The context of comparing the objects of one table. */
export interface ObjectContext {
  readonly owned: PlinthObjects
  /** The changes of the table's columns: objects that use a dropped column are dropped with it. */
  readonly columns: readonly TableChange[]
  /** The moved columns of all tables. */
  readonly moved: Moved
}

/** Compares constraints by definition, then by name. A constraint whose definition is equal but whose name differs is renamed. */
export function diffConstraints(before: Table, after: Table, context: ObjectContext): readonly TableChange[] {
  const table = after.name
  const lost = lostColumns(context.columns)
  const unlinked = before.constraints.filter((constraint) => usesMoved(constraint, table, context.moved))
  const there = before.constraints.filter((one) => !unlinked.includes(one) && !columnsOf(one).some((name) => lost.has(name)))
  const match = matchUp(there, after.constraints, constraintKey)
  const changes = unlinked.map((constraint): TableChange => ({ kind: 'drop-constraint', table, constraint }))
  for (const { wanted, found } of match.pairs) {
    if (found === undefined) changes.push({ kind: 'add-constraint', table, constraint: wanted })
    else {
      if (found.name !== wanted.name) changes.push({ kind: 'rename-constraint', table, from: found.name, to: wanted.name })
      if (isUnvalidated(found)) changes.push({ kind: 'validate-constraint', table, constraint: wanted })
    }
  }
  for (const constraint of match.left) {
    const inTheWay = after.constraints.some((other) => other.name === constraint.name)
    if (inTheWay || owns(context.owned, { table, object: constraint.name })) changes.push({ kind: 'drop-constraint', table, constraint })
  }
  return changes
}

/** Compares indexes in the same way. An invalid index counts as missing. */
export function diffIndexes(before: Table, after: Table, context: ObjectContext): readonly TableChange[] {
  const table = after.name
  const lost = lostColumns(context.columns)
  const there = before.indexes.filter((index) => !(index.uses ?? []).some((name) => lost.has(name)))
  const match = matchUp(
    there.filter((index) => index.invalid !== true),
    after.indexes,
    indexKey,
  )
  const changes: TableChange[] = []
  for (const { wanted, found } of match.pairs) {
    if (found === undefined) changes.push({ kind: 'add-index', table, index: wanted })
    else if (found.name !== wanted.name) changes.push({ kind: 'rename-index', table, from: found.name, to: wanted.name })
  }
  for (const index of [...match.left, ...there.filter((other) => other.invalid === true)]) {
    const inTheWay = after.indexes.some((other) => other.name === index.name)
    if (inTheWay || owns(context.owned, { table, object: index.name })) changes.push({ kind: 'drop-index', table, index })
  }
  return changes
}

/** Whether a foreign key uses a moved column on either side. Such a key is dropped before the type changes and added again afterwards. */
export function usesMoved(constraint: Constraint, table: string, moved: Moved): boolean {
  if (constraint.kind !== 'foreign-key') return false
  const on = (name: string, columns: readonly string[]) => columns.some((column) => moved.get(name)?.has(column) === true)
  return on(table, constraint.columns) || on(constraint.table, constraint.references)
}

interface Match<T> {
  readonly pairs: readonly { readonly wanted: T; readonly found: T | undefined }[]
  readonly left: readonly T[]
}

function matchUp<T extends { readonly name: string }>(there: readonly T[], wanted: readonly T[], keyOf: (thing: T) => string): Match<T> {
  const left = new Set(there)
  const found = new Map<T, T>()
  const take = (want: T, fits: (thing: T) => boolean) => {
    const thing = [...left].find((candidate) => fits(candidate) && keyOf(candidate) === keyOf(want))
    if (thing === undefined) return
    left.delete(thing)
    found.set(want, thing)
  }
  for (const want of wanted) take(want, (thing) => thing.name === want.name)
  for (const want of wanted) if (!found.has(want)) take(want, () => true)
  return { pairs: wanted.map((want) => ({ wanted: want, found: found.get(want) })), left: [...left] }
}

/** Returns the columns that a constraint uses. */
export function columnsOf(constraint: Constraint): readonly string[] {
  return constraint.kind === 'check' ? (constraint.uses ?? []) : constraint.columns
}

function isUnvalidated(constraint: Constraint): boolean {
  return (constraint.kind === 'check' || constraint.kind === 'foreign-key') && constraint.unvalidated === true
}

function constraintKey(constraint: Constraint): string {
  switch (constraint.kind) {
    case 'primary-key':
    case 'unique':
      return JSON.stringify([constraint.kind, constraint.columns])
    case 'check':
      return JSON.stringify([constraint.kind, constraint.expression])
    case 'foreign-key':
      return JSON.stringify([constraint.kind, constraint.columns, constraint.table, constraint.references, constraint.onDelete])
    default:
      return unreachable(constraint)
  }
}

function indexKey(index: TableIndex): string {
  return JSON.stringify([index.method, index.parts, index.unique, index.where])
}
