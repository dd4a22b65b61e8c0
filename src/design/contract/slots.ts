/** What a client sends to an operation, value by value: its parameters and the members of its body. */

import type { ActionAddress } from '../../model/address/action-address.ts'
import type { Path } from '../findings/source.ts'
import type { ContractBody, ContractOperation } from './operations.ts'
import type { ContractReading, Part } from './references.ts'
import { allowsKind, type ContractSchema, isMarked, schemaOf } from './schema.ts'

/** A value that a client may send. */
export interface Slot {
  readonly name: string
  readonly place: 'path' | 'query' | 'header' | 'body'
  readonly required: boolean
  readonly schema: Part | null
  /** Where the contract has it. */
  readonly at: Path
}

/** The body of an operation, in the form in which an action reads it. */
export interface BodyForm {
  readonly accepts: 'json' | 'form'
  /** The member that wraps the others; null for none. */
  readonly wrapper: string | null
  readonly slots: readonly Slot[]
  /** What happens to members that the contract does not name. */
  readonly others: 'refused' | 'ignored'
  /** What must be sent even if all members may be left out. */
  readonly needs: ActionAddress['needs']
}

/** The parameters in the path, the query string and the headers. */
export function parameterSlots({ parameters }: ContractOperation): readonly Slot[] {
  return parameters.flatMap(({ name, place, required, schema, at }) => (place === 'cookie' ? [] : [{ name, place, required, schema, at }]))
}

/** A media type that an action reads or answers. */
export type KnownMedia = 'json' | 'form' | 'csv' | 'html'

/** What a media type is to an action; null for one that no action knows. */
export function knownMedia(type: string): KnownMedia | null {
  if (type === 'application/json' || type.endsWith('+json') || type === '*/*' || type === 'application/*') return 'json'
  if (type === 'application/x-www-form-urlencoded') return 'form'
  if (type === 'text/csv') return 'csv'
  return type === 'text/html' ? 'html' : null
}

/**
 * The members of a body. Many contracts do not say that a body is required although its members are, so these count as required. If its
 * only member is an object, and no input has the name of that member, then that object holds the inputs.
 *
 * @returns null for a body in a media type that no action reads.
 */
export function bodyForm(reading: ContractReading, body: ContractBody, inputs: readonly string[]): BodyForm | null {
  const media = [...body.media].map(([type, schema]) => ({ known: knownMedia(type), schema }))
  const found = media.find(({ known }) => known === 'json') ?? media.find(({ known }) => known === 'form')
  if (found === undefined && media.length > 0) return null
  const accepts = found?.known === 'form' ? 'form' : 'json'
  const outer = found === undefined || found.schema === null ? null : schemaOf(reading, found.schema)
  // The body of an empty form has no bytes.
  const needs = body.required && accepts === 'json' ? 'body' : 'nothing'
  if (outer === null) return { accepts, wrapper: null, slots: [], others: 'ignored', needs }
  const wrapped = accepts === 'json' ? wrappedIn(reading, outer, inputs) : null
  if (wrapped === null) return { accepts, wrapper: null, ...membersIn(reading, outer, true), needs }
  const { name, schema } = wrapped
  return { accepts, wrapper: name, ...membersIn(reading, schema, true), needs: outer.required.has(name) ? 'member' : needs }
}

function wrappedIn(
  reading: ContractReading,
  outer: ContractSchema,
  inputs: readonly string[],
): { readonly name: string; readonly schema: ContractSchema } | null {
  const [only, ...more] = outer.members
  if (only === undefined || more.length > 0 || outer.choices.length > 0 || inputs.includes(only[0])) return null
  const schema = schemaOf(reading, only[1])
  const isWrapper = schema !== null && schema.kinds !== null && allowsKind(schema.kinds, 'object') && schema.members.size > 0
  return isWrapper ? { name: only[0], schema } : null
}

/** The members of an object, also those of its alternatives. Members that are only answered (`readOnly`) are left out. */
function membersIn(reading: ContractReading, schema: ContractSchema, required: boolean): Pick<BodyForm, 'slots' | 'others'> {
  const slots = new Map<string, Slot>()
  for (const [name, part] of schema.members) {
    if (isMarked(reading, part, 'readOnly')) continue
    slots.set(name, { name, place: 'body', required: required && schema.required.has(name), schema: part, at: part.path })
  }
  for (const part of schema.choices.flat()) {
    const choice = schemaOf(reading, part)
    for (const slot of choice === null ? [] : membersIn(reading, choice, false).slots) if (!slots.has(slot.name)) slots.set(slot.name, slot)
  }
  return { slots: [...slots.values()], others: schema.others === 'refused' ? 'refused' : 'ignored' }
}
