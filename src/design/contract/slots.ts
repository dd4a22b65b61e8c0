/** What a client sends to an operation, value by value: its parameters and the members of its body. */

import { type BodyNeeds, NO_NEEDS, type Separator } from '../../model/address/action-address.ts'
import { isAlike } from '../endpoints/names.ts'
import type { Path } from '../findings/source.ts'
import type { ContractBody, ContractOperation } from './operations.ts'
import type { ContractReading, Part } from './references.ts'
import { allowsKind, type ContractSchema, isMarked, schemaOf } from './schema.ts'

/** A value that a client may send. */
export interface Slot {
  readonly name: string
  readonly place: 'path' | 'query' | 'header' | 'body'
  /** The member of the body that contains it; null if it is a member of the body itself, or in another place. */
  readonly inside: string | null
  readonly required: boolean
  readonly schema: Part | null
  /** What separates the items of a list that is one text; null where each item is a value of its own. */
  readonly separator: Separator | null
  /** Where the contract has it. */
  readonly at: Path
}

/** The body of an operation, in the form in which an action reads it. */
export interface BodyForm {
  readonly accepts: 'json' | 'form'
  readonly slots: readonly Slot[]
  /** What happens to members that the contract does not name. */
  readonly others: 'refused' | 'ignored'
  /** What must be sent even if all members may be left out. */
  readonly needs: BodyNeeds
}

/** The name of a slot with that of the member around it: `user.name`. */
export function wholeName({ name, inside }: Slot): string {
  return inside === null ? name : `${inside}.${name}`
}

/** The parameters in the path, the query string and the headers. */
export function parameterSlots({ parameters }: ContractOperation): readonly Slot[] {
  return parameters.flatMap(({ name, place, required, schema, separator, at }) =>
    place === 'cookie' ? [] : [{ name, place, inside: null, required, schema, separator, at }],
  )
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
 * The members of a body. Many contracts do not say that a body is required although its members are, so these count as required. A member
 * that is an object contains inputs, unless an input has its name.
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
  const isNeeded = body.required && accepts === 'json'
  if (outer === null) return { accepts, slots: [], others: 'ignored', needs: { ...NO_NEEDS, body: isNeeded } }
  const { slots, others } = membersIn(reading, outer, true)
  const isInput = ({ name }: Slot): boolean => inputs.some((input) => isAlike(input, name))
  const isOnly = slots.length === 1
  const inner = slots.map((slot) => (isInput(slot) ? null : membersInside(reading, isOnly ? { ...slot, required: true } : slot)))
  const all = slots.flatMap((slot, i): readonly Slot[] => inner[i]?.slots ?? [slot])
  const ofInner = inner.flatMap((one) => (one === null ? [] : [one.others]))
  const kept = (isOnly && ofInner.length > 0 ? ofInner : [others, ...ofInner]).every((one) => one === 'refused')
  const members = accepts === 'json' ? slots.flatMap(({ name, required }, i) => (required && inner[i] !== null ? [name] : [])) : []
  return { accepts, slots: all, others: kept ? 'refused' : 'ignored', needs: { body: isNeeded, members } }
}

/** What a body is that no inputs hold: a list, or an object with members of any names; null for any other. */
export function unheldBody(reading: ContractReading, body: ContractBody): string | null {
  const json = [...body.media].find(([type]) => knownMedia(type) === 'json')?.[1]
  const schema = json === undefined || json === null ? null : schemaOf(reading, json)
  if (schema === null) return null
  if (!allowsKind(schema.kinds, 'object')) return schema.kinds?.has('array') === true ? 'a list' : 'a value'
  const isMap = schema.members.size === 0 && schema.choices.length === 0 && schema.others !== 'any' && schema.others !== 'refused'
  return isMap ? 'an object whose members have any names' : null
}

/** The members of a member that is an object; null for any other. They are required if their object is. */
function membersInside(reading: ContractReading, { name, schema: part, required }: Slot): Pick<BodyForm, 'slots' | 'others'> | null {
  const schema = part === null ? null : schemaOf(reading, part)
  if (schema === null || schema.kinds === null || !allowsKind(schema.kinds, 'object') || schema.members.size === 0) return null
  const { slots, others } = membersIn(reading, schema, required)
  return { slots: slots.map((slot) => ({ ...slot, inside: name })), others }
}

/** The members of an object, also those of its alternatives. Members that are only answered (`readOnly`) are left out. */
function membersIn(reading: ContractReading, schema: ContractSchema, required: boolean): Pick<BodyForm, 'slots' | 'others'> {
  const slots = new Map<string, Slot>()
  for (const [name, part] of schema.members) {
    if (isMarked(reading, part, 'readOnly')) continue
    slots.set(name, {
      name,
      place: 'body',
      inside: null,
      required: required && schema.required.has(name),
      schema: part,
      separator: null,
      at: part.path,
    })
  }
  for (const part of schema.choices.flat()) {
    const choice = schemaOf(reading, part)
    for (const slot of choice === null ? [] : membersIn(reading, choice, false).slots) if (!slots.has(slot.name)) slots.set(slot.name, slot)
  }
  return { slots: [...slots.values()], others: schema.others === 'refused' ? 'refused' : 'ignored' }
}
