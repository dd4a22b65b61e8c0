/** Checks over relations: a write that breaks one, through each operation that can, and one that keeps it. */

import type { Entity } from '../../model/model.ts'
import type { Case } from '../cases/case.ts'
import { type Api, hasApi } from '../cases/doors.ts'
import type { PlannedFamily } from '../cases/family-plan.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { isUnforeseen } from '../cases/unforeseen.ts'
import { type RowVerb, requestAnswered, type UsualRequest } from '../cases/usual-request.ts'
import { expectationOf } from '../expected/expectation.ts'
import { brokenPlaces, togetherPlaces } from './check-places.ts'

const VERBS: readonly RowVerb[] = ['create', 'update', 'delete']
const APIS: readonly Api[] = ['rest', 'graphql', 'transaction']

/** A claim for each check over relations. */
export function checkCases(asking: PlannedWorld): readonly PlannedFamily[] {
  return asking.reference.model.entities.flatMap((entity) => entity.relationChecks.map(({ name }) => planCheck(asking, entity, name)))
}

function planCheck(asking: PlannedWorld, entity: Entity, check: string): PlannedFamily {
  const { reference } = asking
  const { model, design } = reference
  const id = `relations/${entity.name}.${check}`
  const text = design.entities[entity.name]?.checks?.[check]?.rule ?? ''
  const children = entity.relations.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(text)).map(({ entity: child }) => child)
  const concerned = model.entities.filter(({ name }) => name === entity.name || children.includes(name))
  const judged = { id, why: `${entity.name}.${check} ` }
  const breaks = ({ user, request }: UsualRequest): boolean => expectationOf(reference, user, request).why.includes(judged.why)
  const found = concerned.flatMap((one) =>
    VERBS.flatMap((verb) => {
      const asked = (statuses: readonly number[], fits?: (request: UsualRequest) => boolean) =>
        requestAnswered(asking, { entity: one, verb, statuses }, fits)
      const goals = { broken: asked([409], breaks), kept: asked([200, 201, 204]) }
      return Object.entries(goals).flatMap(([goal, request]) =>
        request === null ? [] : [{ goal: `${goal}-by-${verb}-${one.name}`, request }],
      )
    }),
  )
  const cases = found.flatMap(({ goal, request: { user, request } }) =>
    APIS.filter((api) => hasApi(model, api) && !isUnforeseen(reference, { request, user, api })).map(
      (api): Case => ({ name: `${id}/${goal}/${api}`, claim: id, door: api, api, user, request, goals: [goal], atoms: {} }),
    ),
  )
  const probes = found.flatMap(({ goal, request }) =>
    goal.startsWith('broken')
      ? brokenPlaces(asking, judged, goal, request)
      : goal.startsWith('kept-by-create')
        ? togetherPlaces(asking, judged, request)
        : [],
  )
  const asked = [...new Set([...cases, ...probes].flatMap(({ goals }) => goals))]
  return {
    plan: {
      id,
      claim: `No write leaves a ${entity.name} for which the check ${check} does not hold.`,
      path: ['entities', entity.name, 'checks', check],
      oracle: 'cel-js on the text of the design, over all rows afterwards',
      text: 'a write of each operation that breaks the check, and one that keeps it; the first at each place of transactions and documents; as many new rows together as the check allows, and one more',
      what: 'references and deletes',
      asked,
      impossible: [],
      untested: ['broken', 'kept'].filter((goal) => !asked.some((one) => one.startsWith(goal))),
    },
    cases,
    probes,
  }
}
