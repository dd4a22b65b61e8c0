/** Asks filters about texts, several at the same time. */

import type { ProbeTools } from '../../cases/probe.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import type { Question } from './text-filters.ts'

/** Requests that are sent at the same time. */
const AT_ONCE = 4

/** A wrong answer. */
export interface WrongList {
  readonly wrong: string
  readonly sent: SentOverHttp
  readonly answer: Answered
}

/**
 * The first question that finds other rows than those that hold the text; null if none does.
 *
 * @param texts that of each listed row
 */
export async function firstWrong(
  { send }: Pick<ProbeTools, 'send'>,
  questions: readonly Question[],
  { token, texts }: { readonly token: string | null; readonly texts: readonly string[] },
): Promise<WrongList | null> {
  for (let i = 0; i < questions.length; i += AT_ONCE) {
    const group = questions.slice(i, i + AT_ONCE)
    const answers = await Promise.all(group.map(({ sent }) => send({ ...sent, token })))
    for (const [n, answer] of answers.entries()) {
      const { sent, found, idsIn, ids } = group[n] as Question
      const wanted = ids.filter((_, at) => found(texts[at] ?? ''))
      const has = idsIn(answer)?.map(String) ?? null
      const asked =
        sent.url === '/graphql'
          ? JSON.stringify((sent.body as { readonly variables: object }).variables).slice(-120)
          : decodeURIComponent(sent.url.slice(sent.url.indexOf('page[size]=100') + 15))
      if (has === null) return { wrong: `${asked}: status ${answer.status}`, sent, answer }
      if (has.toSorted().join() !== wanted.toSorted().join())
        return { wrong: `${asked}: ${has.length} rows, and ${wanted.length} have such a text`, sent, answer }
    }
  }
  return null
}
