/** Headers that every answer of a backend has, whoever asks, and origins that it must not trust. */

import { restBase } from '../../model/address/served.ts'
import type { PlannedFamily } from '../cases/family-plan.ts'
import type { ProbeCase } from '../cases/probe.ts'
import type { SentOverHttp } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import type { AskedEnvironment } from './reading.ts'

const CLAIM = 'security/F209/headers'
const STRANGER = 'https://stranger.example'

/** What an answer lacks, or has too much of; null if nothing. */
type Check = (answer: Answered) => string | null

const CHECKS: Readonly<Record<string, Check>> = {
  nosniff: ({ headers }) => (headers['x-content-type-options'] === 'nosniff' ? null : 'no X-Content-Type-Options: nosniff'),
  policy: ({ headers }) => (headers['content-security-policy'] === undefined ? 'no Content-Security-Policy' : null),
  software: ({ headers }) => (headers['x-powered-by'] === undefined ? null : `X-Powered-By: ${headers['x-powered-by']}`),
  'foreign-origin': ({ headers }) => {
    const allowed = headers['access-control-allow-origin']
    return allowed === '*' || allowed === STRANGER ? `Access-Control-Allow-Origin: ${allowed} for a page of ${STRANGER}` : null
  },
}

/** The claim about headers. */
export function headerCases({ asking }: AskedEnvironment): PlannedFamily {
  const { model } = asking.reference
  const base = restBase(model)
  const requests: readonly SentOverHttp[] = [
    ...model.entities.map(({ path }) => ({ method: 'GET', url: `${base}/${path}` })),
    { method: 'GET', url: '/openapi.json' },
    { method: 'GET', url: `${base}/nothing-of-this-name` },
    ...(model.identity === null ? [] : [{ method: 'GET', url: `${base}/auth/me` }]),
  ]
  const probes = Object.entries(CHECKS).map(([goal, check]): ProbeCase => {
    const why = 'every answer has the headers that keep browsers from misusing it'
    return {
      ...{ name: `${CLAIM}/${goal}`, claim: CLAIM, door: 'rest', user: null, goals: [goal], atoms: {} },
      async ask(tools) {
        for (const request of requests) {
          const sent = { ...request, headers: { origin: STRANGER } }
          const answer = await tools.send({ ...sent, token: null })
          const wrong = check(answer)
          if (wrong !== null || request === requests.at(-1)) return { wrong, statuses: [200, 401, 403, 404], why, sent, answer }
        }
        throw new Error('there are requests')
      },
    }
  })
  return {
    plan: {
      id: CLAIM,
      claim: 'Answers have headers that keep browsers from misusing them, and trust no page of a stranger (OWASP API8).',
      path: [],
      oracle: 'the reference of the headers of a backend',
      text: 'lists, a document, a missing address and the own row, asked by a page of another origin',
      what: 'attacks',
      asked: Object.keys(CHECKS),
      impossible: [],
      untested: [],
    },
    cases: [],
    probes,
  }
}
