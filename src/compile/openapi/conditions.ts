/** The operators that fields can be filtered with, as schemas of an OpenAPI document. */

import { type Field, storedScalar } from '../../model/model.ts'
import { isEncrypted, SCALAR_KINDS, SCALARS, type ScalarKind } from '../../model/scalar.ts'
import { formatOf, type JsonSchema } from '../values/formats.ts'
import { componentRef, conditionsName, type JsonObject } from './component-names.ts'
import type { Scope } from './scope.ts'

/**
 * The schema of the conditions on a field. Fields of one type share a component, because they have the same operators. A choice has no
 * component, because each field has its own values.
 */
export function conditionsOf(scope: Scope, field: Field): JsonObject {
  const item = field.type.kind === 'list' ? field.type.of : field.type
  const isList = field.type.kind === 'list'
  if (item.kind === 'choice') return conditions(scope, { scalar: 'text', isList, value: { type: 'string', enum: item.values } })
  return componentRef('schemas', conditionsName(storedScalar(field.type), isList ? 'list' : 'one'))
}

/** The operators that each type of field can be filtered with. */
export function conditionSchemas(scope: Scope): JsonObject {
  const entries = SCALAR_KINDS.flatMap((scalar) =>
    [false, true].map((isList): [string, JsonObject] => [
      conditionsName(scalar, isList ? 'list' : 'one'),
      conditions(scope, { scalar, isList, value: comparedSchema(scope, scalar) }),
    ]),
  )
  return Object.fromEntries(entries)
}

const IS_NULL = { type: 'boolean', description: 'Whether the value is missing.' } as const

interface Compared {
  readonly scalar: ScalarKind
  readonly isList: boolean
  readonly value: JsonSchema
}

function conditions(scope: Scope, { scalar, isList, value }: Compared): JsonObject {
  const several = { type: 'string', description: `Values separated by commas, at most ${scope.limits.filterItems}.` }
  const part = { type: 'string', maxLength: scope.limits.filterText }
  const facts = SCALARS[scalar]
  const properties = isList
    ? { contains: { ...value, description: 'The list has this item.' } }
    : {
        ...(facts.comparable ? { eq: value, ne: value, in: several, nin: several } : {}),
        ...(facts.ordered ? { gt: value, gte: value, lt: value, lte: value } : {}),
        ...(scalar === 'encryptedEqual' ? { eq: value, in: several } : {}),
        ...(facts.column === 'text' && !isEncrypted(scalar) ? { contains: part, startsWith: part, endsWith: part } : {}),
      }
  return { type: 'object', properties: { ...properties, isNull: IS_NULL }, additionalProperties: false }
}

function comparedSchema(scope: Scope, scalar: ScalarKind): JsonSchema {
  if (scalar === 'decimal') return { type: 'string', format: 'decimal' }
  return scalar === 'text' ? { type: 'string', maxLength: scope.limits.filterText } : formatOf(scalar).schema
}
