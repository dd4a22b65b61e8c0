/**
 * Hints at renames that the design does not ask for. A field that is renamed without `was` is a new column, and the values stay in the old
 * column. So the messages about the old and the new column mention `was`.
 */

import type { Column } from '../../model/database.ts'
import type { Change } from '../schema/change.ts'
import { quoted } from '../schema/ddl.ts'

type Dropped = Extract<Change, { readonly kind: 'drop-column' | 'drop-table' }>

/** Returns what to write when an added column is the new name of a column that disappears; null when none has the same type. */
export function formerNameHint(changes: readonly Change[], table: string, added: Column): string | null {
  const names = changes.flatMap((change) =>
    change.kind === 'drop-column' && change.table === table && isSameKind(added, change.type) ? [change.column] : [],
  )
  if (names.length === 0) return null
  return `if ${added.name} is the new name of ${names.join(' or ')}, say so in the design: ${names.map((name) => `was: '${name}'`).join(' or ')}`
}

/**
 * Returns the hint that a dropped object may be renamed instead; or, for a column whose new name exists already, how to copy its values.
 * The hint is empty when no added object could be its new name.
 */
export function newNameHint(changes: readonly Change[], dropped: Dropped): string {
  if (dropped.kind === 'drop-column' && dropped.successor !== null) {
    const { table, column, successor: next } = dropped
    const copy = `update ${quoted(table)} set ${quoted(next)} = ${quoted(column)}`
    return `; was: '${column}' renames nothing, because ${next} exists already; to copy the values: ${copy}`
  }
  const names = changes.flatMap((change) => successor(change, dropped) ?? [])
  if (names.length === 0) return ''
  const former = dropped.kind === 'drop-table' ? dropped.table : dropped.column
  return `; if ${names.join(' or ')} is its new name, say so in the design: was: '${former}'`
}

/** The name of an added object, if it could be the new name of the dropped one. */
function successor(change: Change, dropped: Dropped): string | null {
  if (dropped.kind === 'drop-column') {
    const isAdded = change.kind === 'add-column' && change.table === dropped.table
    return isAdded && isSameKind(change.column, dropped.type) ? change.column.name : null
  }
  if (change.kind !== 'create-table') return null
  const columns = new Set(change.table.columns.map(({ name }) => name))
  return dropped.columns.length === columns.size && dropped.columns.every((name) => columns.has(name)) ? change.table.name : null
}

function isSameKind(added: Column, type: string): boolean {
  return added.generated === null && added.type === type
}
