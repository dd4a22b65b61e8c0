/** The types and validations of JDL. */

import type { FieldData, SketchType } from '../sketch/sketch.ts'

const TYPES: Readonly<Record<string, FieldData>> = {
  String: { type: 'text', max: 255 },
  TextBlob: { type: 'text' },
  Integer: { type: 'integer' },
  Long: { type: 'integer' },
  BigDecimal: { type: 'decimal', precision: 21, scale: 2 },
  Float: { type: 'number' },
  Double: { type: 'number' },
  Boolean: { type: 'boolean' },
  LocalDate: { type: 'date' },
  LocalTime: { type: 'time' },
  Instant: { type: 'timestamp' },
  ZonedDateTime: { type: 'timestamp' },
  OffsetDateTime: { type: 'timestamp' },
  Duration: { type: 'duration' },
  UUID: { type: 'uuid' },
}

/** The type with its limits; null for bytes. An unknown word is a text. */
export function jdlType(name: string, validations: ReadonlyMap<string, string>): SketchType | null {
  if (/Blob$/.test(name) && name !== 'TextBlob') return null
  const of = Object.hasOwn(TYPES, name) ? (TYPES[name] ?? { type: 'text' }) : { type: 'text' }
  const number = (key: string): number | undefined => {
    const given = validations.get(key)
    return given !== undefined && /^-?\d+(\.\d+)?$/.test(given) ? Number(given) : undefined
  }
  const isText = of.type === 'text'
  const [min, max] = isText ? [number('minlength'), number('maxlength')] : [number('min'), number('max')]
  const pattern = isText ? validations.get('pattern') : undefined
  const limited = isText || of.type === 'integer' || of.type === 'number' || of.type === 'decimal'
  return {
    ...of,
    ...(limited && min !== undefined ? { min: of.type === 'decimal' ? String(min) : min } : {}),
    ...(limited && max !== undefined ? { max: of.type === 'decimal' ? String(max) : max } : {}),
    ...(pattern === undefined || pattern === '' ? {} : { pattern }),
  }
}
