/** Compares the limits of a design with those of a contract: lengths of texts, numbers, items of lists, and patterns. */

import { unreachable } from '../../base/unreachable.ts'
import type { FieldType } from '../../model/field-type.ts'
import { quote } from '../findings/report.ts'

/** The least and the greatest value; null for none. */
export interface Bounds {
  readonly least: number | null
  readonly most: number | null
}

/** What values are counted in. */
export type Counted = 'characters' | 'value' | 'items'

/** The limits of values. */
export interface ValueLimits extends Readonly<Record<Counted, Bounds>> {
  readonly pattern: string | null
}

const FREE: Bounds = { least: null, most: null }

/** No limits. */
export const NO_LIMITS: ValueLimits = { characters: FREE, value: FREE, items: FREE, pattern: null }

/** The limits that a schema has. */
export function schemaLimits(value: Readonly<Record<string, unknown>>): ValueLimits {
  const whole = value.type === 'integer' ? 1 : null
  return {
    characters: { least: numberOf(value.minLength), most: numberOf(value.maxLength) },
    value: {
      least: bound(numberOf(value.minimum), value.exclusiveMinimum, whole),
      most: bound(numberOf(value.maximum), value.exclusiveMaximum, whole === null ? null : -whole),
    },
    items: { least: numberOf(value.minItems), most: numberOf(value.maxItems) },
    pattern: typeof value.pattern === 'string' ? value.pattern : null,
  }
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** A bound. An exclusive one is a number in OpenAPI 3.1 and `true` in 3.0; only for whole numbers it has an inclusive one beside it. */
function bound(inclusive: number | null, exclusive: unknown, step: number | null): number | null {
  const excluded = exclusive === true ? inclusive : numberOf(exclusive)
  if (excluded === null) return inclusive
  return step === null ? null : excluded + step
}

/** The limits that both have. */
export function bothLimits(a: ValueLimits, b: ValueLimits): ValueLimits {
  const both = (counted: Counted): Bounds => ({
    least: inner(a[counted].least, b[counted].least, Math.max),
    most: inner(a[counted].most, b[counted].most, Math.min),
  })
  return { characters: both('characters'), value: both('value'), items: both('items'), pattern: a.pattern ?? b.pattern }
}

function inner(a: number | null, b: number | null, choose: (a: number, b: number) => number): number | null {
  return a === null || b === null ? (a ?? b) : choose(a, b)
}

/** The limits that the type of a field or an input has; null for a type without any. */
export function typeLimits(type: FieldType): ValueLimits | null {
  switch (type.kind) {
    case 'scalar':
      if (type.scalar === 'text') return { ...NO_LIMITS, characters: boundsOf(type, 0), pattern: type.pattern }
      return type.scalar === 'integer' || type.scalar === 'number' || type.scalar === 'decimal'
        ? { ...NO_LIMITS, value: boundsOf(type, null) }
        : null
    case 'password':
      return { ...NO_LIMITS, characters: boundsOf(type, 0), pattern: type.pattern }
    case 'list':
      return { ...NO_LIMITS, items: boundsOf(type, 0) }
    case 'choice':
    case 'ref':
    case 'computed':
    case 'file':
      return null
    default:
      return unreachable(type)
  }
}

function boundsOf(
  { min, max }: { readonly min: number | string | null; readonly max: number | string | null },
  least: number | null,
): Bounds {
  return { least: min === null ? least : Number(min), most: max === null ? null : Number(max) }
}

/** A limit that differs: the message of its finding, and what to write. */
export interface LimitMisfit {
  readonly message: string
  readonly hint: string
}

/** The limits of a contract that answered values may exceed. @param label the value as messages name it */
export function beyondContract(own: ValueLimits, contract: ValueLimits, label: string): readonly LimitMisfit[] {
  return differing({ own, contract, label }, (counted, side) => {
    const [here, there] = [own[counted][side], contract[counted][side]]
    if (there === null || (here !== null && (side === 'least' ? here >= there : here <= there))) return null
    return `${label} may ${counted === 'value' ? 'be' : 'have'} ${words(here, counted, side)} here, and the contract ${side === 'least' ? 'begins' : 'ends'} at ${there}`
  })
}

/** The limits of a contract that an input does not have. @param label the value as messages name it */
export function unlikeContract(own: ValueLimits, contract: ValueLimits, label: string): readonly LimitMisfit[] {
  return differing({ own, contract, label }, (counted, side) => {
    const [here, there] = [own[counted][side], contract[counted][side]]
    if (there === null || here === there) return null
    return `${label} takes ${words(here, counted, side)} here, and the contract ${side === 'least' ? 'begins' : 'ends'} at ${there}`
  })
}

const COUNTED: readonly Counted[] = ['characters', 'value', 'items']

interface Differing {
  readonly own: ValueLimits
  readonly contract: ValueLimits
  readonly label: string
}

function differing(
  { own, contract, label }: Differing,
  compare: (counted: Counted, side: keyof Bounds) => string | null,
): readonly LimitMisfit[] {
  const bounds = COUNTED.flatMap((counted) =>
    (['least', 'most'] as const).flatMap((side) => {
      const message = compare(counted, side)
      return message === null ? [] : [{ message, hint: `write ${side === 'least' ? 'min' : 'max'}: ${contract[counted][side]}` }]
    }),
  )
  if (contract.pattern === null || contract.pattern === own.pattern) return bounds
  const here = own.pattern === null ? 'no pattern here' : `the pattern ${quote(own.pattern)} here`
  const message = `${label} has ${here}, and ${quote(contract.pattern)} in the contract`
  return [...bounds, { message, hint: `write pattern: '${contract.pattern}'` }]
}

function words(bound: number | null, counted: Counted, side: keyof Bounds): string {
  const unit = counted === 'value' ? '' : ` ${bound === 1 ? counted.slice(0, -1) : counted}`
  if (bound === null) return counted === 'value' ? 'any number' : `any number of ${counted}`
  const least = counted === 'value' ? 'down to ' : 'as few as '
  return `${side === 'least' ? least : 'up to '}${bound}${unit}`
}
