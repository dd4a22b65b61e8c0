/** What was not tested, in a few lines for a terminal. The report has all of it. */

import type { NotTested } from '../../../verify/report/report-of.ts'
import { count, plainText } from '../../terminal/layout.ts'
import type { Style } from '../../terminal/style.ts'

/** How it is shown, and the paths of the written files. */
export interface Showing {
  readonly style: Style
  readonly files: readonly string[]
}

/** Reasons in a terminal, and characters of what has one of them. */
const SHOWN = 7
const LONGEST = 120

/** One line for all that options left out, then one for each reason: those of most parts first, and where the others are. */
export function notTestedText(left: readonly NotTested[], { style, files }: Showing): readonly string[] {
  const head = `  ${style.yellow('NOT TESTED')}   `
  const excluded = left.filter(({ kind }) => kind === 'excluded')
  const groups = byReason(left.filter(({ kind }) => kind !== 'excluded')).toSorted(([, a], [, b]) => b.length - a.length)
  const shown = groups.slice(0, SHOWN - (excluded.length === 0 ? 0 : 1))
  const others = groups.slice(shown.length).flatMap(([, own]) => own)
  const page = files.find((file) => file.endsWith('report.html')) ?? 'report.html'
  return [
    ...(excluded.length === 0 ? [] : [`${head}${byReason(excluded).map(textOf).join('; ')}`]),
    ...shown.map((group) => `${head}${textOf(group)}`),
    ...(others.length === 0
      ? []
      : [`${head}and ${count(others.length, 'more part')} for ${count(groups.length - shown.length, 'other reason')}: see ${page}`]),
  ]
}

function byReason(left: readonly NotTested[]): readonly Group[] {
  return [...Map.groupBy(left, ({ why }) => why)]
}

type Group = readonly [why: string, own: readonly NotTested[]]

function textOf([why, own]: Group): string {
  return `${namesOf(own)}: ${plainText(why)}`
}

function nameOf({ what, count: n }: NotTested): string {
  return plainText(n === null ? what : `${n} ${what}`)
}

/** The first names that fit in a line, at least one, and how many more there are. */
function namesOf(own: readonly NotTested[]): string {
  const names = own.map(nameOf)
  let length = 0
  const fit = names.findIndex((name, i) => {
    length += name.length + 2
    return i > 0 && length > LONGEST
  })
  if (fit === -1) return names.join(', ')
  return `${names.slice(0, fit).join(', ')} and ${names.length - fit} more`
}
