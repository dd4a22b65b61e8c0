/** Text laid out for a terminal. */

/** Returns a number with its noun: `1 table`, `3 tables`. `plural`: for nouns that do not just take an s. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`
}

/** Returns milliseconds as seconds: `0.42 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 9_950 ? 2 : 0)} s`
}

/**
 * Aligns rows in columns, each as wide as its widest cell; the last column is not padded. Colour codes would count as width, so add colours
 * afterwards.
 */
export function columns(rows: readonly (readonly string[])[], indent: string): readonly string[] {
  const widths: number[] = []
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length)
    })
  return rows.map((row) =>
    `${indent}${row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  ')}`.trimEnd(),
  )
}
