/** An amount added to what a row has, in the statement that changes it. */

import { ident, number, type Sql, slot, sql } from '../base/sql.ts'
import type { Field } from '../model/model.ts'
import { columnType } from './column-type.ts'

/** Two of these are not more than a double holds. */
const HALF_NUMBER = number(8e307)

/** The value with an amount added; null where there is none, or where the column's type could not hold the sum. (Two integers of JSON fit a bigint.) */
export function sumSql(field: Field): Sql {
  const { type } = field
  if (type.kind !== 'scalar') throw new Error(`nothing is added to ${field.name}`)
  const value = sql`o.${ident(field.column)}`
  const amount = slot(`value.${field.name}`, columnType(type))
  const sum = sql`${value} + ${amount}`
  if (type.scalar === 'number') return sql`case when abs(${value}) <= ${HALF_NUMBER} and abs(${amount}) <= ${HALF_NUMBER} then ${sum} end`
  if (type.precision === null) return sum
  const whole = 10n ** BigInt(type.precision.digits - type.precision.scale)
  return sql`case when abs(${sum}) < ${number(whole)} then ${sum} end`
}
