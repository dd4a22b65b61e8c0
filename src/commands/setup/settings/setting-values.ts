/** The values of settings, as the rest of the program uses them. */

/** The entries of a list with commas between them. */
export function proxiesOf(value: string): readonly string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** A number of things a minute; null for no limit. */
export function rateOf(value: string | undefined): number | null {
  return value === undefined || value === 'off' ? null : Number(value)
}

/** Milliseconds of a time in seconds; null for `off`. */
export function watchdogOf(value: string | undefined): number | null {
  return value === undefined || value === 'off' ? null : Number(value) * 1_000
}
