/** What a renamed entity or field was called in the database, likeliest first: by the rule for names, or, where `table` had overridden it, as written. */

/** Of a former entity name. */
export function formerTables(was: string): readonly string[] {
  return [...new Set([plural(snakeCase(was)), was])]
}

/** Of a former field name; the column of a reference ends in `_id`. */
export function formerColumns(was: string, kind: 'reference' | 'plain'): readonly string[] {
  const column = snakeCase(was)
  return [...new Set(kind === 'reference' ? [`${column}_id`, column, was] : [column, was])]
}

function snakeCase(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
}

function plural(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`
  return /(s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`
}
