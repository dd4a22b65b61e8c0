/** Defaults of columns. */

import type { SketchType } from '../sketch/sketch.ts'
import { constantOf, kind, type Node, type StringNode, texts } from './tree.ts'

/** The default of a field; `counter` takes the next number of a sequence, and `other` is none that the language has. */
export type MappedDefault =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'none' }
  | { readonly kind: 'counter'; readonly sequence: string | null }
  | { readonly kind: 'other' }

const NOW: ReadonlySet<string> = new Set(['now', 'transaction_timestamp', 'statement_timestamp', 'clock_timestamp', 'getdate', 'sysdate'])
const UUIDS: ReadonlySet<string> = new Set(
  'gen_random_uuid uuid_generate_v4 uuid_generate_v1 uuid_generate_v7 uuidv7 uuidv4 uuid uuid_generate_v1mc'.split(' '),
)
const VALUE = (value: unknown): MappedDefault => ({ kind: 'value', value })

/** The default of a column of this type. */
export function mapDefault(node: Node | undefined, type: SketchType): MappedDefault {
  const cast = kind<{ readonly arg?: Node }>(node, 'TypeCast')
  if (cast !== undefined && constantOf(node) === undefined) return mapDefault(cast.arg, type)
  const called = functionOf(node)
  if (called === 'nextval') return { kind: 'counter', sequence: sequenceOf(node) }
  if (called !== null) return functionDefault(called, type)
  const array = kind<{ readonly elements?: readonly Node[] }>(node, 'A_ArrayExpr')
  if (array !== undefined) {
    const items = (array.elements ?? []).map(constantOf)
    return type.type === 'list' && items.every((item) => typeof item === 'string') ? VALUE(items) : { kind: 'other' }
  }
  const value = constantOf(node) ?? negative(node)
  if (constantOf(node) === null) return { kind: 'none' }
  return value === undefined ? { kind: 'other' } : constantDefault(value, type)
}

/** The name of a function that is called; null for another expression. */
function functionOf(node: Node | undefined): string | null {
  const current = kind<{ readonly op?: string }>(node, 'SQLValueFunction')?.op
  if (current !== undefined) return current.includes('DATE') ? 'current_date' : current.includes('TIME') ? 'now' : current.toLowerCase()
  const call = kind<{ readonly funcname?: readonly StringNode[] }>(node, 'FuncCall')
  return call === undefined ? null : (texts(call.funcname).at(-1)?.toLowerCase() ?? '')
}

/** The default that a function gives. */
export function functionDefault(name: string, { type }: SketchType): MappedDefault {
  if (type === 'timestamp' && (NOW.has(name) || name === 'current_date')) return VALUE('now()')
  if (type === 'date' && (NOW.has(name) || name === 'current_date')) return VALUE('today()')
  if ((type === 'uuid' || type === 'text') && UUIDS.has(name)) return type === 'uuid' ? VALUE('uuid()') : VALUE({ expression: 'uuid()' })
  return { kind: 'other' }
}

function sequenceOf(node: Node | undefined): string | null {
  const call = kind<{ readonly args?: readonly Node[] }>(node, 'FuncCall')
  const name = constantOf(call?.args?.[0])
  return typeof name === 'string' ? name.replace(/^public\./, '').replaceAll('"', '') : null
}

function negative(node: Node | undefined): string | undefined {
  const minus = kind<{ readonly name?: readonly StringNode[]; readonly lexpr?: Node; readonly rexpr?: Node }>(node, 'A_Expr')
  const value = minus?.lexpr === undefined && texts(minus?.name)[0] === '-' ? constantOf(minus?.rexpr) : undefined
  return typeof value === 'number' || typeof value === 'string' ? `-${value}` : undefined
}

const TRUE: ReadonlySet<unknown> = new Set([true, 't', 'true', 'y', 'yes', 'on', '1', 1])
const FALSE: ReadonlySet<unknown> = new Set([false, 'f', 'false', 'n', 'no', 'off', '0', 0])

/** The default that a constant is. */
export function constantDefault(value: string | number | boolean, given: SketchType): MappedDefault {
  const { type } = given
  switch (type) {
    case 'choice':
      return 'values' in given && Array.isArray(given.values) && given.values.includes(value) ? VALUE(value) : { kind: 'other' }
    case 'text':
    case 'enum':
      return typeof value === 'boolean' ? { kind: 'other' } : VALUE(String(value))
    case 'boolean':
      return TRUE.has(value) ? VALUE(true) : FALSE.has(value) ? VALUE(false) : { kind: 'other' }
    case 'integer':
      return Number.isSafeInteger(Number(value)) && value !== '' ? VALUE(Number(value)) : { kind: 'other' }
    case 'number':
      return Number.isFinite(Number(value)) && value !== '' ? VALUE(Number(value)) : { kind: 'other' }
    case 'decimal':
      return /^-?\d+(\.\d+)?$/.test(String(value)) ? VALUE(String(value)) : { kind: 'other' }
    case 'json':
      return ofJson(String(value))
    case 'list':
      return ofList(String(value))
    case 'timestamp':
      return value === 'now' ? VALUE('now()') : { kind: 'other' }
    case 'date':
      if (value === 'now') return VALUE('today()')
      return /^\d{4}-\d\d-\d\d$/.test(String(value)) ? VALUE(value) : { kind: 'other' }
    case 'time':
      return /^\d\d:\d\d(:\d\d)?$/.test(String(value)) ? VALUE(value) : { kind: 'other' }
    default:
      return { kind: 'other' }
  }
}

function ofJson(text: string): MappedDefault {
  try {
    const value: unknown = JSON.parse(text)
    return value === null ? { kind: 'none' } : VALUE(value)
  } catch {
    return { kind: 'other' }
  }
}

/** An array of PostgreSQL whose items need no quotes: `{a,b}`. */
function ofList(text: string): MappedDefault {
  const items = /^\{([^"{}\\]*)\}$/.exec(text)?.[1]
  if (items === undefined) return { kind: 'other' }
  return items.trim() === '' ? VALUE([]) : VALUE(items.split(',').map((item) => item.trim()))
}
