/** Asks questions at an interactive terminal. Loaded only there. */

import { cancel, intro, log, select, text } from '@clack/prompts'
import { UsageError } from './usage-error.ts'

/**
 * Asks for a line of text; an empty answer means the preset. `check` returns the problem of an answer.
 *
 * @throws UsageError when the user cancels.
 */
export async function askText(question: string, preset: string, check: (answer: string) => string | undefined): Promise<string> {
  return answered(
    await text({ message: question, placeholder: preset, defaultValue: preset, validate: (answer) => check(answer || preset) }),
  )
}

/** Asks for one of several values; the first is the preset. @throws UsageError when the user cancels. */
export async function askChoice<T extends string>(
  question: string,
  choices: readonly { readonly value: T; readonly label: string }[],
): Promise<T> {
  const options = choices.map(({ value, label }) => ({ value: value as string, label }))
  const answer = answered(await select({ message: question, options }))
  const chosen = choices.find(({ value }) => value === answer)
  if (chosen === undefined) throw new UsageError(`no such choice: ${answer}`, 'choose one of the list')
  return chosen.value
}

/** Prints the heading above the questions. */
export function openQuestions(title: string): void {
  intro(title)
}

/** Prints a text that the next question is about. */
export function showText(shown: string): void {
  log.message(shown)
}

/** Returns the answer. clack returns a symbol when the user cancels. */
function answered(answer: string | symbol): string {
  if (typeof answer === 'string') return answer
  cancel('Nothing was changed.')
  throw new UsageError('cancelled', 'answer the questions, or use the flag --yes')
}
