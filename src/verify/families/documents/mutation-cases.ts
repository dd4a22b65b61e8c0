/** The cases of the family `documents` for mutations: what is refused writes nothing, and what stands beside it is done, or is not. */

import { isDeepStrictEqual } from 'node:util'
import type { Entity } from '../../../model/model.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeCase, ProbeOutcome } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { type Creator, creatorOf } from '../../security/spoiled-bodies.ts'
import { type MutationForm, mutationForms } from './mutation-forms.ts'

const ID = 'documents/mutations'

/** The claim about mutations, of the first entity that a caller may create; none without GraphQL. */
export function mutationCases(asking: PlannedWorld): readonly PlannedFamily[] {
  const { model } = asking.reference
  if (!model.served.graphql) return []
  for (const entity of model.entities) {
    if (entity.fields.some(({ type }) => type.kind === 'password')) continue
    const creator = creatorOf(asking, entity)
    const forms = creator === null ? [] : mutationForms(asking, entity, creator)
    if (creator !== null && forms.length > 0) return [familyOf(entity, creator, forms)]
  }
  return []
}

function familyOf(entity: Entity, { user }: Creator, forms: readonly MutationForm[]): PlannedFamily {
  return {
    plan: {
      id: ID,
      claim: `Documents that create ${entity.name} do what each of their mutations says, in order, and nothing of one that is refused.`,
      path: ['entities', entity.name],
      oracle: 'the specification of GraphQL, and the reference of mutations',
      text: 'several mutations with and without @atomic, one of them refused, skipped, in a fragment, or of an operation that is not meant',
      what: 'answers',
      asked: forms.map(({ goal }) => goal),
      impossible: [],
      untested: [],
    },
    cases: [],
    probes: forms.map((form) => probeOf(entity, user, form)),
  }
}

function probeOf(entity: Entity, user: string | null, { goal, body, created, answered }: MutationForm): ProbeCase {
  const sent: SentOverHttp = { method: 'POST', url: '/graphql', body }
  return {
    ...{ name: `${ID}/${goal}`, claim: ID, door: 'graphql-create', user, goals: [goal], atoms: {} },
    async ask({ send, tokenOf, before, rows }): Promise<ProbeOutcome> {
      const answer = await send({ ...sent, token: tokenOf(user) })
      const more = ((await rows()).get(entity.name)?.length ?? 0) - (before.get(entity.name)?.length ?? 0)
      const wrong = answerProblem(answer, answered) ?? (more === created ? null : `${more} rows were created, expected ${created}`)
      return { wrong, statuses: [200, 400], why: 'each mutation is done or refused by itself, and with @atomic all are', sent, answer }
    },
    rows: () => null,
  }
}

function answerProblem({ json }: Answered, answered: MutationForm['answered']): string | null {
  const data: unknown = json?.data ?? null
  const errors: readonly { readonly path?: readonly unknown[] }[] = json?.errors ?? []
  if (answered === null)
    return data === null && errors.length > 0 ? null : `the data are ${JSON.stringify(data).slice(0, 200)}, expected null and an error`
  const fates = Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [key, value === null ? 'refused' : 'done']))
  if (!isDeepStrictEqual(fates, answered)) return `the mutations are ${JSON.stringify(fates)}, expected ${JSON.stringify(answered)}`
  const refused = Object.entries(answered).flatMap(([key, fate]) => (fate === 'refused' ? [key] : []))
  const named = errors.map(({ path }) => String(path?.[0]))
  return isDeepStrictEqual(named, refused)
    ? null
    : `the errors are about ${named.join(', ') || 'nothing'}, expected ${refused.join(', ') || 'none'}`
}
