/** Defects of settings: headers that a trusted proxy would send, and origins that are like the allowed one. */

import { ALLOWED_ORIGIN } from '../../../src/verify/security/asked/foreign-origins.ts'
import { answers, type ProxiedFault, saying } from './proxied.ts'

/** A defect of requests with a header. */
function withHeader(
  name: string,
  { what, goal, change }: Pick<ProxiedFault, 'what'> & { goal: string; change: Parameters<typeof answers>[0] },
): ProxiedFault {
  return {
    what,
    only: `security/F210/headers/${goal}`,
    named: new RegExp(`headers/${goal}`),
    answer: answers((answer, asked) => (asked.headers?.[name] === undefined ? answer : change(answer, asked))),
  }
}

const allowing = (what: string, isAllowed: (origin: string) => boolean): ProxiedFault => ({
  what,
  only: 'security/origins',
  named: /^security\/origins/,
  answer: answers((answer, { headers }) =>
    headers?.origin !== undefined && isAllowed(headers.origin)
      ? { ...answer, headers: { ...answer.headers, 'access-control-allow-origin': headers.origin, vary: 'Origin' } }
      : answer,
  ),
})

/** The defects. */
export const HEADER_FAULTS: readonly ProxiedFault[] = [
  withHeader('x-forwarded-for', {
    what: 'a client is counted by the address that it names',
    goal: 'counted-client',
    change: (answer) => ({ ...answer, headers: { ...answer.headers, ratelimit: '"requests";r=999999;t=60' } }),
  }),
  withHeader('x-forwarded-host', {
    what: 'a new row has its address at the host that the client names',
    goal: 'created',
    change: (answer, { headers }) => ({
      ...answer,
      headers: { ...answer.headers, location: `https://${headers?.['x-forwarded-host']}/x` },
    }),
  }),
  withHeader('x-role', {
    what: 'a header makes an administrator of its client',
    goal: 'me',
    change: (answer) => ({ ...saying(answer, { role: 'admin' }), status: 200 }),
  }),
  withHeader('x-debug', {
    what: 'a header adds details to refusals',
    goal: 'nothing',
    change: (answer) => saying(answer, { ...answer.json, detail: `${answer.json?.detail}: no route` }),
  }),
  allowing('an origin is compared with the end of the allowed one', (origin) => origin.endsWith('pages.verify.example')),
  allowing('an origin is compared with the beginning of the allowed one', (origin) => origin.startsWith(ALLOWED_ORIGIN)),
  allowing('production allows the pages of development', (origin) => origin === 'http://localhost:5173'),
  {
    what: 'an answer to an allowed page does not say that it depends on the origin',
    only: 'security/origins/allowed-read',
    named: /^security\/origins/,
    answer: answers((answer, { headers }) =>
      headers?.origin === ALLOWED_ORIGIN
        ? { ...answer, headers: { ...answer.headers, 'access-control-allow-origin': ALLOWED_ORIGIN, vary: 'Cookie' } }
        : answer,
    ),
  },
  {
    what: 'an answer says how long its statements took',
    only: 'security/F210/headers/list',
    named: /^security\/headers/,
    answer: answers((answer) => ({ ...answer, headers: { ...answer.headers, 'server-timing': 'db;dur=3.1' } })),
  },
  {
    what: 'an address has a second spelling',
    only: 'security/F210/spellings',
    named: /spellings/,
    answer: async ({ ask }, asked) => ask({ ...asked, url: asked.url.replace(/^(\/api\/[a-z]+)\/$/, '$1') }),
  },
  {
    what: 'the document shows a rule',
    only: 'security/F210/headers/document',
    named: /^security\/F209/,
    answer: answers((answer, { url }) =>
      url === '/openapi.json' && answer.json !== undefined
        ? saying(answer, { ...answer.json, 'x-rule': 'author.id == auth.id || staff' })
        : answer,
    ),
  },
]
