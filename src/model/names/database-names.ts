/**
 * Names in the database, derived from names of the design. The rules are few and fixed, so that an author can predict the name; `table`
 * overrides them.
 */

/** PostgreSQL keeps 63 bytes of a name and cuts the rest off in silence (NAMEDATALEN - 1). */
export const MAX_NAME_BYTES = 63

/** The length that PostgreSQL counts. */
export function byteLength(name: string): number {
  return Buffer.byteLength(name, 'utf8')
}

/** `OrderItem` → `order_item`, `userID` → `user_id`, `HTTPServer` → `http_server`, `line2Text` → `line2_text`. */
export function snakeCase(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
}

/**
 * English plural by rule: consonant + y → ies; s, x, z, ch, sh → es; else s. Irregular words follow the same rules (`person` → `persons`).
 */
export function plural(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`
  return /(s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`
}

/** The table of an entity of this name: its words, the last in the plural. */
export function tableNameFor(entity: string): string {
  const words = snakeCase(entity).split('_')
  return [...words.slice(0, -1), plural(words.at(-1) ?? '')].join('_')
}

/** The column of a field of this name; the column of a reference ends in `_id`. */
export function columnNameFor(field: string, kind: 'reference' | 'plain'): string {
  return kind === 'reference' ? `${snakeCase(field)}_id` : snakeCase(field)
}
