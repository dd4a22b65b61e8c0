/** Field types for tests, with few words. */

import type { FieldType, ScalarType } from '../../src/model/field-type.ts'
import type { ScalarKind } from '../../src/model/scalar.ts'

/** A scalar type with the given limits and no other; a decimal has ten digits, two of them after the point, unless given. */
export function scalar(kind: ScalarKind, limits: Partial<ScalarType> = {}): ScalarType {
  const precision = kind === 'decimal' ? { digits: 10, scale: 2 } : null
  return { kind: 'scalar', scalar: kind, min: null, max: null, pattern: null, precision, ...limits }
}

/** A list of at most `max` items. */
export function list(of: ScalarType, max = 10): FieldType {
  return { kind: 'list', of, min: null, max }
}
