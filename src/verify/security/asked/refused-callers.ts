/** F206: what one caller may not do stays undone behind another request that it may make: in lists, transactions and upserts. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import { hasApi } from '../../cases/doors.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import { harmless, type PlannedWorld } from '../../cases/questions.ts'
import { type ForeseenRequest, type RowVerb, requestsOf } from '../../cases/usual-request.ts'
import { type AbstractRequest, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { isLive } from '../../expected/reference.ts'
import { uniquesOf } from '../../expected/written-design.ts'
import { inputValues, plainName, schemaNamesOf } from '../../requests/graphql-words.ts'
import { GRAPHQL } from '../../requests/transport-graphql.ts'
import { refusedParts } from '../everywhere/refused-parts.ts'
import { fileCallers } from '../guarded/file-callers.ts'
import { familyOf, isRefusedAnswer, type SecurityProbe } from '../probes.ts'
import { creating, creatorOf } from '../spoiled-bodies.ts'

/** The claim about an entity. None where no caller may do one thing and not another of the same kind. */
export function refusedCallers(asking: PlannedWorld, entity: Entity): PlannedFamily {
  return familyOf(
    {
      of: 'F206',
      entity: entity.name,
      claim: `No ${entity.name} is written by a caller who may not, also beside rows that it may write (OWASP API1 and API5).`,
      text: 'a row that the caller may not write behind one that it may: in a list of rows, a transaction, a list in GraphQL, and through an upsert; files and links to them, of rows that the caller may not read or not change',
      oracle: 'cel-js on the text of the design; afterwards every row of every entity is compared',
    },
    [
      ...(['create', 'update', 'delete'] as const).flatMap((verb) => secondPlace(asking, entity, verb)),
      ...upserts(asking, entity),
      ...fileCallers(asking, entity, 'accounts'),
      ...refusedParts(asking, entity, 'account'),
    ],
  )
}

const SUCCESS: Readonly<Record<'create' | 'update' | 'delete', string>> = { create: '201', update: '200', delete: '204' }

/** A signed-in caller with a request that succeeds, and one that the rules refuse. */
function pairOf(
  asking: PlannedWorld,
  entity: Entity,
  verb: 'create' | 'update' | 'delete',
): readonly [ForeseenRequest, ForeseenRequest] | null {
  const byUser = Map.groupBy(requestsOf(asking, entity, verb satisfies RowVerb), ({ user }) => user)
  for (const [user, requests] of byUser) {
    if (user === null) continue
    const allowed = requests.find(({ expected }) => expected.join() === SUCCESS[verb])
    const refused = requests.find(({ expected }) => expected.join() === '403') ?? requests.find(({ expected }) => expected.join() === '404')
    if (allowed !== undefined && refused !== undefined) return [allowed, refused]
  }
  return null
}

function secondPlace(asking: PlannedWorld, entity: Entity, verb: 'create' | 'update' | 'delete'): readonly SecurityProbe[] {
  const { reference } = asking
  const { model } = reference
  const pair = pairOf(asking, entity, verb)
  if (pair === null) return []
  const [{ user, request: allowed }, { request: refused }] = pair
  const operation = (request: AbstractRequest): object => {
    const { method, url, body } = httpRequestOf(model, request)
    return { method, path: url, ...(body === undefined ? {} : { body }) }
  }
  const transaction: SentOverHttp = {
    method: 'POST',
    url: `${restBase(model)}/transaction`,
    body: { operations: [allowed, refused].map(operation) },
  }
  const both = allowed.kind === 'create' && refused.kind === 'create' ? creating(entity, [...allowed.rows, ...refused.rows], true) : null
  const isForeseen = both !== null && expectationOf(reference, user, both).statuses.every((status) => status >= 400)
  const caller = { reference, user, sight: reference.sightOf(user) }
  const refusedProbe = (goal: string, sent: SentOverHttp): SecurityProbe => ({
    goal: `${goal}-${verb}`,
    user,
    async ask(tools) {
      const answer = await tools.send({ ...sent, token: tools.tokenOf(user) })
      const wrong = isRefusedAnswer(sent, answer) ? null : `status ${answer.status}: ${answer.text.slice(0, 200)}`
      return { wrong, statuses: [403, 404], why: 'the second of both rows may not be written, so neither is', sent, answer }
    },
  })
  return [
    refusedProbe('transaction', transaction),
    ...(both === null || !isForeseen
      ? []
      : [
          refusedProbe('many', httpRequestOf(model, both)),
          ...(hasApi(model, 'graphql') ? [refusedProbe('graphql-many', GRAPHQL.encode(caller, GRAPHQL.adapt(caller, both), null))] : []),
        ]),
  ]
}

/** An upsert of a row that is there by a caller who may create such rows, but not change this one. */
function upserts(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { reference } = asking
  const creator = hasApi(reference.model, 'graphql') ? creatorOf(asking, entity) : null
  const user = creator?.user ?? null
  const [body] = creator?.good ?? []
  const key = uniquesOf(reference.design.entities[entity.name]).find(({ names, where }) => names.length === 1 && where === 'true')?.names[0]
  if (user === null || body === undefined || key === undefined || !Object.hasOwn(body, key)) return []
  const sight = reference.sightOf(user)
  const at = { reference, user, sight, entity }
  const row = (reference.rows().get(entity.name) ?? []).find((one) => {
    if (!isLive(one) || !sight.sees(entity.name, one) || !sight.seesField(entity.name, key, one)) return false
    const change = harmless(at, one)
    const request = {
      kind: 'update',
      entity: entity.name,
      mode: 'patch',
      id: String(one.id),
      body: change,
      version: null,
      selected: { fields: null, include: new Map() },
    } as const
    return Object.keys(change).length > 0 && expectationOf(reference, user, request).statuses.join() === '403'
  })
  if (row === undefined) return []
  const names = schemaNamesOf({ reference }, entity)
  const member = plainName({ reference }, entity, key)
  const query = `mutation ($where: ${names.types.get('Key')}!, $create: ${names.types.get('CreateInput')}!, $update: ${names.types.get('UpdateInput')}!) { ${names.upsert}(where: $where, create: $create, update: $update) { created } }`
  const variables = {
    where: inputValues(entity, { [member]: row[key] }),
    create: inputValues(entity, { ...body, [key]: row[key] }),
    update: inputValues(entity, harmless(at, row)),
  }
  const sent = { method: 'POST', url: '/graphql', body: { query, variables } }
  return [
    {
      goal: 'upsert-of-a-row',
      user,
      async ask(tools) {
        const answer = await tools.send({ ...sent, token: tools.tokenOf(user) })
        const wrong = isRefusedAnswer(sent, answer) ? null : `status ${answer.status}: ${answer.text.slice(0, 200)}`
        return { wrong, statuses: [403], why: 'the caller may not change the row that the key names', sent, answer }
      },
    },
  ]
}
