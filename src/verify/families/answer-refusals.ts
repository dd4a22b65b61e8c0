/** Ways to spoil a request that would succeed, with the answer that each of them must get. */

import { LIMITS } from '../../base/limits.ts'
import { askOnce, type ProbeCase } from '../cases/probe.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import type { SentOverHttp } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'

interface Refusal {
  readonly label: string
  readonly status: number
  readonly code: string
  readonly why: string
  /** Whether only requests with a body can be refused so. */
  readonly ofBody?: boolean
  readonly alter: (sent: SentOverHttp) => SentOverHttp & { readonly token?: string }
}

/** The request with a header. */
export const withHeader = (sent: SentOverHttp, name: string, value: string): SentOverHttp => ({
  ...sent,
  headers: { ...sent.headers, [name]: value },
})

/** Ways to spoil a request that would succeed. Each leads to one answer, whatever the rules of the design are. */
const REFUSALS: readonly Refusal[] = [
  {
    label: '400-parameter',
    status: 400,
    code: 'unknown_parameter',
    why: 'a parameter that does not exist is an error',
    alter: (sent) => ({ ...sent, url: `${sent.url}${sent.url.includes('?') ? '&' : '?'}nothingOfThisName=1` }),
  },
  {
    label: '400-body',
    status: 400,
    code: 'malformed_request',
    why: 'the body is no JSON',
    ofBody: true,
    alter: (sent) => ({ ...sent, body: '{' }),
  },
  {
    label: '401-token',
    status: 401,
    code: 'invalid_token',
    why: 'a token that is not valid is refused, and does not count as anonymous',
    alter: (sent) => ({ ...sent, token: 'no.token.atall' }),
  },
  {
    label: '406',
    status: 406,
    code: 'not_acceptable',
    why: 'the answer has no such media type',
    alter: (sent) => withHeader(sent, 'accept', 'image/png'),
  },
  {
    label: '413',
    status: 413,
    code: 'body_too_large',
    why: `a body has at most ${LIMITS.bodyBytes} bytes`,
    ofBody: true,
    alter: (sent) => ({ ...sent, body: JSON.stringify({ filler: 'x'.repeat(LIMITS.bodyBytes) }) }),
  },
  {
    label: '415',
    status: 415,
    code: 'unsupported_media_type',
    why: 'bodies are JSON',
    ofBody: true,
    alter: (sent) => withHeader(sent, 'content-type', 'text/plain'),
  },
]

/** A request that succeeds, and the claim about its operation. */
export interface Spoilable {
  readonly id: string
  readonly user: string | null
  readonly sent: SentOverHttp
  /** The statuses that its operation does not have. */
  readonly without?: readonly number[]
}

/** One probe for each way in which a request can be spoiled. */
export function refusals({ reference }: PlannedWorld, { id, user, sent, without = [] }: Spoilable): readonly ProbeCase[] {
  return REFUSALS.flatMap(({ label, status, code, why, ofBody, alter }): readonly ProbeCase[] => {
    if ((ofBody === true && sent.body === undefined) || without.includes(status)) return []
    // A scheme of tokens is part of a design with accounts.
    if (status === 401 && reference.model.identity === null) return []
    const altered = alter(sent)
    const isHead = sent.method === 'HEAD'
    const check = isHead ? ({ text }: Answered) => (text === '' ? null : 'HEAD has a body') : problemMismatch(reference)
    const ask: ProbeCase['ask'] = (tools) =>
      askOnce(tools, { token: tools.tokenOf(user), ...altered }, { statuses: [status], code, why, check })
    return [probeOf(`${id}/${label}`, { claim: id, user, goals: [String(status)], ask })]
  })
}

/** A refusal is a problem of RFC 9457, unless the design has a form of its own for errors. */
function problemMismatch({ model }: PlannedWorld['reference']): (answer: Answered) => string | null {
  return ({ status, headers, json }) => {
    if (model.errors !== null) return null
    if (!String(headers['content-type']).startsWith('application/problem+json')) return `content type ${headers['content-type']}`
    return json?.status === status ? null : `the body has status ${json?.status}`
  }
}

/** A probe over REST. */
export function probeOf(name: string, one: Pick<ProbeCase, 'claim' | 'user' | 'goals' | 'ask' | 'rows'>): ProbeCase {
  return { ...one, name, door: 'rest', atoms: {} }
}
