/** Questions to a person at the terminal. Loaded only when there is one. */

import { cancel, intro, select, text } from '@clack/prompts'
import { UsageError } from './usage-error.ts'

/** Asks for a line of text; an empty one takes the preset. `check` says what is wrong with an answer, or nothing. @throws UsageError when the person gives up. */
export async function askText(question: string, preset: string, check: (answer: string) => string | undefined): Promise<string> {
  return answered(
    await text({ message: question, placeholder: preset, defaultValue: preset, validate: (answer) => check(answer || preset) }),
  )
}

/** Asks for one of several values, the first being the preset. @throws UsageError when the person gives up. */
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

/** The heading above a row of questions. */
export function openQuestions(title: string): void {
  intro(title)
}

/** clack answers with a symbol of its own when a person gives up; no answer of ours is one. */
function answered(answer: string | symbol): string {
  if (typeof answer === 'string') return answer
  cancel('Nothing was written.')
  throw new UsageError('given up', 'answer the questions, or give the flags: plinth init <folder> --yes')
}
