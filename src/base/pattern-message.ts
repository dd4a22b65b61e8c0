/** Patterns of a design in words. */

/** The conditions that patterns for passwords are commonly put together from, in words. */
const CONDITIONS: ReadonlyMap<string, string> = new Map([
  ['(?=.*[a-z])', 'a lower-case letter'],
  ['(?=.*[A-Z])', 'an upper-case letter'],
  ['(?=.*[a-zA-Z])', 'a letter'],
  ['(?=.*[A-Za-z])', 'a letter'],
  ['(?=.*\\d)', 'a digit'],
  ['(?=.*[0-9])', 'a digit'],
  ['(?=.*[^A-Za-z0-9])', 'a character that is neither letter nor digit'],
  ['(?=.*[^a-zA-Z0-9])', 'a character that is neither letter nor digit'],
  ['(?=.*\\W)', 'a punctuation mark or a space'],
  ['(?=.*[\\W_])', 'a punctuation mark or a space'],
])

/** What a text that does not match a pattern of the design lacks: in words when the pattern is made of common conditions, else the pattern as it stands. */
export function patternMessage(pattern: string, text: string): string {
  const missing: string[] = []
  let rest = pattern.replace(/^\^/, '')
  for (;;) {
    const next = [...CONDITIONS].find(([condition]) => rest.startsWith(condition))
    if (next === undefined) break
    const [condition, words] = next
    if (!new RegExp(`^${condition}`, 'u').test(text)) missing.push(words)
    rest = rest.slice(condition.length)
  }
  return missing.length === 0 ? `must match ${pattern}` : `must contain ${inWords(missing)}`
}

function inWords(items: readonly string[]): string {
  const last = items.at(-1) ?? ''
  return items.length === 1 ? last : `${items.slice(0, -1).join(', ')} and ${last}`
}
