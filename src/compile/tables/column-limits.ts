/**
 * The limits of a column's values, as SQL conditions: each limit of the field, and limits of its scalar type (JSON, RFC 3339, IEEE 754)
 * that the column type lacks.
 */

import type { Rule } from '../../base/failures/rules.ts'
import { ident, join, literal, numberLiteral, type Sql, sql } from '../../base/sql/sql.ts'
import { unreachable } from '../../base/unreachable.ts'
import { ITEM_FUNCTIONS, SYSTEM_SCHEMA } from '../../model/database.ts'
import type { FieldType, ScalarType } from '../../model/field-type.ts'
import type { Field } from '../../model/model.ts'
import { isEncrypted, MAX_INTEGER, SCALARS, type ScalarKind } from '../../model/scalar.ts'
import { scalarConstant } from '../values/literals.ts'
import { postgresPattern } from '../values/postgres-pattern.ts'

/** A condition that every value of a column except null satisfies. `message` continues the field's name: "must be …". */
export interface Limit {
  /** The last words of the constraint's name, and the `rule` of a problem. */
  readonly rule: Rule
  readonly condition: Sql
  readonly message: string
}

type Choice = Extract<FieldType, { readonly kind: 'choice' }>
type List = Extract<FieldType, { readonly kind: 'list' }>

/** The limits of a field's column, in a fixed order. A password has none, because its column holds the hash. */
export function limitsOf(field: Field): readonly Limit[] {
  const column = ident(field.column)
  const { type } = field
  switch (type.kind) {
    case 'scalar':
      return scalarLimits(type, column)
    case 'choice':
      return [choiceLimit(type, column)]
    case 'list':
      return listLimits(type, column)
    // the limits of the target's id apply to a reference; a computed value follows from values that are limited
    case 'ref':
    case 'password':
    case 'computed':
    // the trigger that takes uploads checks its values
    case 'file':
      return []
    default:
      return unreachable(type)
  }
}

function scalarLimits(type: ScalarType, column: Sql): readonly Limit[] {
  if (isEncrypted(type.scalar)) return [storedLimit(type, column)]
  const facts = SCALARS[type.scalar]
  if (facts.family === 'string' && facts.column === 'text') return textLimits(type, column)
  const range = rangeOf(type)
  if (range === null) return []
  const bounds: Sql[] = []
  if (range.min !== null) bounds.push(sql`${column} >= ${scalarConstant(type.scalar, range.min)}`)
  if (range.max !== null) bounds.push(sql`${column} <= ${scalarConstant(type.scalar, range.max)}`)
  if (range.also !== undefined) bounds.push(range.also(column))
  return [{ rule: 'range', condition: join(bounds, ' and ', sql`true`), message: rangeMessage(type) }]
}

/** The bytes of a stored value: the longest text in base64, with what stands beside it. Texts that are not encrypted yet fit too. */
function storedLimit(type: ScalarType, column: Sql): Limit {
  const bytes = Math.ceil((Number(type.max) * 4 * 4) / 3) + 200
  return { rule: 'maxLength', condition: sql`octet_length(${column}) <= ${numberLiteral(bytes)}`, message: 'is too long' }
}

interface Range {
  readonly min: number | string | null
  readonly max: number | string | null
  readonly also?: (column: Sql) => Sql
}

/**
 * The effective bounds of a scalar: the field's own bounds within the range of JSON values. They exclude further values that PostgreSQL
 * accepts: `NaN`, infinities, years outside RFC 3339, 24:00.
 */
function rangeOf(type: ScalarType): Range | null {
  const own = { min: type.min, max: type.max }
  switch (type.scalar) {
    case 'integer':
      return { min: type.min ?? -MAX_INTEGER, max: type.max ?? MAX_INTEGER }
    case 'number':
      // in PostgreSQL, NaN is greater than every number, so an upper bound excludes it
      return { min: type.min ?? '-1.7976931348623157e308', max: type.max ?? '1.7976931348623157e308' }
    case 'decimal':
      return type.max === null
        ? { ...own, also: (column) => sql`${column} < 'Infinity'::numeric and ${column} > '-Infinity'::numeric` }
        : own
    case 'timestamp':
      return { min: type.min ?? '0001-01-01T00:00:00Z', max: type.max ?? '9999-12-31T23:59:59.999Z' }
    case 'date':
      return { min: type.min ?? '0001-01-01', max: type.max ?? '9999-12-31' }
    case 'time':
      return { min: type.min, max: type.max ?? '23:59:59.999' }
    case 'duration':
      return { ...own, also: fixedLength }
    case 'uuid':
    case 'boolean':
    case 'encrypted':
    case 'encryptedEqual':
    case 'json':
    case 'text':
    case 'email':
    case 'url':
      return null
    default:
      return unreachable(type.scalar)
  }
}

/** Years and months have no fixed length; and an interval may be infinite (PostgreSQL 17). */
function fixedLength(column: Sql): Sql {
  return sql`isfinite(${column}) and extract(year from ${column}) = 0 and extract(month from ${column}) = 0`
}

function rangeMessage(type: ScalarType): string {
  if (type.min !== null && type.max !== null) return `must be between ${type.min} and ${type.max}`
  if (type.min !== null) return `must be at least ${type.min}`
  if (type.max !== null) return `must be at most ${type.max}`
  return RANGE_MESSAGES[type.scalar] ?? 'is out of range'
}

const RANGE_MESSAGES: Partial<Record<ScalarKind, string>> = {
  integer: `must be an integer between -${MAX_INTEGER} and ${MAX_INTEGER}`,
  number: 'must be a finite number',
  decimal: 'must be a finite number',
  timestamp: 'must be a time between the years 1 and 9999',
  date: 'must be a date between the years 1 and 9999',
  time: 'must be a time between 00:00 and 23:59:59.999',
  duration: 'must be a duration of days, hours, minutes and seconds',
}

/** The maximum length of a text: the limit of its type in JSON Schema, or the field's own limit if that is lower. */
function longest(type: ScalarType): number | null {
  const json: Readonly<Record<string, unknown>> = SCALARS[type.scalar].json
  const limits = [json.maxLength, type.max].filter((limit) => typeof limit === 'number')
  return limits.length === 0 ? null : Math.min(...limits)
}

function shortest(type: ScalarType): number | null {
  return typeof type.min === 'number' && type.min > 0 ? type.min : null
}

function textLimits(type: ScalarType, column: Sql): readonly Limit[] {
  const limits: Limit[] = []
  const [min, max] = [shortest(type), longest(type)]
  const bounds: Sql[] = []
  if (min !== null) bounds.push(sql`char_length(${column}) >= ${numberLiteral(min)}`)
  if (max !== null) bounds.push(sql`char_length(${column}) <= ${numberLiteral(max)}`)
  if (bounds.length > 0) limits.push({ rule: 'length', condition: join(bounds, ' and ', sql`true`), message: lengthMessage(min, max) })
  const pattern = type.pattern === null ? null : postgresPattern(type.pattern)
  if (pattern !== null) {
    limits.push({ rule: 'pattern', condition: sql`${column} ~ ${literal(pattern)}`, message: `must match ${type.pattern}` })
  }
  if (type.scalar === 'email') limits.push({ rule: 'lower_case', condition: lowerCase(column), message: 'must be in lower case' })
  return limits
}

/** ASCII only, so that the result does not depend on the collation of the database. */
function lowerCase(value: Sql): Sql {
  return sql`${value} = lower(${value} collate "C")`
}

function lengthMessage(min: number | null, max: number | null): string {
  if (min === null) return `must have at most ${max} characters`
  return max === null ? `must have at least ${min} characters` : `must have between ${min} and ${max} characters`
}

function choiceLimit(type: Choice, column: Sql): Limit {
  const values = join(type.values.map(literal), ', ', sql``)
  return { rule: 'choice', condition: sql`${column} in (${values})`, message: `must be one of ${type.values.join(', ')}` }
}

function listLimits(type: List, column: Sql): readonly Limit[] {
  const size = type.min === null || type.min === 0 ? sql`` : sql` and cardinality(${column}) >= ${numberLiteral(type.min)}`
  const limits: Limit[] = [
    {
      rule: 'size',
      condition: sql`cardinality(${column}) <= ${numberLiteral(type.max)}${size}`,
      message: size.parts.length === 0 ? `must have at most ${type.max} items` : `must have between ${type.min} and ${type.max} items`,
    },
    // more than one dimension would be lists within the list
    {
      rule: 'items',
      condition: sql`coalesce(array_ndims(${column}), 1) = 1 and array_position(${column}, null) is null`,
      message: 'must be a list without null items',
    },
  ]
  return [...limits, ...itemLimits(type.of, column)]
}

/**
 * A check constraint cannot have a subquery over the items. Comparisons with `all` check ranges; functions of Plinth check the length and
 * the pattern of texts.
 */
function itemLimits(of: ScalarType | Choice, column: Sql): readonly Limit[] {
  if (of.kind === 'choice') {
    const values = join(of.values.map(literal), ', ', sql``)
    return [{ rule: 'choice', condition: sql`${column} <@ array[${values}]`, message: `must hold only ${of.values.join(', ')}` }]
  }
  const facts = SCALARS[of.scalar]
  if (facts.family === 'string' && facts.column === 'text') return textItemLimits(of, column)
  const range = rangeOf(of)
  if (range === null) return []
  const bounds: Sql[] = []
  if (range.min !== null) bounds.push(sql`${scalarConstant(of.scalar, range.min)} <= all (${column})`)
  if (range.max !== null) bounds.push(sql`${scalarConstant(of.scalar, range.max)} >= all (${column})`)
  if (of.scalar === 'decimal' && range.max === null) bounds.push(sql`'Infinity'::numeric > all (${column})`)
  if (of.scalar === 'duration') bounds.push(sql`interval 'P1000000Y' > all (${column})`)
  return [{ rule: 'item_range', condition: join(bounds, ' and ', sql`true`), message: `each item ${rangeMessage(of)}` }]
}

function textItemLimits(of: ScalarType, column: Sql): readonly Limit[] {
  const limits: Limit[] = []
  const [min, max] = [shortest(of), longest(of)]
  const bounds: Sql[] = []
  if (min !== null) bounds.push(sql`${itemFunction('shortest')}(${column}) >= ${numberLiteral(min)}`)
  // a list that is short as a whole has no long item, so most rows are checked without the call
  const short = sql`char_length(array_to_string(${column}, '')) <= ${numberLiteral(max ?? 0)}`
  if (max !== null) bounds.push(sql`(${short} or ${itemFunction('longest')}(${column}) <= ${numberLiteral(max)})`)
  if (bounds.length > 0) {
    limits.push({ rule: 'item_length', condition: join(bounds, ' and ', sql`true`), message: `each item ${lengthMessage(min, max)}` })
  }
  const pattern = of.pattern === null ? null : postgresPattern(of.pattern)
  if (pattern !== null) {
    const condition = sql`${itemFunction('match')}(${column}, ${literal(pattern)})`
    limits.push({ rule: 'item_pattern', condition, message: `each item must match ${of.pattern}` })
  }
  if (of.scalar === 'email') {
    const condition = sql`lower(array_to_string(${column}, ' ') collate "C") = array_to_string(${column}, ' ')`
    limits.push({ rule: 'item_lower_case', condition, message: 'each item must be in lower case' })
  }
  return limits
}

function itemFunction(name: keyof typeof ITEM_FUNCTIONS): Sql {
  return ident(SYSTEM_SCHEMA, ITEM_FUNCTIONS[name])
}
