/** Replaces the values of a person in a text. */

import { isObject } from '../../base/is-object.ts'
import { isExactNumber, parseJson } from '../../base/number/exact-json.ts'

/** What stands in place of a value. */
export const ERASED = '[erased]'

/** Replaces the values in a text, or in JSON. */
export interface ValueReplacer {
  /** The text without the values; the same text if it has none. */
  readonly inText: (text: string) => string
  /** The same in all texts, names and numbers of a JSON text; as a plain text if it is not JSON. */
  readonly inJson: (text: string) => string
  /** Patterns of LIKE: a text with a value fits at least one of them, and others may fit too. */
  readonly patterns: readonly string[]
}

/** Makes a replacer. A value counts as a whole word, in any case, and also as a part of an address (`ann%40example.com`). */
export function replacerOf(values: readonly string[]): ValueReplacer {
  const spellings = [...new Set(values.flatMap((value) => [value, encoded(value)]))].sort((a, b) => b.length - a.length)
  const words = spellings.map((spelling) => spelling.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|')
  const known = spellings.length === 0 ? null : new RegExp(`(?<![\\p{L}\\p{N}])(?:${words})(?![\\p{L}\\p{N}])`, 'giu')
  const inText = (text: string): string => (known === null ? text : text.replaceAll(known, ERASED))
  const numbers = new Set(values)
  const inJson = (text: string): string => {
    let parsed: unknown
    try {
      parsed = parseJson(text)
    } catch {
      return inText(text)
    }
    const changed = replaceIn(parsed, { inText, isKnown: (number) => numbers.has(number) })
    return changed === parsed ? text : JSON.stringify(changed)
  }
  return { inText, inJson, patterns: patternsOf(spellings) }
}

function encoded(value: string): string {
  try {
    return encodeURIComponent(value)
  } catch {
    return value
  }
}

/** The value as it is, and as JSON has it within quotes. A text with an escaped character may spell any value, so it fits too. */
function patternsOf(spellings: readonly string[]): readonly string[] {
  if (spellings.length === 0) return []
  const texts = new Set(spellings.flatMap((spelling) => [spelling, JSON.stringify(spelling).slice(1, -1)]))
  return [...[...texts].map((text) => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`), '%\\\\u____%']
}

interface Replacing {
  readonly inText: (text: string) => string
  readonly isKnown: (number: string) => boolean
}

/** The value without those of the person; the same value if it has none. */
function replaceIn(value: unknown, replacing: Replacing): unknown {
  if (typeof value === 'string') return replacing.inText(value)
  if (typeof value === 'number') return replacing.isKnown(String(value)) ? null : value
  if (isExactNumber(value)) return replacing.isKnown(value.rawJSON) ? null : value
  if (Array.isArray(value)) {
    const items = value.map((item) => replaceIn(item, replacing))
    return items.some((item, i) => item !== value[i]) ? items : value
  }
  if (!isObject(value)) return value
  const members = Object.entries(value).map(([name, member]) => [replacing.inText(name), replaceIn(member, replacing)] as const)
  return members.some(([name, member]) => !Object.hasOwn(value, name) || value[name] !== member) ? Object.fromEntries(members) : value
}
