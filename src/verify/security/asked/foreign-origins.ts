/** Pages of other origins: no answer lets one read it, and no preflight allows it to send something (CORS). */

import { restBase } from '../../../model/address/served.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestAnswered } from '../../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { familyOf, type SecurityProbe } from '../probes.ts'

/** The origin that the backend of a run allows. */
export const ALLOWED_ORIGIN = 'https://pages.verify.example'

/** Origins that are not allowed. Careless comparisons take some of them for one that is. */
const STRANGERS: readonly string[] = [
  ...['https://stranger.example', 'null', 'file://', 'http://127.0.0.1:3000.stranger.example', 'http://stranger.example:3000'],
  ...['http://localhost.stranger.example', 'http://localhost:5173', 'http://127.0.0.1:5173', 'https://verify.example', '*'],
  ...[
    'http://pages.verify.example',
    'https://pages.verify.example:8443',
    'https://pages.verify.example:443',
    'https://pages.verify.example.',
  ],
  ...['https://pages.verify.example.stranger.example', 'https://stranger-pages.verify.example', 'https://a.pages.verify.example'],
  ...['https://pagesxverify.example', 'https://pages.verify.exampl', 'https://pages.verify.example/', 'https://PAGES.verify.example'],
  ...['https://pages.verify.example@stranger.example', 'https://pages.verify.example, https://stranger.example', 'pages.verify.example'],
]

/** The claim about other origins. */
export function foreignOrigins(asking: PlannedWorld): PlannedFamily {
  const { model } = asking.reference
  const found = model.entities.flatMap((entity) => requestAnswered(asking, { entity, verb: 'list', statuses: [200] }) ?? [])
  const [list] = found
  const user = list?.user ?? null
  const sent = list === undefined ? { method: 'GET', url: '/openapi.json' } : httpRequestOf(model, list.request)
  const requests: Readonly<Record<string, (origin: string) => SentOverHttp>> = {
    read: (origin) => ({ ...sent, headers: { origin } }),
    refusal: (origin) => ({ method: 'GET', url: `${restBase(model)}/nothing`, headers: { origin } }),
    preflight: (origin) => ({
      method: 'OPTIONS',
      url: sent.url.split('?', 1)[0] ?? sent.url,
      headers: { origin, 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'authorization, x-anything' },
    }),
    ...(model.served.graphql
      ? { graphql: (origin: string) => ({ method: 'POST', url: '/graphql', body: { query: '{ __typename }' }, headers: { origin } }) }
      : {}),
  }
  return familyOf(
    {
      of: 'origins',
      entity: null,
      claim: 'Pages of other origins can read nothing, unless the settings name them (ASVS 3.4.2).',
      text: `${STRANGERS.length} origins that nobody has allowed, in a read, a refusal, a preflight and GraphQL`,
      oracle: 'the Fetch standard: without Access-Control-Allow-Origin, browsers keep an answer from the page',
    },
    [
      ...Object.entries(requests).map(
        ([goal, make]): SecurityProbe => ({
          goal,
          user,
          async ask(tools) {
            const token = tools.tokenOf(user)
            const why = 'the origin is not in CORS_ORIGINS'
            let last: { readonly sent: SentOverHttp; readonly answer: Answered } = { sent, answer: await tools.send({ ...sent, token }) }
            for (const origin of STRANGERS) {
              const asked = make(origin)
              const answer = await tools.send({ ...asked, token: goal === 'preflight' ? null : token })
              last = { sent: asked, answer }
              const allowed = answer.headers['access-control-allow-origin']
              if (allowed !== undefined)
                return { wrong: `Access-Control-Allow-Origin ${String(allowed)} for ${origin}`, statuses: [answer.status], why, ...last }
            }
            return { wrong: null, statuses: [last.answer.status], why, ...last }
          },
        }),
      ),
      ...Object.entries(requests).map(([goal, make]) => allowedProbe(`allowed-${goal}`, { user, make })),
    ],
  )
}

interface Allowed {
  readonly user: string | null
  readonly make: (origin: string) => SentOverHttp
}

/** A page of the allowed origin is told exactly this origin, and caches that the answer depends on it. */
function allowedProbe(goal: string, { user, make }: Allowed): SecurityProbe {
  return {
    goal,
    user,
    async ask({ send, tokenOf }) {
      const sent = make(ALLOWED_ORIGIN)
      const answer = await send({ ...sent, token: sent.method === 'OPTIONS' ? null : tokenOf(user) })
      const { headers } = answer
      const allowed = headers['access-control-allow-origin']
      const outcome = { statuses: [answer.status], why: 'CORS_ORIGINS has this origin', sent, answer }
      if (allowed === undefined) return { ...outcome, wrong: null, left: { [goal]: 'this backend allows no other origin' } }
      const varies = String(headers.vary ?? '')
        .toLowerCase()
        .split(/, */)
        .includes('origin')
      const wrong =
        allowed !== ALLOWED_ORIGIN ? `Access-Control-Allow-Origin ${String(allowed)}` : varies ? null : 'Vary does not name Origin'
      return { ...outcome, wrong }
    },
  }
}
