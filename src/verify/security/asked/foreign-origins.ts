/** Pages of other origins: no answer lets one read it, and no preflight allows it to send something (CORS). */

import { restBase } from '../../../model/address/served.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestAnswered } from '../../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { familyOf, type SecurityProbe } from '../probes.ts'

/** Origins that are not allowed. Careless comparisons take some of them for one that is. */
const STRANGERS: readonly string[] = [
  'https://stranger.example',
  'null',
  'http://127.0.0.1:3000.stranger.example',
  'http://stranger.example:3000',
  'file://',
  'http://localhost.stranger.example',
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
    Object.entries(requests).map(
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
            if (allowed === '*' || allowed === origin)
              return { wrong: `Access-Control-Allow-Origin ${String(allowed)} for ${origin}`, statuses: [answer.status], why, ...last }
          }
          return { wrong: null, statuses: [last.answer.status], why, ...last }
        },
      }),
    ),
  )
}
