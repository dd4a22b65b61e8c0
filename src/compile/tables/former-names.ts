/**
 * What a renamed entity or field was called in the database, likeliest first: by the rule for names, or, where `table`
 * had overridden it, as written.
 */

import { columnNameFor, tableNameFor } from '../../model/database-names.ts'

/** Of a former entity name. */
export function formerTables(was: string): readonly string[] {
  return [...new Set([tableNameFor(was), was])]
}

/** Of a former field name, which may have been a reference or not: what it is now is likelier. */
export function formerColumns(was: string, kind: 'reference' | 'plain'): readonly string[] {
  const column = columnNameFor(was, 'plain')
  return [...new Set(kind === 'reference' ? [columnNameFor(was, 'reference'), column, was] : [column, was])]
}
