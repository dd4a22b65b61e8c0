/** The part of the text of a report that is about the project's own tests. */

import type { OwnTestsReport, Share } from '../../verify/review/own-tests.ts'
import { count, plainText } from '../terminal/layout.ts'
import type { Style } from '../terminal/style.ts'

const SHOWN = 10

/** How much of the own logic the tests run, and which logic has none. */
export function testsText(tests: OwnTestsReport | null, style: Style): readonly string[] {
  if (tests === null) return []
  const { logic, lines, branches, named, untested, ended, files } = tests
  const covered =
    logic.length === 0 || files.length === 0 || ended !== null
      ? []
      : [`  own logic    lines ${shareText(lines)} · branches ${shareText(branches)} (${count(logic.length, 'file')})`]
  const missed = logic.filter(({ missed: text }) => text !== '' && covered.length > 0)
  const more = untested.length - SHOWN
  return [
    ...covered,
    ...missed.map(({ file, missed: text }) => `  not run      ${plainText(file)} lines ${text}`),
    ...untested
      .slice(0, SHOWN)
      .map(
        ({ kind, name, file }) =>
          `  ${style.yellow('UNTESTED')}     ${kind} ${plainText(name)}: no own test runs it. ${remedyText(kind, file)}`,
      ),
    ...(more > 0 ? [`  ${style.yellow('UNTESTED')}     and ${more} more of ${named}: see report.json`] : []),
  ]
}

function remedyText(kind: string, file: string): string {
  return kind === 'action' || kind === 'hook' ? `plinth scaffold writes a first one: ${plainText(file)}` : 'Test it by what leads to it'
}

function shareText({ covered, total }: Share): string {
  return `${covered} of ${total}`
}
