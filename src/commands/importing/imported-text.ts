/** What `plinth import` prints for people. */

import type { Draft } from '../../import/draft/draft.ts'
import { QUESTIONS_AT_A_TIME, type Question } from '../../import/questions/questions.ts'
import { count, plainText } from '../terminal/layout.ts'
import type { Style } from '../terminal/style.ts'

/** What was imported. */
interface ImportReport {
  readonly source: string
  readonly design: string
  readonly draft: Draft
  readonly objects: { readonly total: number; readonly carried: number; readonly left: number }
  readonly questions: readonly Question[]
}

const SHOWN = 30

/** The text: how much was carried over, what was not, what differs, and the first questions. */
export function importedText({ source, design, draft, objects, questions }: ImportReport, style: Style): string {
  const { total, carried, left } = objects
  const changed = draft.carried.filter(({ note }) => note !== null)
  return [
    `${style.green('Wrote')} ${design} from ${source}: ${carried} of ${count(total, 'object')} carried over (${kinds(draft)})`,
    ...list(
      `Not carried over (${left}):`,
      draft.left.map(({ kind, name, at, why }) => `${at.file}:${at.line}  ${kind} ${name}: ${why}`),
    ),
    ...list(
      `Carried over with a difference (${changed.length}):`,
      changed.map(({ kind, name, at, path, note }) => `${at.file}:${at.line}  ${kind} ${name}, ${path}: ${note}`),
    ),
    ...questionLines(questions),
    '',
    'Access is closed to all. Next:',
    `  ${style.cyan(`plinth plan ${design}`)}`,
  ].join('\n')
}

function kinds({ carried }: Draft): string {
  const numbers = new Map<string, number>()
  for (const { kind } of carried) numbers.set(kind, (numbers.get(kind) ?? 0) + 1)
  return [...numbers].map(([kind, n]) => count(n, ...(WORDS[kind] ?? ([kind, `${kind}s`] as const)))).join(', ')
}

const WORDS: Readonly<Record<string, readonly [one: string, several: string]>> = {
  entity: ['entity', 'entities'],
  index: ['index', 'indexes'],
  unique: ['unique constraint', 'unique constraints'],
}

function list(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return []
  const more = lines.length > SHOWN ? [`  … and ${lines.length - SHOWN} more; --json lists all`] : []
  return ['', title, ...lines.slice(0, SHOWN).map((line) => `  ${plainText(line).replaceAll('\n', ' ')}`), ...more]
}

function questionLines(questions: readonly Question[]): readonly string[] {
  if (questions.length === 0) return []
  return [
    '',
    `Questions (${Math.min(QUESTIONS_AT_A_TIME, questions.length)} of ${questions.length}; without an answer, the first option holds):`,
    ...questions
      .slice(0, QUESTIONS_AT_A_TIME)
      .flatMap(({ id, ask, impact, options }) => [
        `  ${id}: ${ask} (${impact})`,
        ...options.map(({ says, rule }, i) => `    ${i + 1}  ${says}${rule === null ? '' : `: ${rule}`}`),
      ]),
  ]
}
