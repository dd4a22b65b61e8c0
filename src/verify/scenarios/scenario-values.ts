/** Values of scenarios: times beside the clock, names of rows for their ids, and the comparison with what was answered. */

import { isObject } from '../../base/is-object.ts'
import { type Entity, entityNamed, type Model } from '../../model/model.ts'
import type { ScenarioValues } from '../../model/parts/scenario.ts'

/** The rows of a scenario that are known by name. */
export type KnownRows = ReadonlyMap<string, { readonly entity: string; readonly id: string | number }>

/** What values are made with. */
export interface ValueContext {
  readonly model: Model
  readonly rows: KnownRows
  /** The time at which the scenario begins. */
  readonly now: Date
}

const TIME = /^(now|today)\(\)(?:\s*([+-])\s*duration\("(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?"\))?$/

/** A time such as `now() + duration("2h")`; null for any other text. */
export function timeOf(text: string, now: Date): string | null {
  const [whole, from, sign, hours = '0', minutes = '0', seconds = '0'] = TIME.exec(text) ?? []
  if (whole === undefined) return null
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000 * (sign === '-' ? -1 : 1)
  const at = new Date(now.getTime() + ms).toISOString()
  return from === 'today' ? at.slice(0, 10) : at
}

/** The values as a row or a request has them: ids for names of rows in references, and times. */
export function sentValues(entity: Entity, values: ScenarioValues, context: ValueContext): ScenarioValues {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const type = entity.fields.find((field) => field.name === name)?.type
      const relation = entity.relations.find((one) => one.name === name)
      if (relation !== undefined) return [name, nested(entityNamed(context.model, relation.entity), value, context)]
      return [name, sentValue(value, type?.kind === 'ref' ? type.entity : null, context)]
    }),
  )
}

/** One value. @param refersTo the entity to which it refers; null for no reference. */
export function sentValue(value: unknown, refersTo: string | null, { rows, now }: ValueContext): unknown {
  if (typeof value !== 'string') return value
  const row = rows.get(value)
  if (refersTo !== null) return row?.entity === refersTo ? row.id : value
  return timeOf(value, now) ?? value
}

function nested(entity: Entity, value: unknown, context: ValueContext): unknown {
  if (Array.isArray(value)) return value.map((one) => nested(entity, one, context))
  return isObject(value) ? sentValues(entity, value, context) : value
}

/** What differs between a part of an answer and the answer, with its place; null if nothing does. */
export function partDiffers(wanted: unknown, is: unknown, context: ValueContext, at = ''): string | null {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(is)) return `${placed(at)} is ${shown(is)}, expected a list`
    if (is.length !== wanted.length) return `${placed(at)} has ${is.length} items, expected ${wanted.length}`
    return firstOf(wanted.map((one, i) => partDiffers(one, is[i], context, `${at}/${i}`)))
  }
  if (isObject(wanted)) {
    if (!isObject(is)) return `${placed(at)} is ${shown(is)}, expected an object`
    return firstOf(Object.entries(wanted).map(([key, one]) => partDiffers(one, is[key], context, `${at}/${key}`)))
  }
  return isEqual(wanted, is, context) ? null : `${placed(at)} is ${shown(is)}, expected ${shown(wanted)}`
}

function firstOf(problems: readonly (string | null)[]): string | null {
  return problems.find((one) => one !== null) ?? null
}

function isEqual(wanted: unknown, is: unknown, { rows, now }: ValueContext): boolean {
  if (wanted === is || (wanted === null && is === undefined)) return true
  // Decimals are texts in answers.
  if (typeof wanted === 'number') return typeof is === 'string' && /^-?\d+(?:\.\d+)?$/.test(is) && Number(is) === wanted
  if (typeof wanted !== 'string') return false
  if (rows.get(wanted)?.id === is) return true
  const time = timeOf(wanted, now) ?? wanted
  if (time === is) return true
  return isTime(time) && typeof is === 'string' && isTime(is) && Date.parse(time) === Date.parse(is)
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text)
}

function placed(at: string): string {
  return at === '' ? 'the answer' : at
}

/** The most characters of a value in a message. */
const LONGEST = 80

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'not there'
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
