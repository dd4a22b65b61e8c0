/** The state of a workflow behind the doors of rows: no request may set it, whatever the caller is. */

import { entityNamed } from '../../model/model.ts'
import type { Workflow } from '../../model/workflow.ts'
import type { Case } from '../cases/case.ts'
import { type Api, hasApi } from '../cases/doors.ts'
import type { PlannedFamily } from '../cases/family-plan.ts'
import { newBody } from '../cases/new-body.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { requestAnswered } from '../cases/usual-request.ts'
import { type AbstractRequest, ALL, type BodyValues } from '../expected/abstract-request.ts'
import { expectationOf } from '../expected/expectation.ts'

const GOALS = ['patch', 'put', 'create', 'graphql-update', 'graphql-create'] as const

/** A create and changes that send a state, by callers who may otherwise do them. */
export function stateDoors(asking: PlannedWorld, { name, entity: entityName, field }: Workflow): PlannedFamily {
  const { reference } = asking
  const id = `actions/${name}`
  const entity = entityNamed(reference.model, entityName)
  const states = reference.design.entities[entityName]?.fields[field]?.values ?? []
  const update = requestAnswered(asking, { entity, verb: 'update', statuses: [200] })
  const replace = requestAnswered(asking, { entity, verb: 'replace', statuses: [200] })
  const create = requestAnswered(asking, { entity, verb: 'create', statuses: [201] })
  const one = (door: (typeof GOALS)[number], api: Api, user: string | null, request: AbstractRequest): readonly Case[] => {
    const { statuses } = expectationOf(reference, user, request)
    if (!hasApi(reference.model, api) || statuses.some((status) => status < 400)) return []
    return [{ name: `${id}/${door}`, claim: id, door, api, user, request, goals: [door], atoms: {}, refused: field }]
  }
  const cases = [
    ...(update?.request.kind === 'update' ? changes(update.user, update.request) : []),
    ...(replace?.request.kind === 'update' ? one('put', 'rest', replace.user, withOther(replace.request, replace.request.body)) : []),
    ...(create?.request.kind === 'create' ? creates(create.user) : []),
  ]

  /** The request with another state than that of its row. */
  function withOther(request: Extract<AbstractRequest, { kind: 'update' }>, body: BodyValues): AbstractRequest {
    const present = reference.find(entityName, request.id)?.[field]
    return { ...request, body: { ...body, [field]: states.find((state) => state !== present) } }
  }

  function changes(user: string | null, request: Extract<AbstractRequest, { kind: 'update' }>): readonly Case[] {
    const sent = withOther(request, {})
    return [...one('patch', 'rest', user, sent), ...one('graphql-update', 'graphql', user, sent)]
  }

  function creates(user: string | null): readonly Case[] {
    const at = { reference, user, sight: reference.sightOf(user), entity }
    const [template] = reference.rows().get(entityName) ?? []
    if (template === undefined) return []
    const body = { ...newBody(at, template, { n: 1_500, needed: [] }), [field]: states.at(-1) }
    const sent: AbstractRequest = { kind: 'create', entity: entityName, rows: [body], many: false, selected: ALL }
    return [...one('create', 'rest', user, sent), ...one('graphql-create', 'graphql', user, sent)]
  }

  const asked = cases.flatMap(({ goals }) => goals)
  const possible = GOALS.filter((goal) => (goal.includes('create') ? create : goal === 'put' ? replace : update) !== null)
  return {
    plan: {
      id,
      claim: `Only the transitions of ${name} change ${entityName}.${field}.`,
      path: ['workflows', name],
      oracle: 'the reference: such a field cannot be sent',
      text: 'another state in a create, a change and a replacement, in REST and in GraphQL',
      what: 'conditions and states',
      asked,
      impossible: GOALS.filter((goal) => !possible.includes(goal)),
      untested: possible.filter((goal) => !asked.includes(goal)),
    },
    cases,
    probes: [],
  }
}
