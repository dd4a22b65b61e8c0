/** Turns the options of reads by code into intents. REST and GraphQL make the same intents of queries and arguments. */

import { isObject } from '../../base/is-object.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Entity } from '../../model/model.ts'
import {
  EVERYTHING,
  FILTER_OPS,
  type FilterOp,
  type FilterTree,
  type ListIntent,
  type RowsNames,
  type Selection,
  type SortInput,
} from '../plan/intent.ts'

const NAMES: RowsNames = { filter: 'filter', expression: 'filter', sort: 'sort', after: 'after' }

/** Rows of a list unless `limit` is given, and at most. */
const ROWS = { default: 100, max: 1_000 } as const

const READ_OPTIONS = ['filter', 'sort', 'include'] as const

/** The intent of a list. @throws TypeError for options that no list has. */
export function listIntentOf(entity: Entity, options: unknown, most: 'one' | 'many'): ListIntent {
  const given = optionsOf(options, most === 'one' ? READ_OPTIONS : [...READ_OPTIONS, 'limit'])
  return { ...rowsOf(entity, given), size: most === 'one' ? 1 : limitOf(given.limit), selection: selectionOf(given.include) }
}

/** The intent that counts rows. @throws TypeError for options that a count does not have. */
export function countIntentOf(entity: Entity, options: unknown): ListIntent {
  const given = optionsOf(options, ['filter'])
  return { ...rowsOf(entity, given), count: true, size: 1, selection: { fields: ['id'], include: new Map() } }
}

/** The selection of a get. @throws TypeError for options that a get does not have. */
export function getSelectionOf(options: unknown): Selection {
  return selectionOf(optionsOf(options, ['include']).include)
}

/** The version that `ifVersion` names; null for any. @throws TypeError for other options. */
export function versionsOf(options: unknown): readonly number[] | null {
  const { ifVersion } = optionsOf(options, ['ifVersion'])
  if (ifVersion === undefined) return null
  if (typeof ifVersion !== 'number') throw new TypeError('ifVersion is the version of a row')
  return [ifVersion]
}

function optionsOf(options: unknown, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (options === undefined) return {}
  if (!isObject(options)) throw new TypeError(`the options are an object with ${known.join(', ')}`)
  for (const name of Object.keys(options))
    if (!known.includes(name)) throw new TypeError(`there is no option ${JSON.stringify(name)}; there are ${known.join(', ')}`)
  return options
}

function rowsOf(entity: Entity, { filter, sort }: Readonly<Record<string, unknown>>): ListIntent {
  const tree = filter === undefined ? [] : [filterOf(filter, 'filter')]
  return {
    kind: 'list',
    entity,
    names: NAMES,
    conditions: [],
    expressions: [],
    trees: tree,
    sort: sortOf(sort),
    after: null,
    search: null,
    size: 1,
    count: false,
    selection: EVERYTHING,
  }
}

function limitOf(limit: unknown): number {
  if (limit === undefined) return ROWS.default
  if (typeof limit === 'number' && Number.isInteger(limit) && limit >= 1 && limit <= ROWS.max) return limit
  throw new TypeError(`limit is a whole number from 1 to ${ROWS.max}`)
}

function sortOf(sort: unknown): readonly SortInput[] {
  const keys = textsOf('sort', sort).map((key) =>
    key.startsWith('-') ? { name: key.slice(1), descending: true } : { name: key, descending: false },
  )
  if (keys.length > LIMITS.sortKeys) throw new TypeError(`sort has at most ${LIMITS.sortKeys} keys`)
  return keys
}

function selectionOf(include: unknown): Selection {
  const paths = textsOf('include', include)
  if (paths.length > LIMITS.includes) throw new TypeError(`include has at most ${LIMITS.includes} relations`)
  return paths.length === 0 ? EVERYTHING : { fields: null, include: including(paths.map((path) => path.split('.'))) }
}

function including(paths: readonly (readonly string[])[]): ReadonlyMap<string, Selection> {
  const byName = Map.groupBy(paths, ([name = '']) => name)
  return new Map(
    [...byName].map(([name, all]) => {
      const deeper = all.map((path) => path.slice(1)).filter((path) => path.length > 0)
      return [name, { fields: null, include: including(deeper) }]
    }),
  )
}

function textsOf(option: string, value: unknown): readonly string[] {
  if (value === undefined) return []
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
  throw new TypeError(`${option} is a list of names`)
}

function filterOf(filter: unknown, at: string): FilterTree {
  if (!isObject(filter)) throw new TypeError(`${at} is an object with conditions`)
  const of = Object.entries(filter).flatMap(([name, value]): readonly FilterTree[] => {
    if (value === undefined) return []
    const inner = `${at}.${name}`
    if (name === 'and' || name === 'or') {
      if (!Array.isArray(value)) throw new TypeError(`${inner} is a list of filters`)
      return [{ kind: name === 'and' ? 'all' : 'any', of: value.map((one, i) => filterOf(one, `${inner}.${i}`)) }]
    }
    if (name === 'not') return [{ kind: 'not', of: filterOf(value, inner) }]
    return conditionsOf(name.split('.'), value, inner)
  })
  return { kind: 'all', of }
}

function conditionsOf(path: readonly string[], value: unknown, parameter: string): readonly FilterTree[] {
  if (path.length - 1 > LIMITS.relationDepth) throw new TypeError(`${parameter} follows at most ${LIMITS.relationDepth} references`)
  const condition = (op: FilterOp, text: string | readonly string[]): FilterTree => ({
    kind: 'condition',
    condition: { parameter, path, op, value: text },
  })
  if (value === null) return [condition('isNull', 'true')]
  if (!isObject(value) || value instanceof Date) return [condition('eq', textOf(value, parameter))]
  return Object.entries(value).flatMap(([op, operand]) => {
    if (!isFilterOp(op)) throw new TypeError(`${parameter} has no operator ${JSON.stringify(op)}; there are ${FILTER_OPS.join(', ')}`)
    if (operand === undefined) return []
    const at = `${parameter}.${op}`
    return [condition(op, op === 'in' || op === 'nin' ? itemsOf(operand, at) : textOf(operand, at))]
  })
}

function isFilterOp(op: string): op is FilterOp {
  return (FILTER_OPS as readonly string[]).includes(op)
}

function itemsOf(value: unknown, at: string): readonly string[] {
  if (!Array.isArray(value)) throw new TypeError(`${at} is a list of values`)
  return value.map((item) => textOf(item, at))
}

/** A value as text, as in a query string. The type of the field reads the text. */
function textOf(value: unknown, at: string): string {
  if (!(value instanceof Date) && !['string', 'number', 'bigint', 'boolean'].includes(typeof value))
    throw new TypeError(`${at} is a text, a number, a boolean or a Date`)
  const text = value instanceof Date ? value.toISOString() : String(value)
  if (text.includes('\u0000')) throw new TypeError(`${at} must not hold NUL`)
  return text
}
