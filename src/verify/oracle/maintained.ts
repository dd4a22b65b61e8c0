/** Fields that every row has and the server sets: ids and times. Their values follow from no request, but not every value is right. */

import type { Entity } from '../../model/model.ts'
import type { PlainRow } from './oracle-rows.ts'

const UUID_OF_VERSION_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
/** The database may have another clock. */
const DAY_MS = 86_400_000
const TIMES = ['createdAt', 'updatedAt'] as const

/** What is wrong with the id and the times of a new row; null if nothing is. */
export function wrongInNewRow({ fields }: Entity, row: PlainRow): string | null {
  const isOurs = (name: string): boolean => fields.some((field) => field.name === name && field.system === name)
  if (isOurs('id') && !UUID_OF_VERSION_7.test(String(row.id))) return `the id ${row.id}, which is no UUID of version 7`
  const wrong = TIMES.find((name) => isOurs(name) && !(Math.abs(Date.parse(String(row[name])) - Date.now()) < DAY_MS))
  return wrong === undefined ? null : `${wrong} ${row[wrong]}, which is not now`
}

/** What is wrong with the times of a row that was changed; null if nothing is. */
export function wrongInChangedRow({ fields }: Entity, before: PlainRow, row: PlainRow): string | null {
  const isOurs = (name: string): boolean => fields.some((field) => field.name === name && field.system === name)
  if (isOurs('createdAt') && row.createdAt !== before.createdAt) return `createdAt ${row.createdAt}, and ${before.createdAt} before`
  return isOurs('updatedAt') && row.updatedAt === before.updatedAt ? `updatedAt ${row.updatedAt} as before` : null
}
