/** Many requests of one kind. None of them may lead to an error of the server. */

import type { ProbeTools } from '../cases/probe.ts'
import type { SentOverHttp } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import type { SecurityProbe } from './probes.ts'

/** What is sent. */
export interface Sending {
  readonly goal: string
  readonly user: string | null
  readonly requests: readonly SentOverHttp[] | ((tools: ProbeTools) => Promise<readonly SentOverHttp[]>)
  /** Whether a request may succeed and write. */
  readonly mayWrite?: true
}

/** Requests that are sent at the same time. */
const AT_ONCE = 4

const WHY = 'a request that cannot be served is refused, and is no error of the server'

/** A probe that sends all, and ends at the first that leads to an error, or to a refusal that is not JSON. */
export function sending(all: Sending): SecurityProbe {
  return sendingAll({ ...all, why: WHY, isWrong: wrongWith })
}

/** A probe that sends all, each of which must be refused. */
export function refusing(all: Omit<Sending, 'mayWrite'> & { readonly why: string }): SecurityProbe {
  return sendingAll({ ...all, isWrong: (answer) => wrongWith(answer) ?? (answer.status < 400 ? `status ${answer.status}` : null) })
}

interface Judging extends Sending {
  readonly why: string
  /** What is wrong with an answer; null if nothing is. */
  readonly isWrong: (answer: Answered) => string | null
}

function sendingAll({ goal, user, requests, mayWrite, why, isWrong }: Judging): SecurityProbe {
  return {
    goal,
    user,
    async ask(tools) {
      const token = tools.tokenOf(user)
      const all = typeof requests === 'function' ? await requests(tools) : requests
      let last: { readonly sent: SentOverHttp; readonly answer: Answered } | null = null
      for (let i = 0; i < all.length; i += AT_ONCE) {
        const group = all.slice(i, i + AT_ONCE)
        const answers = await Promise.all(group.map((sent) => tools.send({ ...sent, token })))
        for (const [n, answer] of answers.entries()) {
          const sent = group[n] as SentOverHttp
          last = { sent, answer }
          const wrong = isWrong(answer)
          if (wrong !== null) return { wrong, statuses: [400], why, sent, answer }
        }
      }
      if (last === null) throw new Error(`${goal} sends nothing`)
      return { wrong: null, statuses: [400], why, ...last }
    },
    ...(mayWrite === true ? { rows: () => null } : {}),
  }
}

function wrongWith({ status, headers, text }: Answered): string | null {
  if (status >= 500 || status < 200) return `status ${status}`
  const type = String(headers['content-type'] ?? '')
  return status < 400 || text === '' || /[/+]json\b/.test(type) ? null : `status ${status} with ${type || 'a body without Content-Type'}`
}
