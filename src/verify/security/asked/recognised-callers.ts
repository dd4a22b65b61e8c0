/** F205: a caller with a valid token is recognised everywhere, also where it is refused. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity, Model } from '../../../model/model.ts'
import { absentId } from '../../cases/absent-id.ts'
import { hasApi } from '../../cases/doors.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { type RowVerb, requestAnswered, type UsualRequest } from '../../cases/usual-request.ts'
import { type AbstractRequest, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { reissued } from '../../expected/forged-tokens.ts'
import { GRAPHQL } from '../../requests/transport-graphql.ts'
import { TRANSACTION } from '../../requests/transport-transaction.ts'
import { callersOfParts } from '../everywhere/callers-of-parts.ts'
import { queryByGet } from '../graphql-by-get.ts'
import { familyOf, type SecurityProbe } from '../probes.ts'

const VERBS: readonly RowVerb[] = ['list', 'get', 'create', 'update', 'replace', 'delete']

/** Seconds after which a token expires that is about to. */
const SOON = 20

/** The claim about the operations of an entity. None for a design without accounts. */
export function recognisedCallers(asking: PlannedWorld, entity: Entity): PlannedFamily {
  const { model } = asking.reference
  const probes =
    model.identity === null
      ? []
      : VERBS.flatMap((verb) => {
          const refused = requestAnswered(asking, { entity, verb, statuses: [403, 404] }, ({ user }) => user !== null)
          return refused === null ? [] : [probeOf(asking, verb, refused)]
        })
  const addresses = model.identity === null ? [] : addressProbe(asking, entity)
  return familyOf(
    {
      of: 'F205',
      entity: entity.name,
      claim: `A signed-in caller who may not do something with a ${entity.name} is told so, and not to sign in (OWASP API2).`,
      text: 'each operation that must be refused, through REST, transactions and GraphQL, with a token that works elsewhere, one that expires soon, and the scheme in small letters; each address with requests that only their form or a missing row makes wrong; a query of GraphQL by GET; writes that only this caller may do, alone and at each place of transactions and documents',
      oracle: 'the rules of the design: the caller is known, so no answer is 401',
    },
    [...probes, ...addresses, ...(model.identity === null ? [] : [...queryByGet(asking, entity), ...callersOfParts(asking, entity)])],
  )
}

/** A body that is refused whatever the rules are. */
const NO_BODY = '"verify"'

/**
 * Every address of an entity, whatever its rules allow: a request that is refused for its form, or because there is no such row, is
 * refused for nothing else.
 */
function addressProbe({ reference, world }: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { model } = reference
  const [user] = world.accounts
  const [row] = reference.rows().get(entity.name) ?? []
  if (user === undefined) return []
  const list = `${restBase(model)}/${entity.path}`
  const one = `${list}/${encodeURIComponent(absentId(String(row?.id ?? user)))}`
  const body = { body: NO_BODY, headers: { 'content-type': 'application/json' } }
  const actions = model.actions.filter(
    ({ entity: of, address }) => of === entity.name && address.row?.by === 'id' && address.signed === null && address.method !== 'GET',
  )
  const requests: readonly SentOverHttp[] = [
    { method: 'GET', url: list },
    { method: 'HEAD', url: list },
    { method: 'POST', url: list, ...body },
    { method: 'POST', url: `${list}/bulk`, ...body },
    { method: 'POST', url: `${list}/bulk`, body: [] },
    ...['GET', 'HEAD', 'DELETE'].map((method) => ({ method, url: one })),
    ...['PATCH', 'PUT'].map((method) => ({ method, url: one, ...body })),
    ...actions.map(({ address }) => ({
      method: address.method,
      url: address.path.replace(/\{[^{}]+\}/g, one.slice(list.length + 1)),
      ...body,
    })),
  ]
  return [
    {
      goal: 'addresses',
      user,
      async ask(tools) {
        const why = 'the caller is signed in, and the request is refused for its form or its row'
        const tokens = [tools.tokenOf(user), ...expiring(tools, tools.tokenOf(user))]
        let last: { readonly sent: SentOverHttp; readonly answer: Answered } | null = null
        for (const sent of requests) {
          for (const token of tokens) {
            const answer = await tools.send({ ...sent, token })
            last = { sent, answer }
            const wrong = unrecognised(answer)
            if (wrong !== null) return { wrong: `${sent.method} ${sent.url}: ${wrong}`, statuses: [400, 404], why, ...last }
          }
        }
        const [sent = { method: 'GET', url: list }] = requests
        return { wrong: null, statuses: [200, 400, 404], why, ...(last ?? { sent, answer: await tools.send({ ...sent, token: null }) }) }
      },
    },
  ]
}

function probeOf({ reference }: PlannedWorld, verb: RowVerb, { user, request }: UsualRequest): SecurityProbe {
  const { model } = reference
  const me = `${restBase(model)}/auth/me`
  const caller = { reference, user, sight: reference.sightOf(user) }
  const sent = httpRequestOf(model, request)
  const scheme = (model.identity?.token.scheme ?? 'Bearer').toLowerCase()
  const doors: readonly (readonly [string, SentOverHttp])[] = [
    ['rest', sent],
    ...(request.kind === 'create' ? lists(model, request) : []),
    ...(hasApi(model, 'transaction') ? [['transaction', TRANSACTION.encode(caller, request, null)] as const] : []),
    ...(hasApi(model, 'graphql') ? [['graphql', GRAPHQL.encode(caller, GRAPHQL.adapt(caller, request), null)] as const] : []),
  ]
  return {
    goal: verb,
    user,
    async ask(tools) {
      const token = tools.tokenOf(user)
      const asked = [
        ...doors.map(([name, one]) => ({ name, ...one, token })),
        { name: 'scheme in small letters', ...sent, headers: { ...sent.headers, authorization: `${scheme} ${token}` }, token: null },
        ...expiring(tools, token).map((soon) => ({ name: 'a token that expires soon', ...sent, token: soon })),
        { name: 'the own account afterwards', method: 'GET', url: me, token },
      ]
      const first = await tools.send({ ...sent, token })
      for (const { name, ...one } of asked) {
        const answer = await tools.send(one)
        const wrong = unrecognised(answer)
        if (wrong !== null) return { wrong: `${name}: ${wrong}`, statuses: [403, 404], why: 'the caller is signed in', sent: one, answer }
      }
      const wrong = [403, 404].includes(first.status) ? null : `status ${first.status}`
      return { wrong, statuses: [403, 404], why: 'the caller is signed in, and may not do this', sent, answer: first }
    },
  }
}

/** The addresses at which a list of rows is created. */
function lists(model: Model, request: Extract<AbstractRequest, { kind: 'create' }>): readonly (readonly [string, SentOverHttp])[] {
  const many = { ...request, many: true }
  return [
    ['a list of rows', httpRequestOf(model, many)],
    ['bulk', httpRequestOf(model, { ...many, by: 'bulk' })],
  ]
}

/** The token with a time of expiry that is near. */
function expiring({ signing }: ProbeTools, token: string | null): readonly string[] {
  if (signing === null || token === null) return []
  return [reissued({ token, pem: signing.pem }, { exp: Math.floor(Date.now() / 1_000) + SOON })]
}

/** Whether an answer tells a caller to sign in, or that its token is not valid. */
function unrecognised({ status, text }: Answered): string | null {
  if (status === 401) return 'status 401'
  return /"(?:not_signed_in|invalid_token)"/.test(text) ? 'the answer says that nobody is signed in' : null
}
