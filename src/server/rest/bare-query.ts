/** Takes the values out of the query of a list. Queries with one bare query differ only in values, so they can share one recipe. */

import { LIMITS } from '../../base/limits.ts'
import type { ConditionValue, ListValues } from '../plan/recipe.ts'
import { MAX_BARE_QUERY } from '../plan/recipes/recipes.ts'
import { decodeOrNull } from './query-string.ts'

/** A query of a list, without its values and with them. */
export interface BareQuery {
  /** The query with `?` in place of each value of a filter, a search and a cursor. The rest is as the client spelled it. */
  readonly text: string
  readonly values: ListValues
}

/** The parameters whose values are taken out, in the usual spelling. A parameter in another spelling stays in the bare query. */
const FILTERS = ['filter[', 'filter%5B'] as const
const SEARCH = 'search='
const CURSORS = ['page[after]=', 'page%5Bafter%5D='] as const

/**
 * Splits a query into its bare query and its values. The values `true` and `false` stay in the bare query, because they can be part of a
 * statement: those of booleans and of `isNull`.
 *
 * @returns null for a query that is long, malformed or unusual, which `readList` judges.
 */
export function splitBareQuery(query: string): BareQuery | null {
  const conditions: ConditionValue[] = []
  let after: string | null = null
  let search: string | null = null
  let text = ''
  // The end of the part of the query that is in `text` already.
  let copied = 0
  for (let start = 0, end = 0; start < query.length; start = end + 1) {
    end = query.indexOf('&', start)
    if (end === -1) end = query.length
    const kind = kindOf(query, start)
    if (kind === 'other') continue
    const begin = query.indexOf('=', start) + 1
    if (begin === 0 || begin > end) return null
    const raw = query.slice(begin, end)
    const isFixed = kind === 'filter' && (raw === 'true' || raw === 'false')
    const value = decodeValue(raw)
    if (value === null) return null
    // A list has one search and one cursor; `readList` refuses a second.
    if (kind === 'filter') conditions.push({ text: value, isFixed })
    else if (kind === 'search') search = value
    else after = value
    if (isFixed) continue
    text += `${query.slice(copied, begin)}?`
    copied = end
  }
  text += query.slice(copied)
  return text.length > MAX_BARE_QUERY ? null : { text, values: { conditions, after, search } }
}

function kindOf(query: string, start: number): 'filter' | 'search' | 'cursor' | 'other' {
  const begins = (name: string): boolean => query.startsWith(name, start)
  return FILTERS.some(begins) ? 'filter' : begins(SEARCH) ? 'search' : CURSORS.some(begins) ? 'cursor' : 'other'
}

/** A value, decoded as `splitQuery` decodes it. Null for one that is long, malformed or contains NUL. */
function decodeValue(raw: string): string | null {
  // A value is never longer than its encoding, so no limit of a text is exceeded.
  if (raw.length > LIMITS.filterText) return null
  const value = decodeOrNull(raw)
  return value?.includes('\u0000') ? null : value
}
