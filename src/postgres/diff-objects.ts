/** The differences between the constraints and the indexes of one table. */

import type { Constraint, Table, TableIndex } from '../model/database.ts'
import type { TableChange } from './change.ts'
import { lostColumns, retypedColumns } from './diff-columns.ts'
import { type Owned, owns } from './owned.ts'

interface Context {
  readonly owned: Owned
  /** The changes of the table's columns: what stands on a column that goes, goes with it. */
  readonly columns: readonly TableChange[]
}

/** Constraints by definition first, by name second: one that only has another name is renamed. */
export function diffConstraints(before: Table, after: Table, context: Context): readonly TableChange[] {
  const table = after.name
  const lost = lostColumns(context.columns)
  const retyped = retypedColumns(context.columns)
  const there = before.constraints.filter((constraint) => !columnsOf(constraint).some((name) => lost.has(name)))
  const match = matchUp(there, after.constraints, constraintKey)
  const changes: TableChange[] = []
  for (const { wanted, found } of match.pairs) {
    if (found === undefined) changes.push({ kind: 'add-constraint', table, constraint: wanted })
    else if (mustBeRemade(found, retyped)) {
      changes.push({ kind: 'drop-constraint', table, constraint: found }, { kind: 'add-constraint', table, constraint: wanted })
    } else {
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

/** Indexes in the same way. An invalid one counts as missing. */
export function diffIndexes(before: Table, after: Table, context: Context): readonly TableChange[] {
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

/** A foreign key compares columns on two sides, whose types change together: it must be out of the way meanwhile. */
function mustBeRemade(constraint: Constraint, retyped: ReadonlySet<string>): boolean {
  return constraint.kind === 'foreign-key' && constraint.columns.some((name) => retyped.has(name))
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

/** The columns that a constraint stands on. */
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
  }
}

function indexKey(index: TableIndex): string {
  return JSON.stringify([index.method, index.parts, index.unique, index.where])
}
