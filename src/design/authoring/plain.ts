/**
 * Copies a design to plain data. A TypeScript module may export anything: getters that throw, class instances, cycles and Proxies become
 * findings. All later steps see only plain objects, arrays, text, numbers, booleans, null and functions.
 */

import type { Report } from '../findings/report.ts'
import { quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'

/** A value of a design. */
export type Plain = null | string | number | boolean | PlainCode | readonly Plain[] | PlainObject
/** An object of a design. */
export type PlainObject = { readonly [key: string]: Plain }
/** A function of the design. It is kept and never called. */
type PlainCode = (...args: never[]) => unknown

/** The most levels of a design. */
export const MAX_DEPTH = 40
/** The most values of a design, aliases written out. */
export const MAX_VALUES = 200_000

/** Names with a special meaning in JavaScript objects. They are refused as keys of a design. */
export const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

interface Copying {
  readonly report: Report
  values: number
  stopped: boolean
}

/** Copies a value; undefined when nothing of it can be used, and the report says why. Never throws. */
export function toPlain(value: unknown, report: Report): Plain | undefined {
  const state = { report, values: 0, stopped: false }
  const plain = copy(value, [], state)
  return state.stopped ? undefined : plain
}

function copy(value: unknown, path: Path, state: Copying): Plain | undefined {
  if (state.stopped) return undefined
  if (path.length > MAX_DEPTH) return stop(state, 'PLN-D012', path.slice(0, 3), `nested more than ${MAX_DEPTH} levels deep, or in a circle`)
  if (++state.values > MAX_VALUES) return stop(state, 'PLN-D013', [], `more than ${MAX_VALUES} values`)
  switch (typeof value) {
    case 'string':
      return checkedText(value, path, state)
    case 'number':
      if (Number.isFinite(value)) return value
      return refuse(state, path, `${value} is not a value that JSON can hold`)
    case 'boolean':
      return value
    case 'function':
      return value as PlainCode
    case 'object':
      return value === null ? null : copyObject(value, path, state)
    default:
      return refuse(state, path, `a ${value === undefined ? 'hole in a list' : typeof value} is not plain data`)
  }
}

/** NUL and lone surrogates cannot be stored by PostgreSQL or sent as JSON. */
function checkedText(value: string, path: Path, state: Copying): string | undefined {
  if (!value.includes('\u0000') && value.isWellFormed()) return value
  return refuse(state, path, 'text with a NUL or half a surrogate pair')
}

function copyObject(value: object, path: Path, state: Copying): Plain | undefined {
  try {
    if (Array.isArray(value)) return copyList(value, path, state)
    const prototype = Object.getPrototypeOf(value)
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      const name = String(value.constructor?.name)
      return refuse(state, path, name === 'Promise' ? 'a promise; await it' : `an instance of ${quote(name)} is not plain data`)
    }
    return copyEntries(value, path, state)
  } catch (error) {
    return refuse(state, path, `reading it throws: ${quote(error instanceof Error ? error.message : 'no error')}`)
  }
}

function copyList(value: readonly unknown[], path: Path, state: Copying): Plain | undefined {
  if (value.length > MAX_VALUES) return stop(state, 'PLN-D013', path, `more than ${MAX_VALUES} values`)
  const items: Plain[] = []
  for (let i = 0; i < value.length; i++) {
    const item = copy(value[i], [...path, i], state)
    if (item !== undefined) items.push(item)
  }
  return items
}

function copyEntries(value: object, path: Path, state: Copying): PlainObject {
  const entries: Record<string, Plain> = {}
  for (const key of Object.keys(value)) {
    if (state.stopped) break
    const item = (value as Record<string, unknown>)[key]
    if (item === undefined) continue
    if (PROTOTYPE_KEYS.has(key)) {
      state.report.add('PLN-D010', [...path, key], `the key ${quote(key)} is not allowed`, 'choose another name')
      continue
    }
    const plain = copy(item, [...path, key], state)
    if (plain !== undefined) entries[key] = plain
  }
  return entries
}

function refuse(state: Copying, path: Path, message: string): undefined {
  state.report.add('PLN-D021', path, message)
  return undefined
}

function stop(state: Copying, code: 'PLN-D012' | 'PLN-D013', path: Path, message: string): undefined {
  state.stopped = true
  state.report.add(code, path, message)
  return undefined
}
