/** Defects of a backend that remembers too long who a caller is, forgets it at one address, or tells too much when it refuses. */

import type { Answered } from '../../../src/verify/expected/answered.ts'
import { answers, type Behind, type ProxiedFault, requests, saying } from './proxied.ts'

const LOGOUT = '/api/auth/logout'

/** A defect that answers a GET that succeeded with the same answer again, for the same token. */
function remembering(): ProxiedFault['answer'] {
  const kept = new Map<string, Answered>()
  return async ({ ask }: Behind, asked) => {
    if (asked.method !== 'GET') return ask(asked)
    const key = `${asked.token} ${asked.url}`
    const answer = kept.get(key) ?? (await ask(asked))
    if (answer.status === 200 && asked.token !== null) kept.set(key, answer)
    return answer
  }
}

/** A defect by which nobody is known at the own row after anybody has logged out. */
function endingAll(): ProxiedFault['answer'] {
  let isEnded = false
  return async ({ ask }: Behind, asked) => {
    const answer = await ask(isEnded && asked.url === '/api/auth/me' ? { ...asked, token: null } : asked)
    isEnded ||= asked.url === LOGOUT && answer.status === 204
    return answer
  }
}

/** The defects. */
export const REMEMBERED_FAULTS: readonly ProxiedFault[] = [
  {
    what: 'the token of a session that ended by its refresh token is remembered',
    only: 'identity/sessions/logged-out-by-refresh',
    named: /logged-out-by-refresh/,
    answer: remembering(),
  },
  {
    what: 'logging out ends the other sessions of the account, too',
    only: 'identity/sessions/logged-out-alone',
    named: /logged-out-alone/,
    answer: endingAll(),
  },
  {
    what: 'a role that was taken away is remembered',
    only: 'identity/rights',
    named: /rights\/role/,
    answer: remembering(),
  },
  {
    what: 'GraphQL by GET does not look at the token',
    only: 'security/F205/Post/graphql-by-get',
    named: /graphql-by-get/,
    answer: requests((asked) => (asked.method === 'GET' && asked.url.startsWith('/graphql') ? { ...asked, token: null } : asked)),
  },
  {
    what: 'a mutation is carried out by GET',
    only: 'security/F210/Post/graphql-update-by-get',
    named: /graphql-update-by-get/,
    answer: requests((asked) => {
      if (asked.method !== 'GET' || !asked.url.startsWith('/graphql?')) return asked
      const values = new URLSearchParams(asked.url.slice('/graphql?'.length))
      const body = { query: values.get('query'), variables: JSON.parse(values.get('variables') ?? '{}') }
      return { ...asked, method: 'POST', url: '/graphql', body }
    }),
  },
  {
    what: 'a refusal shows the rule',
    only: 'security/F208/Post',
    named: /F209/,
    answer: answers((answer, { method }) =>
      method !== 'GET' && [401, 403].includes(answer.status)
        ? saying(answer, { ...answer.json, detail: 'author.id == auth.id || staff' })
        : answer,
    ),
  },
  {
    what: 'the trace id names the machine',
    only: 'security/F208/Post',
    named: /F209/,
    answer: answers((answer) => ({ ...answer, headers: { ...answer.headers, 'x-trace-id': 'machine-7-1' } })),
  },
]
