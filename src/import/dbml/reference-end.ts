/** The ends of references in DBML. */

import type { Token } from '../text/tokens.ts'

/** One end of a reference: a table and its columns. */
export interface End {
  readonly table: string
  readonly columns: readonly string[]
}

/** `users.id`, `public.users.id` or `users.(a, b)`; null for anything else. */
export function endOf(tokens: readonly Token[], aliases: ReadonlyMap<string, string>): End | null {
  const words = tokens.filter(({ kind }) => kind === 'word' || kind === 'text').map(({ value }) => value)
  const open = tokens.findIndex(({ kind, value }) => kind === 'sign' && value === '(')
  const count = open < 0 ? 1 : tokens.slice(open).filter(({ kind }) => kind === 'word' || kind === 'text').length
  const table = words.slice(0, -count).filter((word, i) => i > 0 || word !== 'public' || words.length - count === 1)
  if (table.length === 0 || words.length <= count) return null
  const name = table.join('.')
  return { table: aliases.get(name) ?? name, columns: words.slice(-count) }
}
