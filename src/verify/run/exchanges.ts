/** What a case sends and receives: the last exchange, and the first request without an answer. */

import type { ProbeRequest } from '../cases/probe.ts'
import { type Answered, NO_ANSWER } from '../expected/answered.ts'
import type { Asker, OpenRun } from './open-run.ts'

/** A request and its answer. */
interface Exchange {
  readonly sent: ProbeRequest
  readonly answer: Answered
}

/** The exchanges of one case. */
export interface Exchanges {
  /** Sends a request, as `OpenRun.ask` does. */
  readonly ask: (sent: ProbeRequest) => Promise<Answered>
  /** The last exchange; null before the first one. */
  readonly last: () => Exchange | null
  /** Which request got no answer; null if all got one. */
  readonly unanswered: () => string | null
}

/** Opens the exchanges of a case. */
export function openExchanges(open: OpenRun, by: Asker): Exchanges {
  let last: Exchange | null = null
  let unanswered: string | null = null
  return {
    async ask(sent) {
      const { instance = 0, undescribed = false, ...request } = sent
      const answer = await open.ask({ ...by, undescribed }, request, instance)
      last = { sent, answer }
      if (answer.status === NO_ANSWER) unanswered ??= `${sent.method} ${sent.url} got no answer: ${answer.text}`
      return answer
    },
    last: () => last,
    unanswered: () => unanswered,
  }
}

/**
 * What is wrong with an answer in which something is not where it should be.
 *
 * @throws the error, if it is another one than that of reading a member of nothing.
 */
export function otherForm(error: unknown): string {
  if (!(error instanceof TypeError)) throw error
  return `the answer has another form: ${error.message}`
}
