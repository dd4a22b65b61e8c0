/** The cases of the family `documents` for REST: queries of lists, bodies of transactions, and nested rows. */

import { isDeepStrictEqual } from 'node:util'
import { restBase } from '../../../model/address/served.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeCase } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { pointerProblem } from '../../security/guarded/named-faults.ts'
import { type Creator, creating, creatorOf } from '../../security/spoiled-bodies.ts'
import { nestedForms } from './nested-forms.ts'
import { type PageFacts, pageFacts } from './page-facts.ts'
import { type QueryForm, queryForms } from './query-forms.ts'
import { referringReads, wrongTransactions } from './transaction-forms.ts'

interface Form {
  readonly goal: string
  readonly sent: SentOverHttp
  readonly statuses: readonly number[]
  /** What is wrong with an answer of one of the statuses; null if nothing is. */
  readonly check: (answer: Answered) => string | null
}

/** The claims about queries, and about bodies of several rows. Their forms do not depend on the entity, so one is enough. */
export function restForms(asking: PlannedWorld): readonly PlannedFamily[] {
  const { model } = asking.reference
  if (model.served.rest === null) return []
  const read = first(model.entities, (entity) => pageFacts(asking, entity))
  const written = first(model.entities, (entity) => {
    const creator = entity.fields.some(({ type }) => type.kind === 'password') ? null : creatorOf(asking, entity)
    return creator === null ? null : { entity, creator }
  })
  return [
    ...(read === null
      ? []
      : [planned('documents/queries', read.user, [...queryForms(asking, read).map(listed), ...referring(asking, read)])]),
    ...(written === null ? [] : [planned('documents/bodies', written.creator.user, refusedBodies(asking, written))]),
  ]
}

function first<T, R>(all: readonly T[], find: (one: T) => R | null): R | null {
  for (const one of all) {
    const found = find(one)
    if (found !== null) return found
  }
  return null
}

/** The claim of some forms. No row may change. */
function planned(id: string, user: string | null, forms: readonly Form[]): PlannedFamily {
  return {
    plan: {
      id,
      claim: 'Requests that mean the same are answered alike, and what means nothing is refused and changes nothing.',
      path: ['entities'],
      oracle: 'the rows in memory, and the reference of REST',
      text: 'both notations of filters, orders, sizes and counts; references between operations; transactions and nested rows with one fault each',
      what: 'answers',
      asked: forms.map(({ goal }) => goal),
      impossible: [],
      untested: [],
    },
    cases: [],
    probes: forms.map((form): ProbeCase => {
      const { goal, sent, statuses, check } = form
      return {
        ...{ name: `${id}/${goal}`, claim: id, door: 'rest', user, goals: [goal], atoms: {} },
        async ask({ send, tokenOf }) {
          const answer = await send({ ...sent, token: tokenOf(user) })
          const wrong = statuses.includes(answer.status) ? check(answer) : `status ${answer.status}`
          return { wrong, statuses, why: 'the reference says what this request means', sent, answer }
        },
      }
    }),
  }
}

function listed({ goal, url, ids, count }: QueryForm): Form {
  const sent = { method: 'GET', url }
  if (ids === null) return { goal, sent, statuses: [400], check: () => null }
  return {
    ...{ goal, sent, statuses: [200] },
    check: ({ json }) => {
      const found = idsOf(json?.data)
      if (!isDeepStrictEqual(found, ids)) return `the rows are ${found.join(', ') || 'none'}, expected ${ids.join(', ') || 'none'}`
      return json?.page?.count === count ? null : `the count is ${json?.page?.count}, expected ${count}`
    },
  }
}

function idsOf(data: unknown): readonly string[] {
  return (Array.isArray(data) ? data : []).map((row: { readonly id?: unknown }) => String(row.id))
}

function referring({ reference: { model } }: PlannedWorld, facts: PageFacts): readonly Form[] {
  return referringReads(model, facts).map(({ goal, body, found }) => ({
    ...{ goal, sent: { method: 'POST', url: `${restBase(model)}/transaction`, body }, statuses: [200] },
    check: ({ json }) => {
      const last = json?.results?.[1]?.body
      const ids = last?.data === undefined ? [String(last?.id)] : idsOf(last.data)
      return isDeepStrictEqual(ids, found) ? null : `the rows are ${ids.join(', ') || 'none'}, expected ${found.join(', ')}`
    },
  }))
}

interface Written {
  readonly entity: PageFacts['entity']
  readonly creator: Creator
}

function refusedBodies(asking: PlannedWorld, { entity, creator }: Written): readonly Form[] {
  const { model } = asking.reference
  const [good = {}] = creator.good
  const refused = (goal: string, sent: SentOverHttp, pointer: string): Form => ({
    ...{ goal, sent, statuses: [400] },
    check: (answer) => (answer.json?.code === 'validation_failed' ? pointerProblem(answer, pointer) : `code ${answer.json?.code}`),
  })
  const url = `${restBase(model)}/transaction`
  return [
    ...wrongTransactions({ model, entity, good }).map(({ goal, body, pointer }) =>
      refused(`transaction-${goal}`, { method: 'POST', url, body }, pointer),
    ),
    ...nestedForms(asking, entity, creator).map(({ goal, body, pointer }) =>
      refused(goal, { ...httpRequestOf(model, creating(entity, [body])), body }, pointer),
    ),
  ]
}
