/**
 * Possible former names of a table or column in the database, most likely first: the derived name, then the name as written, for a design
 * that used it in `table`.
 */

import { columnNameFor, tableNameFor } from '../../model/names/database-names.ts'

/** Possible tables of a former entity name. */
export function formerTables(was: string): readonly string[] {
  return [...new Set([tableNameFor(was), was])]
}

/** Possible columns of a former field name. The field may have been a reference or not; its present kind comes first. */
export function formerColumns(was: string, kind: 'reference' | 'plain'): readonly string[] {
  const column = columnNameFor(was, 'plain')
  return [...new Set(kind === 'reference' ? [columnNameFor(was, 'reference'), column, was] : [column, was])]
}
