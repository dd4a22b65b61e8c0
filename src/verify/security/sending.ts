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

/** A probe that sends all, and ends at the first that leads to an error, or to a refusal that is not JSON. */
export function sending({ goal, user, requests, mayWrite }: Sending): SecurityProbe {
  return {
    goal,
    user,
    async ask(tools) {
      const why = 'a request that cannot be served is refused, and is no error of the server'
      const token = tools.tokenOf(user)
      const all = typeof requests === 'function' ? await requests(tools) : requests
      let last: { readonly sent: SentOverHttp; readonly answer: Answered } | null = null
      for (let i = 0; i < all.length; i += AT_ONCE) {
        const group = all.slice(i, i + AT_ONCE)
        const answers = await Promise.all(group.map((sent) => tools.send({ ...sent, token })))
        for (const [n, answer] of answers.entries()) {
          const sent = group[n] as SentOverHttp
          last = { sent, answer }
          const wrong = wrongWith(answer)
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
