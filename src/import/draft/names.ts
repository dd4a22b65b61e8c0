/** Names of a design, from the names of other formats. */

import { capital } from '../../base/capital.ts'
import { byteLength, MAX_NAME_BYTES, plural } from '../../model/names/database-names.ts'
import { asMemberName, RESERVED_ENTITIES, RESERVED_MEMBERS, SYSTEM_FIELDS } from '../../model/names/derived-names.ts'

/** Nouns whose plural no rule finds. */
const IRREGULAR: Readonly<Record<string, string>> = {
  people: 'person',
  children: 'child',
  men: 'man',
  women: 'woman',
  mice: 'mouse',
  indices: 'index',
  indexes: 'index',
  matrices: 'matrix',
  vertices: 'vertex',
  analyses: 'analysis',
  movies: 'movie',
  cookies: 'cookie',
  caches: 'cache',
  databases: 'database',
}
/** Words that end in s in the singular, or are the same in the plural. */
const SINGULAR =
  /(?:ss|us|is|news|series|species|data|media|alias|gps|sms|dns|aws|css|https?|canvas|atlas|sales|settings|details|metrics)$/i

/** The singular of an English noun: `categories` → `category`, `statuses` → `status`. A noun in the singular is returned as it is. */
export function singular(word: string): string {
  const lower = word.toLowerCase()
  if (Object.hasOwn(IRREGULAR, lower)) return sameCase(word, IRREGULAR[lower] ?? word)
  if (SINGULAR.test(word)) return word
  if (/[^aeiou]ies$/i.test(word) && word.length > 4) return `${word.slice(0, -3)}${/S$/.test(word) ? 'Y' : 'y'}`
  if (/(?:ss|x|z|ch|sh|us|as)es$/i.test(word) && !/(?:cas|bas|phas|purchas|databas|leas|releas)es$/i.test(word)) return word.slice(0, -2)
  return /[^s]s$/i.test(word) && word.length > 2 ? word.slice(0, -1) : word
}

function sameCase(like: string, word: string): string {
  return /^[A-Z]/.test(like) ? capital(word) : word
}

/** `CUSTOMER_ID` → `customerId`, `AlbumId` → `albumId`, `HTTPServer` → `httpServer`, `user-id` → `userId`. Always a possible name. */
export function memberName(name: string): string {
  const words = /[a-z]/.test(name) ? name : name.toLowerCase()
  const started = words.replace(/^[^A-Za-z0-9]*([A-Z]+)(?=[A-Z][a-z]|[^A-Za-z]|$)/, (_, start: string) => start.toLowerCase())
  const member = asMemberName(started)
  return RESERVED_MEMBERS.has(member) ? `${member}Value` : member
}

/** The name of an entity: its words, the last in the singular. `order_items` → `OrderItem`. Always a possible name. */
export function entityName(name: string): string {
  const member = asMemberName(/[a-z]/.test(name) ? name : name.toLowerCase())
  const [, start = '', last = ''] = /^(.*?)([A-Z]?[a-z0-9]*)$/.exec(member) ?? []
  const entity = capital(`${start}${singular(last)}`)
  return RESERVED_ENTITIES.has(entity) ? `${entity}Entity`.slice(0, MAX_NAME_BYTES) : entity
}

/** The to-many relation of an entity: `OrderItem` → `orderItems`. */
export function relationName(entity: string): string {
  const [, start = '', last = ''] = /^(.*?)([A-Z][a-z0-9]*)$/.exec(entity) ?? [undefined, '', entity]
  return memberName(`${start}${capital(plural(last.toLowerCase()))}`)
}

/** The first of `name`, `name2`, `name3`, … that is free. It is then taken. */
export function untakenName(name: string, taken: Set<string>): string {
  for (let n = 1; ; n++) {
    const end = n === 1 ? '' : String(n)
    const candidate = `${byteLength(name) + end.length > MAX_NAME_BYTES ? name.slice(0, MAX_NAME_BYTES - end.length) : name}${end}`
    if (taken.has(candidate)) continue
    taken.add(candidate)
    return candidate
  }
}

/** The fields of every entity that Plinth maintains, and its id. */
const MAINTAINED: ReadonlySet<string> = new Set(['id', ...SYSTEM_FIELDS])

/** A name that Plinth does not use itself: `version` → `versionValue`. */
export function ownName(name: string): string {
  return MAINTAINED.has(name) ? `${name}Value` : name
}
