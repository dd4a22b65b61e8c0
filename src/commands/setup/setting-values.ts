/** The values of settings: how they are read, and what is wrong with them. */

/** The entries of a list with commas between them. */
export function proxiesOf(value: string): readonly string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** The problem of a number of things a minute; null for a valid one. */
export function rateProblem(value: string): string | null {
  return value === 'off' || (/^\d{1,9}$/.test(value) && Number(value) > 0) ? null : 'is not a whole number from 1 on, or off'
}

/** A number of things a minute; null for no limit. */
export function rateOf(value: string | undefined): number | null {
  return value === undefined || value === 'off' ? null : Number(value)
}

/** Milliseconds of a time in seconds; null for `off`. */
export function watchdogOf(value: string | undefined): number | null {
  return value === undefined || value === 'off' ? null : Number(value) * 1_000
}

/** What finds the problem of an address with one of these protocols; null for a valid one. */
export function urlProblem(protocols: readonly string[]): (value: string) => string | null {
  return (value) =>
    URL.canParse(value) && protocols.includes(new URL(value).protocol)
      ? null
      : `is not an address that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`
}
