/** Ids and times of the rows of a load. They follow from the number of the row, so that no list of them is needed. */

import { sampleValue } from '../../../compile/values/sample.ts'
import { type Entity, fieldNamed, type Model } from '../../../model/model.ts'

/** The rows were created in these two years, in another order than that of their numbers. */
const FIRST_MS = Date.UTC(2024, 0, 1)
const SPAN_MS = 2 * 365 * 24 * 60 * 60 * 1_000

/** The id of a row: a UUID of version 7 with the time of its creation, a number from 1 on, or a text. */
export function idAt(model: Model, entity: Entity, i: number): string | number {
  const { type } = fieldNamed(entity, 'id')
  const scalar = type.kind === 'scalar' ? type.scalar : 'uuid'
  if (scalar === 'integer') return i + 1
  if (scalar !== 'uuid') return (sampleValue(type, i + 1) as string | undefined) ?? `${i + 1}`
  const ms = momentOf(i).toString(16).padStart(12, '0')
  const random = mixed(i ^ 0x5bd1e995)
    .toString(16)
    .padStart(8, '0')
  const at = model.entities.indexOf(entity).toString(16).padStart(4, '0')
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${at}${i.toString(16).padStart(8, '0')}`
}

/** When a row was created, as PostgreSQL reads it. */
export function timeAt(i: number): string {
  return new Date(momentOf(i)).toISOString()
}

function momentOf(i: number): number {
  return FIRST_MS + Math.floor((mixed(i + 1) / 2 ** 32) * SPAN_MS)
}

function mixed(i: number): number {
  let value = Math.imul(i ^ (i >>> 16), 0x45d9f3b)
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b)
  return (value ^ (value >>> 16)) >>> 0
}
