/** SQL that adds an amount to the stored value of a row, and the message for a sum that is missing or out of range. */

import { ident, join, numberLiteral, type Sql, slot, sql } from '../../base/sql/sql.ts'
import type { ScalarType } from '../../model/field-type.ts'
import type { Field } from '../../model/model.ts'
import { MAX_INTEGER } from '../../model/scalar.ts'
import { columnType } from '../values/column-type.ts'

/** The two parts of a sum. They are tested first, because PostgreSQL raises an error if the type cannot hold the sum. */
interface Sum {
  readonly value: Sql
  readonly amount: Sql
}

/** The bounds of a sum that come from its type; the constraints of the table check the limits of the design. */
interface Reach {
  readonly holds: (sum: Sum) => Sql
  /** The message for a sum out of these bounds: "the sum would be …". */
  readonly message: string
}

/** The stored value plus the amount; null if no value is stored, or if the field's type cannot hold the sum. */
export function sumSql(field: Field): Sql {
  const value = sql`o.${ident(field.column)}`
  const amount = slot(`value.${field.name}`, columnType(field.type))
  const sum = sql`${value} + ${amount}`
  const reach = reachOf(field)
  return reach === null ? sum : sql`case when ${reach.holds({ value, amount })} then ${sum} end`
}

/** Why an amount cannot be added to a field, as text that follows the field's name. */
export function noSumMessage(field: Field): string {
  const reach = reachOf(field)
  if (reach === null) return NO_VALUE
  return field.optional ? `${NO_VALUE}, or ${reach.message}` : reach.message
}

const NO_VALUE = 'has no value to add to'

function reachOf({ name, type }: Field): Reach | null {
  if (type.kind !== 'scalar') throw new Error(`amounts cannot be added to ${name}`)
  if (type.scalar === 'integer') return integerReach(type)
  if (type.scalar === 'number') return NUMBER_REACH
  if (type.precision === null) return null
  const digits = type.precision.digits - type.precision.scale
  const limit = numberLiteral(10n ** BigInt(digits))
  return {
    holds: ({ value, amount }) => sql`abs(${value} + ${amount}) < ${limit}`,
    message: `the sum would have more than ${digits} ${digits === 1 ? 'digit' : 'digits'} before the point`,
  }
}

/**
 * The limits of a sum of integers. The sum of two JSON integers fits a bigint. If the design limits only one side, the constraint's message
 * would be wrong for the other side, so the other side is checked here.
 */
function integerReach({ min, max }: ScalarType): Reach | null {
  const sides = [
    ...(min === null ? [{ op: sql`>=`, limit: -MAX_INTEGER, beyond: 'below' }] : []),
    ...(max === null ? [{ op: sql`<=`, limit: MAX_INTEGER, beyond: 'above' }] : []),
  ]
  if (sides.length === 0) return null
  const each = ({ value, amount }: Sum) => sides.map(({ op, limit }) => sql`${value} + ${amount} ${op} ${numberLiteral(limit)}`)
  return {
    holds: (sum) => join(each(sum), ' and ', sql`true`),
    message: `the sum would be ${sides.map(({ beyond, limit }) => `${beyond} ${limit}`).join(' or ')}`,
  }
}

const MOST = numberLiteral(Number.MAX_VALUE)

/** A sum of numbers with different signs is never larger than either. */
const NUMBER_REACH: Reach = {
  holds: ({ value, amount }) => sql`((${value} < 0) <> (${amount} < 0) or abs(${value}) <= ${MOST} - abs(${amount}))`,
  message: `the sum would be below -${Number.MAX_VALUE} or above ${Number.MAX_VALUE}`,
}
