/** Text laid out for a terminal. */

/** Returns a number with its noun: `1 table`, `3 tables`. `plural`: for nouns that do not just take an s. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`
}

/** Returns milliseconds as seconds: `0.42 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 9_950 ? 2 : 0)} s`
}

/** A text of others, with spaces for control characters other than line ends, and for those that turn the direction of text. */
export function plainText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is left out
  return text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ')
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
