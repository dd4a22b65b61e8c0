/** GraphQL over GET: a query is answered as over POST, for the same caller, and a mutation is refused. */

import type { Entity } from '../../model/model.ts'
import { hasApi } from '../cases/doors.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { type RowVerb, requestAnswered } from '../cases/usual-request.ts'
import type { SentOverHttp } from '../expected/abstract-request.ts'
import { expectationOf } from '../expected/expectation.ts'
import { GRAPHQL } from '../requests/transport-graphql.ts'
import { isRefusedAnswer, type SecurityProbe } from './probes.ts'

/** A document over POST and over GET, and who sends it. */
interface Sent {
  readonly user: string | null
  readonly post: SentOverHttp
  readonly get: SentOverHttp
}

/** A row that a signed-in caller reads, if possible one that an anonymous caller may not (F205). */
export function queryByGet(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { reference } = asking
  const reads = { entity, verb: 'get', statuses: [200] } as const
  const sent =
    documentOf(
      asking,
      reads,
      ({ user, request }) => user !== null && expectationOf(reference, null, request).statuses.every((status) => status >= 400),
    ) ?? documentOf(asking, reads, ({ user }) => user !== null)
  if (sent === null) return []
  const { user, post, get } = sent
  return [
    {
      goal: 'graphql-by-get',
      user,
      async ask(tools) {
        const token = tools.tokenOf(user)
        const usual = await tools.send({ ...post, token })
        const answer = await tools.send({ ...get, token })
        const isSame = answer.status === usual.status && answer.text === usual.text
        const wrong = isSame
          ? null
          : `by GET status ${answer.status}: ${answer.text.slice(0, 200)}; by POST ${usual.status}: ${usual.text.slice(0, 200)}`
        return { wrong, statuses: [usual.status], why: 'the caller is the same by GET and by POST', sent: get, answer }
      },
    },
  ]
}

/** A write that its caller may do by POST (F210). */
export function mutationByGet(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const verbs: readonly (readonly [RowVerb, number])[] = [
    ['update', 200],
    ['delete', 204],
  ]
  return verbs.flatMap(([verb, status]) => {
    const sent = documentOf(asking, { entity, verb, statuses: [status] }, () => true)
    if (sent === null) return []
    const { user, get } = sent
    return [
      {
        goal: `${entity.name}/graphql-${verb}-by-get`,
        user,
        async ask(tools) {
          const answer = await tools.send({ ...get, token: tools.tokenOf(user) })
          const wrong = isRefusedAnswer({ url: '/graphql' }, answer) ? null : `status ${answer.status}: ${answer.text.slice(0, 200)}`
          return { wrong, statuses: [405], why: 'a GET changes nothing, so a mutation is refused (GraphQL over HTTP)', sent: get, answer }
        },
      } satisfies SecurityProbe,
    ]
  })
}

function documentOf(
  asking: PlannedWorld,
  wanted: Parameters<typeof requestAnswered>[1],
  fits: NonNullable<Parameters<typeof requestAnswered>[2]>,
): Sent | null {
  const { reference } = asking
  if (!hasApi(reference.model, 'graphql')) return null
  const found = requestAnswered(asking, wanted, fits)
  if (found === null) return null
  const { user } = found
  const caller = { reference, user, sight: reference.sightOf(user) }
  const post = GRAPHQL.encode(caller, GRAPHQL.adapt(caller, found.request), null)
  const { query, variables } = post.body as { readonly query: string; readonly variables?: unknown }
  const text = new URLSearchParams({ query, ...(variables === undefined ? {} : { variables: JSON.stringify(variables) }) })
  return { user, post, get: { method: 'GET', url: `/graphql?${text}`, ...(post.headers === undefined ? {} : { headers: post.headers }) } }
}
