/** The text of a length of time. */

/** Seconds as ISO 8601 writes them: `P1DT2H`. */
export function durationText(seconds: number): string {
  const size = Math.abs(seconds)
  const part = (value: number, unit: string): string => (value === 0 ? '' : `${value}${unit}`)
  const rest = Math.round((size % 60) * 1e6) / 1e6
  const time = [part(Math.floor(size / 3600) % 24, 'H'), part(Math.floor(size / 60) % 60, 'M'), part(rest, 'S')].join('')
  const days = part(Math.floor(size / 86_400), 'D')
  return `${seconds < 0 ? '-' : ''}P${days}${time === '' ? (days === '' ? 'T0S' : '') : `T${time}`}`
}
