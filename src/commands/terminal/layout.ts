/** Text laid out for a terminal. */

/** `1 table`, `3 tables`; `plural` for the words that do more than take an s. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`
}

/** A duration as a person reads it: `0.42 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 9_950 ? 2 : 0)} s`
}

/** Rows as columns, each as wide as its widest cell; the last one is left as it is. Widths count the text as given, so colour goes in after. */
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
