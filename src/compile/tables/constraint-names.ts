/** Names of constraints and indexes: the same design gives the same names, all different and none too long for PostgreSQL. */

import { createHash } from 'node:crypto'
import { byteLength, MAX_NAME_BYTES } from '../../model/names/database-names.ts'

/** An object that needs a name. `words` are the table, the columns and a suffix; together they identify the object within its schema. */
export interface NameWish {
  readonly words: readonly string[]
}

/**
 * Makes one name for each object: its words joined by `_`. A name that is too long, is in `taken`, or is the same for two objects ends in a
 * hash of its words instead. All objects with the same name get a hash, not only the later ones, so that no name depends on the order of
 * the design.
 */
export function assignNames<W extends NameWish>(wishes: readonly W[], taken: Iterable<string>): ReadonlyMap<W, string> {
  const wanted = new Map<string, number>()
  for (const name of taken) wanted.set(name, 1)
  for (const wish of wishes) {
    const name = wish.words.join('_')
    wanted.set(name, (wanted.get(name) ?? 0) + 1)
  }
  const names = new Map<W, string>()
  for (const wish of wishes) {
    const name = wish.words.join('_')
    const free = wanted.get(name) === 1 && byteLength(name) <= MAX_NAME_BYTES
    names.set(wish, free ? name : hashed(wish.words))
  }
  return names
}

/** The words with a hash at the end, within the limit. The front is shortened; the last word, which names the kind, stays. */
function hashed(words: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 8)
  const tail = `_${hash}_${words.at(-1) ?? ''}`
  return cut(words.slice(0, -1).join('_'), MAX_NAME_BYTES - byteLength(tail)) + tail
}

/** The longest beginning of `text` within `bytes` of UTF-8 that splits no character. */
function cut(text: string, bytes: number): string {
  let length = 0
  let kept = ''
  for (const character of text) {
    length += byteLength(character)
    if (length > bytes) break
    kept += character
  }
  return kept
}
