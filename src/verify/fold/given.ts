/** The values that `set` and `existing` give to fields. */

import { entityNamed, type Field } from '../../model/model.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import type { ActionWorld, NamesAt } from './action-world.ts'
import { inputsOf } from './input.ts'
import type { ActionDesignAt } from './written-actions.ts'
import type { WrittenValue } from './written-logic.ts'

const RANDOM = /\b(random|uuid)\(/

/** What the values of one step depend on. */
export interface Assigning {
  readonly world: ActionWorld
  readonly action: ActionDesignAt
  readonly sent: ReadonlySet<string>
  readonly entity: string
}

/** The names, and the row whose fields are bare names; null for a new row, which has none. */
export interface Beside {
  readonly names: NamesAt
  readonly row: PlainRow | null
}

/** The values by field. "An input that was not sent sets nothing." */
export function givenBy(assigning: Assigning, set: Set, { names, row }: Beside): PlainRow {
  const { world, action, sent, entity } = assigning
  const { fields } = entityNamed(world.reference.model, entity)
  const optional = optionalOf(action)
  return Object.fromEntries(
    Object.entries(valuesOf(action, set)).flatMap(([name, source]): readonly (readonly [string, PlainValue])[] => {
      const input = String(source).trim()
      if (optional.has(input) && !sent.has(input.slice('input.'.length))) return []
      const field = fields.find((one) => one.name === name)
      if (field === undefined) throw new Error(`no field ${entity}.${name}`)
      // What is random is not compared. It stands for the value that the row has.
      if (row !== null && typeof source === 'string' && RANDOM.test(source)) return [[name, row[name] ?? null]]
      return [[name, valueFor(world, field, { source, names, bare: row === null ? null : { entity, row } })]]
    }),
  )
}

type Set = Readonly<Record<string, WrittenValue>> | 'input' | undefined

/** The fields that `set` gives a value in every request: "An input that may be left out does not count." */
export function surelyGiven(action: ActionDesignAt, set: Set): ReadonlySet<string> {
  const optional = optionalOf(action)
  return new Set(Object.entries(valuesOf(action, set)).flatMap(([name, source]) => (optional.has(String(source).trim()) ? [] : [name])))
}

function valuesOf(action: ActionDesignAt, set: Set): Readonly<Record<string, WrittenValue>> {
  return set === 'input' ? Object.fromEntries(inputsOf(action).map(({ name }) => [name, `input.${name}`])) : (set ?? {})
}

/** The inputs that a request may leave out, as `set` names them. */
function optionalOf(action: ActionDesignAt): ReadonlySet<string> {
  return new Set(inputsOf(action).flatMap(({ name, isOptional }) => (isOptional ? [`input.${name}`] : [])))
}

function valueFor(
  world: ActionWorld,
  { type }: Field,
  { source, names, bare }: { readonly source: WrittenValue; readonly names: NamesAt; readonly bare: Parameters<ActionWorld['value']>[2] },
): PlainValue {
  // "A choice takes its bare word."
  if (type.kind === 'choice' && typeof source === 'string' && type.values.includes(source)) return source
  const value = world.value(source, names, bare ?? null)
  if (value === null || type.kind !== 'scalar') return value
  return type.scalar === 'decimal' ? Number(value).toFixed(type.precision?.scale ?? 0) : value
}
