/** F208: no anonymous caller changes anything, unless the rules say so. */

import type { Entity } from '../../../model/model.ts'
import { absentId } from '../../cases/absent-id.ts'
import { type Api, hasApi } from '../../cases/doors.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { type RowVerb, requestsOf } from '../../cases/usual-request.ts'
import { type AbstractRequest, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { GRAPHQL } from '../../requests/transport-graphql.ts'
import { TRANSACTION } from '../../requests/transport-transaction.ts'
import { refusedParts } from '../everywhere/refused-parts.ts'
import { sharedKeys } from '../everywhere/shared-keys.ts'
import { fileCallers } from '../guarded/file-callers.ts'
import { familyOf, isRefusedAnswer, type SecurityProbe } from '../probes.ts'

const VERBS: readonly RowVerb[] = ['create', 'update', 'replace', 'delete']
const APIS: readonly Api[] = ['rest', 'transaction', 'graphql']

/** The claim about the writes of an entity. */
export function anonymousChanges(asking: PlannedWorld, entity: Entity): PlannedFamily {
  return familyOf(
    {
      of: 'F208',
      entity: entity.name,
      claim: `An anonymous caller writes no ${entity.name}, unless a rule allows it (OWASP API5).`,
      text: 'each write that the rules refuse, of rows with present and missing values and of no row, through REST, transactions and GraphQL; files, links to them and uploads; the Idempotency-Key of another caller',
      oracle: 'cel-js on the text of the design for a caller without claims; afterwards every row of every entity is compared',
    },
    [
      ...VERBS.flatMap((verb) =>
        APIS.filter((api) => hasApi(asking.reference.model, api)).flatMap((api) => probeOf(asking, entity, { verb, api })),
      ),
      ...fileCallers(asking, entity, 'anonymous'),
      ...sharedKeys(asking, entity),
      ...refusedParts(asking, entity, 'anonymous'),
    ],
  )
}

/** What is refused to anonymous callers: each row of the world once, and no row. */
function refusedRequests(asking: PlannedWorld, entity: Entity, verb: RowVerb): readonly AbstractRequest[] {
  const refused = [...requestsOf(asking, entity, verb)]
    .filter(({ user, expected }) => user === null && expected.every((status) => status >= 400))
    .map(({ request }) => request)
  const [first] = refused
  const absent = first === undefined || first.kind === 'create' || first.kind === 'list' ? [] : [{ ...first, id: absentId(first.id) }]
  return [...refused, ...absent]
}

function probeOf(
  asking: PlannedWorld,
  entity: Entity,
  { verb, api }: { readonly verb: RowVerb; readonly api: Api },
): readonly SecurityProbe[] {
  const { reference } = asking
  if (api === 'graphql' && verb === 'replace') return []
  const caller = { reference, user: null, sight: reference.sightOf(null) }
  const requests = refusedRequests(asking, entity, verb).map((request): SentOverHttp => {
    if (api === 'rest') return httpRequestOf(reference.model, request)
    return api === 'graphql' ? GRAPHQL.encode(caller, GRAPHQL.adapt(caller, request), null) : TRANSACTION.encode(caller, request, null)
  })
  const [sent] = requests
  if (sent === undefined) return []
  return [
    {
      goal: `${verb}/${api}`,
      user: null,
      async ask(tools) {
        const why = 'nobody has signed in, and no rule allows it'
        let last: Answered | null = null
        for (const one of requests) {
          const answer = await tools.send({ ...one, token: null })
          last = answer
          if (!isRefusedAnswer(one, answer))
            return { wrong: `status ${answer.status}: ${answer.text.slice(0, 200)}`, statuses: [401, 403, 404], why, sent: one, answer }
        }
        return { wrong: null, statuses: [401, 403, 404], why, sent, answer: last ?? (await tools.send({ ...sent, token: null })) }
      },
    },
  ]
}
