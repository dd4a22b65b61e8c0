/** The types of values in the types of code. */

import { unreachable } from '../../base/unreachable.ts'
import type { FieldType } from '../../model/field-type.ts'
import { storedScalar } from '../../model/model.ts'
import { SCALARS, type ScalarKind } from '../../model/scalar.ts'

/** The type of a value of a field. `scalarType` gives that of a scalar. */
export function valueType(type: FieldType, scalarType: (scalar: ScalarKind) => string): string {
  switch (type.kind) {
    case 'choice':
      return choices(type.values)
    case 'list':
      return `readonly ${type.of.kind === 'choice' ? `(${choices(type.of.values)})` : grouped(scalarType(type.of.scalar))}[]`
    case 'file':
      return scalarType === sent ? 'string' : FILE
    case 'scalar':
    case 'computed':
    case 'ref':
    case 'password':
      return scalarType(storedScalar(type))
    default:
      return unreachable(type)
  }
}

/** A file as rows show it. */
const FILE = '{ readonly name: string; readonly size: number; readonly type: string; readonly url: string }'

function choices(values: readonly string[]): string {
  return values.map((value) => JSON.stringify(value)).join(' | ')
}

function grouped(type: string): string {
  return type.includes('|') ? `(${type})` : type
}

/** The type of a value, or of a list of them. */
export function listOf(type: string, list: boolean): string {
  return list ? `readonly ${grouped(type)}[]` : type
}

/** The type of a scalar as JSON has it. */
export function answered(scalar: ScalarKind): string {
  const type: unknown = 'type' in SCALARS[scalar].json ? SCALARS[scalar].json.type : undefined
  return type === undefined ? 'unknown' : type === 'integer' ? 'number' : String(type)
}

/** The type of a scalar that code passes on. */
export function sent(scalar: ScalarKind): string {
  if (scalar === 'decimal') return 'string | number'
  return scalar === 'timestamp' ? 'string | Date' : answered(scalar)
}
