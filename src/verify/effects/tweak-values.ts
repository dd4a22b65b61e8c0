/** Values that may change what a step does: those beside which its conditions turn. */

import { sampleValue } from '../../compile/values/sample.ts'
import { type Field, storedScalar } from '../../model/model.ts'
import type { DesignField } from '../expected/written-design.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'

const TEXT = /(["'])([^"']{0,60})\1/g
const NUMBER = /(?<![\w.])-?\d+(?:\.\d+)?\b/g
const LONG_AGO = '2000-01-01T00:00:00.000Z'
const FAR_AHEAD = '2999-12-31T00:00:00.000Z'

/** What values are chosen from. */
export interface Choosing {
  readonly field: Field
  readonly written: DesignField | undefined
  /** The expressions that read the field. */
  readonly texts: readonly string[]
  /** The value that it has. */
  readonly now: PlainValue
  /** Numbers that other fields have. */
  readonly numbers: readonly number[]
  /** Ids of rows to which a reference may lead. */
  readonly targets: readonly PlainValue[]
}

/** Other values of a field, within its limits; the likeliest first. */
export function otherValues(choosing: Choosing): readonly PlainValue[] {
  const { field, now } = choosing
  const missing = field.optional && now !== null ? [null] : []
  return [...new Set([...valuesOf(choosing), ...missing])].filter((value) => value !== now)
}

function valuesOf({ field: { type }, written, texts, now, numbers, targets }: Choosing): readonly PlainValue[] {
  if (type.kind === 'ref') return targets
  if (type.kind === 'choice') return type.values
  if (type.kind !== 'scalar') return []
  const all = texts.join(' ; ')
  const words = [...all.matchAll(TEXT)].map(([, , word = '']) => word)
  switch (storedScalar(type)) {
    case 'boolean':
      return [true, false]
    case 'text':
    case 'email':
      return [...words, sampleValue(type, 1_900) as PlainValue].filter((value) => value !== undefined)
    case 'timestamp':
      return [LONG_AGO, FAR_AHEAD]
    case 'date':
      return [LONG_AGO.slice(0, 10), FAR_AHEAD.slice(0, 10)]
    case 'integer':
    case 'number':
    case 'decimal': {
      const constants = [...all.matchAll(NUMBER)].map(([text]) => Number(text))
      const beside = [...numbers, ...constants, Number(now ?? 0)].flatMap((n) => [n, n + 1, n - 1])
      const inside = beside.filter((n) => isInLimits(written, n))
      const scale = written?.scale
      return scale === undefined ? inside.filter((n) => Number.isInteger(n)) : inside.map((n) => n.toFixed(scale))
    }
    default:
      return []
  }
}

/** Whether a number is within the limits of a field. */
export function isInLimits(written: DesignField | undefined, n: number): boolean {
  return n >= Number(written?.min ?? -1e6) && n <= Number(written?.max ?? 1e6)
}
