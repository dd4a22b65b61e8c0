/** Reads the query string of a request. It is strict: a parameter that the operation does not have is refused, never ignored. */

import { type Failure, failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import { suggest } from '../../base/suggest.ts'
import { type BoundValues, withBound } from '../../design/expression/scope.ts'
import {
  type Condition,
  FILTER_OPS,
  type FilterOp,
  type ListInput,
  type RowsNames,
  type Selection,
  type SortInput,
} from '../plan/intent.ts'

const READ_PARAMETERS = ['fields', 'include'] as const
const LIST_PARAMETERS = [...READ_PARAMETERS, 'filter', 'sort', 'page[size]', 'page[after]', 'search', 'count'] as const

/** The names of the parameters of a list in a query string. */
export const REST_NAMES: RowsNames = { filter: 'filter', expression: 'filter', sort: 'sort', after: 'page[after]' }

type Parameters = readonly (readonly [name: string, value: string])[]

/**
 * Splits a query string (without the `?`) into its parameters, in order.
 *
 * @throws Failure `malformed_request` for a broken percent encoding or too many parameters.
 */
export function splitQuery(query: string): Parameters {
  if (query === '') return []
  const pieces = query.split('&')
  if (pieces.length > LIMITS.parameters)
    throw failure('malformed_request', { what: `a query may have at most ${LIMITS.parameters} parameters` })
  return pieces
    .filter((piece) => piece !== '')
    .map((piece) => {
      const equals = piece.indexOf('=')
      return equals < 0 ? [decode(piece), ''] : [decode(piece.slice(0, equals)), decode(piece.slice(equals + 1))]
    })
}

function decode(text: string): string {
  const decoded = decodeOrNull(text)
  if (decoded === null) throw failure('malformed_request', { what: 'the query has a broken percent encoding' })
  return decoded
}

/** Decodes a name or a value of a query. Null for a broken percent encoding. */
export function decodeOrNull(text: string): string | null {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return null
  }
}

/** Reads the selection of a get or a write. @throws Failure for any other parameter. */
export function readSelection(parameters: Parameters): Selection {
  for (const [name] of parameters) if (!isSelection(name)) throw unknown(name, READ_PARAMETERS)
  return selectionOf(parameters)
}

/** Refuses all parameters. @throws Failure `unknown_parameter`. */
export function readNothing(parameters: Parameters): void {
  const [first] = parameters
  if (first !== undefined) throw unknown(first[0], [])
}

/**
 * Reads the parameters of a list. `bound` has the values of words in its filters.
 *
 * @throws Failure for unknown, repeated or malformed parameters.
 */
export function readList(parameters: Parameters, bound: BoundValues = new Map()): ListInput {
  const conditions: Condition[] = []
  const expressions: string[] = []
  for (const [name, value] of parameters) {
    if (name === 'filter') expressions.push(value)
    else if (name.startsWith('filter[')) conditions.push(readCondition(name, value, bound))
    else if (!isSelection(name) && !(LIST_PARAMETERS as readonly string[]).includes(name)) throw unknown(name, LIST_PARAMETERS)
  }
  if (conditions.length + expressions.length > LIMITS.filterConditions) {
    throw failure('invalid_parameter', { name: 'filter', why: `at most ${LIMITS.filterConditions} conditions` })
  }
  const search = single(parameters, 'search')
  if (search !== null && search.length > LIMITS.filterText)
    throw failure('invalid_parameter', { name: 'search', why: `at most ${LIMITS.filterText} characters` })
  if (search?.includes('\u0000')) throw failure('invalid_parameter', { name: 'search', why: 'must not hold NUL' })
  return {
    names: REST_NAMES,
    conditions,
    expressions,
    ...(bound.size === 0 ? {} : { bound }),
    sort: readSort(single(parameters, 'sort')),
    size: readSize(single(parameters, 'page[size]')),
    after: readAfter(single(parameters, REST_NAMES.after)),
    search,
    count: readFlag('count', single(parameters, 'count')),
    selection: selectionOf(parameters),
  }
}

const PAGING_PARAMETERS = ['page[size]', 'page[after]'] as const

/** Reads where a page begins and how long it is. @throws Failure for any other parameter, and for repeated or malformed ones. */
export function readPaging(parameters: Parameters): { readonly size: number; readonly after: string | null } {
  const other = parameters.find(([name]) => !PAGING_PARAMETERS.some((known) => known === name))
  if (other !== undefined) throw unknown(other[0], PAGING_PARAMETERS)
  return { size: readSize(single(parameters, 'page[size]')), after: readAfter(single(parameters, REST_NAMES.after)) }
}

function isSelection(name: string): boolean {
  return name === 'fields' || name === 'include' || /^fields\[[^[\]]+\]$/.test(name)
}

function readCondition(name: string, text: string, bound: BoundValues): Condition {
  const match = /^filter\[([^[\]]+)\](?:\[([^[\]]*)\])?$/.exec(name)
  if (match === null) throw failure('invalid_parameter', { name, why: 'write filter[field]=value or filter[field][op]=value' })
  const [, path = '', op = 'eq'] = match
  if (!isFilterOp(op)) {
    const near = suggest(op, FILTER_OPS)
    throw failure('invalid_parameter', {
      name,
      why: `no operator ${JSON.stringify(op.slice(0, 40))}${near === undefined ? `; there are ${FILTER_OPS.join(', ')}` : `, did you mean ${near}?`}`,
    })
  }
  const value = withBound(text, bound)
  if (op !== 'in' && op !== 'nin' && value.length > LIMITS.filterText)
    throw failure('invalid_parameter', { name, why: `at most ${LIMITS.filterText} characters` })
  // A bound value is one item, even if it contains commas.
  const items = (op === 'in' || op === 'nin') && value !== text ? text.split(',').map((item) => withBound(item, bound)) : value
  return { parameter: name, path: splitPath(name, path), op, value: items }
}

function isFilterOp(op: string): op is FilterOp {
  return (FILTER_OPS as readonly string[]).includes(op)
}

function readSort(text: string | null): readonly SortInput[] {
  if (text === null) return []
  const keys = text
    .split(',')
    .map((key) => (key.startsWith('-') ? { name: key.slice(1), descending: true } : { name: key, descending: false }))
  if (keys.length > LIMITS.sortKeys) throw failure('invalid_parameter', { name: 'sort', why: `at most ${LIMITS.sortKeys} keys` })
  if (keys.some((k) => k.name === ''))
    throw failure('invalid_parameter', { name: 'sort', why: 'write names separated by commas, with - for descending' })
  if (new Set(keys.map((k) => k.name)).size < keys.length) throw failure('invalid_parameter', { name: 'sort', why: 'each name once' })
  return keys
}

function readSize(text: string | null): number {
  if (text === null) return LIMITS.pageSizeDefault
  const size = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN
  if (!(size <= LIMITS.pageSizeMax))
    throw failure('invalid_parameter', { name: 'page[size]', why: `a whole number from 1 to ${LIMITS.pageSizeMax}` })
  return size
}

/** Reads `page[after]`. A cursor over the limit is refused; no answer contains one. @throws Failure `invalid_cursor`. */
function readAfter(text: string | null): string | null {
  if (text !== null && text.length > LIMITS.cursor) throw failure('invalid_cursor', { name: REST_NAMES.after })
  return text
}

function readFlag(name: string, text: string | null): boolean {
  if (text === null || text === 'false') return false
  if (text === 'true') return true
  throw failure('invalid_parameter', { name, why: 'true or false' })
}

interface OpenSelection {
  fields: string[] | null
  readonly include: Map<string, OpenSelection>
}

const EVERY_FIELD: Selection = { fields: null, include: new Map() }

function selectionOf(parameters: Parameters): Selection {
  if (parameters.length === 0) return EVERY_FIELD
  const root: OpenSelection = { fields: null, include: new Map() }
  const include = single(parameters, 'include')
  const paths = include === null ? [] : include.split(',')
  if (paths.length > LIMITS.includes) throw failure('invalid_parameter', { name: 'include', why: `at most ${LIMITS.includes} relations` })
  for (const path of paths) {
    let at = root
    for (const name of splitPath('include', path)) {
      let next = at.include.get(name)
      if (next === undefined) {
        next = { fields: null, include: new Map() }
        at.include.set(name, next)
      }
      at = next
    }
  }
  for (const [name] of parameters) {
    const path = /^fields(?:\[([^[\]]+)\])?$/.exec(name)
    if (path !== null) openAt(root, name, path[1]).fields = readFields(name, single(parameters, name) ?? '')
  }
  return root
}

function openAt(root: OpenSelection, parameter: string, path: string | undefined): OpenSelection {
  let at = root
  for (const name of path === undefined ? [] : splitPath(parameter, path)) {
    const next = at.include.get(name)
    if (next === undefined) throw failure('invalid_parameter', { name: parameter, why: 'these rows are not included; add them to include' })
    at = next
  }
  return at
}

function readFields(parameter: string, text: string): string[] {
  const names = text.split(',')
  if (names.some((n) => n === '')) throw failure('invalid_parameter', { name: parameter, why: 'write names separated by commas' })
  return [...new Set(names)]
}

function splitPath(parameter: string, path: string): readonly string[] {
  const names = path.split('.')
  if (names.some((n) => n === '')) throw failure('invalid_parameter', { name: parameter, why: 'write a name, or names joined by dots' })
  const depth = parameter === 'include' ? names.length : names.length - 1
  if (depth > LIMITS.relationDepth)
    throw failure('invalid_parameter', { name: parameter, why: `at most ${LIMITS.relationDepth} relations deep` })
  return names
}

function single(parameters: Parameters, name: string): string | null {
  const found = parameters.filter(([n]) => n === name)
  if (found.length > 1) throw failure('invalid_parameter', { name, why: 'given more than once' })
  return found[0]?.[1] ?? null
}

/** What no name of a parameter has, and the rest of a filter does that was cut at an `&`. */
const OF_A_FILTER = /^\s|\s$|[<>!("]/

function unknown(name: string, known: readonly string[]): Failure {
  return failure('unknown_parameter', { name, hint: hintFor(name, known) })
}

function hintFor(name: string, known: readonly string[]): string {
  if (known.length === 0) return '; this address takes none'
  if (OF_A_FILTER.test(name)) return '; "&" begins the next parameter, so send the && of a filter as %26%26'
  const near = suggest(name, known)
  return near === undefined ? `; there are ${known.join(', ')}` : `, did you mean ${near}?`
}
