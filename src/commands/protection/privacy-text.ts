/** The texts of `plinth privacy`. */

import type { ErasureReport, KeptData } from '../../services/privacy/erase-person.ts'
import type { PersonExport } from '../../services/privacy/export-person.ts'
import { columns, count } from '../terminal/layout.ts'

/** The report of an erasure. It has no value of the person but ids. */
export function erasureText(report: ErasureReport, { isDry, files }: { readonly isDry: boolean; readonly files: number }): string {
  const { person, erased, cleaned, kept, refused } = report
  const title = `${person.entity} ${person.id}`
  if (refused.length > 0) return [`${title}: nothing was erased`, ...keptLines(refused)].join('\n')
  const rows = erased.map(({ entity, deleted, emptied, fields, unlinked }) => [
    entity,
    [
      ...(deleted === 0 ? [] : [`${count(deleted, 'row')} deleted`]),
      ...(emptied === 0 ? [] : [`${count(emptied, 'row')} emptied: ${fields.join(', ')}`]),
      ...Object.entries(unlinked).map(([field, n]) => `${field} of ${count(n, 'row')} unlinked`),
    ].join('; '),
  ])
  return [
    `${title}: ${isDry ? 'would be erased; nothing was changed' : 'erased'}`,
    ...columns(rows, '  '),
    ...(cleaned.length === 0
      ? []
      : [
          'beside these rows',
          ...columns(
            cleaned.map(({ what, rows: n }) => [what, count(n, 'row')]),
            '  ',
          ),
        ]),
    ...(files === 0 ? [] : [`${count(files, 'file')} removed`]),
    ...(kept.length === 0 ? [] : ['kept', ...keptLines(kept)]),
  ].join('\n')
}

function keptLines(list: readonly KeptData[]): readonly string[] {
  return columns(
    list.map(({ what, why, rows, ids }) => [
      what,
      rows === 0 ? '' : count(rows, 'row'),
      why + (ids.length === 0 ? '' : ` (${ids.slice(0, 3).join(', ')})`),
    ]),
    '  ',
  )
}

/** What an export has written, and where. */
export function exportText({ person, rows, records }: Pick<PersonExport, 'person' | 'rows' | 'records'>, out: string): string {
  const lines = [...Object.entries(rows), ...Object.entries(records)].map(([name, list]) => [name, count(list.length, 'row')])
  return [`${person.entity} ${person.id}: written to ${out}`, ...columns(lines, '  ')].join('\n')
}
