/** The values that a field has in the rows of a load, and values as PostgreSQL reads them. */

import { sampleValue } from '../../../compile/values/sample.ts'
import type { FieldType } from '../../../model/field-type.ts'
import type { Field } from '../../../model/model.ts'

const VALUES = 256
/** The lengths of texts, in characters. */
const LENGTHS = [12, 80, 600]
const MOST_ITEMS = 3
/** How often the usual value of a choice is in its pool. */
const USUAL = 0.9

const WORDS =
  'about after also back because come could day even find first give good have into just know like look make many most new only other over people some than their them then there these they think this time use very want water well what when which will with work would year'.split(
    ' ',
  )

/** Different values of a field; empty where it has none. A default that is a choice is nine of ten. */
export function valuePool({ type, default: preset }: Field): readonly unknown[] {
  switch (type.kind) {
    case 'choice': {
      const usual = preset?.kind === 'value' ? String(preset.value) : null
      if (usual === null || type.values.length < 2) return type.values
      const others = type.values.filter((value) => value !== usual)
      return [...others, ...Array<string>(Math.round((others.length * USUAL) / (1 - USUAL))).fill(usual)]
    }
    case 'list':
      return Array.from({ length: VALUES }, (_, n) => itemsOf(type, n)).filter((items) => items.length >= (type.min ?? 0))
    case 'scalar':
      if (type.scalar === 'text' && type.pattern === null) return textsOf(Number(type.min ?? 1), Number(type.max ?? 600))
      return [...new Set(Array.from({ length: VALUES }, (_, n) => sampleValue(type, n)))].filter((value) => value !== undefined)
    default:
      return []
  }
}

/** Texts of three lengths, within the limits of the field. */
function textsOf(min: number, max: number): readonly string[] {
  return Array.from({ length: VALUES }, (_, n) => {
    const length = Math.max(min, Math.min(max, LENGTHS[n % LENGTHS.length] ?? min))
    const words = Array.from({ length: Math.ceil(length / 4) + 1 }, (_, k) => WORDS[(n * 7 + k * ((n % 13) + 1)) % WORDS.length])
    return words.join(' ').slice(0, length).trimEnd().padEnd(length, 'x')
  })
}

function itemsOf(type: FieldType & { readonly kind: 'list' }, n: number): readonly unknown[] {
  const wanted = Math.max(type.min ?? 0, Math.min(type.max, n % (MOST_ITEMS + 1)))
  return [...new Set(Array.from({ length: wanted }, (_, k) => sampleValue(type.of, n * 5 + k)))].filter((item) => item !== undefined)
}

/** A value as PostgreSQL reads it in a column of this type; null for none. */
export function columnText(type: FieldType, value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (type.kind === 'list') return `{${(value as readonly unknown[]).map((item) => itemText(item)).join(',')}}`
  if (type.kind === 'scalar' && type.scalar === 'json') return JSON.stringify(value)
  return String(value)
}

function itemText(item: unknown): string {
  const text = typeof item === 'object' ? JSON.stringify(item) : String(item)
  return `"${text.replaceAll(/["\\]/g, (character) => `\\${character}`)}"`
}
