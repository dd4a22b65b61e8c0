/** One limit of requests, asked from both sides: what reaches it is taken, and what exceeds it by one is refused. */

import type { SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { isRefusedAnswer, type SecurityProbe } from '../probes.ts'

/** A limit at one door. */
export interface AskedLimit {
  /** `rest-filter-items`. */
  readonly goal: string
  readonly user: string | null
  /** A request with so much of what is limited. */
  readonly having: (count: number) => SentOverHttp
  readonly most: number
  /** What a request that reaches the limit is answered: rows, or any refusal that names another reason. */
  readonly reached: 'served' | 'refused otherwise'
}

/** The probe of a limit. @returns one that fails if the limit is taken for a smaller or a greater one. */
export function limitProbe({ goal, user, having, most, reached }: AskedLimit): SecurityProbe {
  return {
    goal,
    user,
    async ask({ send, tokenOf }) {
      const token = tokenOf(user)
      const why = `at most ${most} are taken (docs/reference/rest.md#limits)`
      const within = having(most)
      const taken = await send({ ...within, token })
      const beyond = having(most + 1)
      const refused = await send({ ...beyond, token })
      const outcome = (wrong: string | null, sent: SentOverHttp, answer: Answered) => ({ wrong, statuses: [400, 413], why, sent, answer })
      if (!isRefusedAnswer(beyond, refused)) return outcome(`${most + 1} are taken: status ${refused.status}`, beyond, refused)
      if (taken.status >= 500 || (reached === 'served' && isRefusedAnswer(within, taken)))
        return outcome(`${most} are refused: ${reasonOf(taken)}`, within, taken)
      if (reasonOf(taken) === reasonOf(refused)) return outcome(`${most} are answered as ${most + 1}: ${reasonOf(taken)}`, within, taken)
      return outcome(null, beyond, refused)
    },
  }
}

/** Why a request was refused, without what differs between two refusals for one reason. */
function reasonOf({ status, json }: Answered): string {
  const [first] = (json?.errors ?? []) as readonly { readonly message?: string; readonly extensions?: { readonly code?: string } }[]
  return `${status} ${json?.code ?? first?.extensions?.code ?? ''} ${json?.detail ?? ''} ${first?.message ?? ''}`
}
