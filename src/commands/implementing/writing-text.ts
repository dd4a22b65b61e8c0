/** What a run with a model has done, for people. */

import { columns, count, plainText } from '../terminal/layout.ts'
import type { Style } from '../terminal/style.ts'
import type { MissingCode } from './pieces.ts'
import type { Writing } from './write-with-model.ts'

/** A run with what it left. */
export interface ShownWriting extends Writing {
  readonly pieces: readonly MissingCode[]
  readonly left: readonly MissingCode[]
  /** Where the difference is kept; null for none. */
  readonly kept: string | null
}

const MOST_PROBLEMS = 10

/** The text of the command. */
export function writingText({ status, files, diff, problems, checked, verified, used, left, kept }: ShownWriting, style: Style): string {
  const cost = used.cost === null ? '' : `, cost ${used.cost.toFixed(4)}`
  return [
    ...(diff === ''
      ? []
      : [
          plainText(diff)
            .trimEnd()
            .split('\n')
            .map((line) => painted(line, style))
            .join('\n'),
          '',
        ]),
    ...(status === 'passed' ? [style.green(`Wrote ${files.map(({ path }) => path).join(', ')}`)] : []),
    ...(problems.length === 0 ? [] : ['Wrong with the last answer:', ...problems.slice(0, MOST_PROBLEMS).map((one) => `  ${one}`)]),
    ...columns(
      [
        ...(checked === 'nothing' ? [] : [['checked', checked === 'types' ? 'types' : 'syntax alone: the project has no typescript']]),
        ...verified.map(({ only, verdict, cases }) => [
          'verified',
          `${only}: ${verdict}, ${count(cases, only === 'tests' ? 'test' : 'case')} passed`,
        ]),
        ['used', `${count(used.turns, 'answer')}, ${used.sent + used.received} tokens${cost}`],
        ...(kept === null ? [] : [['difference', kept]]),
      ],
      '',
    ),
    ...(status === 'passed' ? ['Read what was written before you rely on it: tests of the same model show only what it thought of.'] : []),
    ...(status === 'passed' && left.length > 0 ? [`${count(left.length, 'piece')} of code left: run the same again`] : []),
  ].join('\n')
}

function painted(line: string, { green, red, dim }: Style): string {
  if (/^(?:diff|---|\+\+\+|@@|new file)/.test(line)) return dim(line)
  return line.startsWith('+') ? green(line) : line.startsWith('-') ? red(line) : line
}
