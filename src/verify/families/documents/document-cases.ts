/** The cases of the family `documents`: whatever form a GraphQL document has, the data are those that its parts name. */

import { isDeepStrictEqual } from 'node:util'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeCase, ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { type DocumentForm, documentForms } from './document-forms.ts'
import { type PageFacts, pageFacts } from './page-facts.ts'

const ACCEPT = { accept: 'application/graphql-response+json' }
const PAGES = 'cursors-of-edges'

/** The claim about documents. Their forms do not depend on the entity, so one with enough rows is enough. */
export function documentCases(asking: PlannedWorld): readonly PlannedFamily[] {
  const { model } = asking.reference
  if (!model.served.graphql) return []
  for (const entity of model.entities) {
    const facts = pageFacts(asking, entity)
    if (facts !== null) return [familyOf(facts)]
  }
  return []
}

function familyOf(facts: PageFacts): PlannedFamily {
  const id = `documents/${facts.entity.name}`
  const forms = documentForms(facts)
  const goals = [...forms.flatMap(({ goal }) => [goal, `${goal}-by-get`]), PAGES]
  const { user } = facts
  return {
    plan: {
      id,
      claim: `Whatever form a GraphQL document has, it answers the rows of ${facts.entity.name} that it names.`,
      path: ['entities', facts.entity.name],
      oracle: 'the rows in memory, and the specification of GraphQL',
      text: 'fragments, aliases, directives, variables, names of operations, edges, names of types, global ids and combined filters, sent by POST and by GET',
      what: 'answers',
      asked: goals,
      impossible: [],
      untested: [],
    },
    cases: [],
    probes: [
      ...forms.flatMap((form) => [false, true].map((byGet) => formProbe(id, user, { form, byGet }))),
      {
        ...{ name: `${id}/${PAGES}/graphql`, claim: id, door: 'graphql-list', user, goals: [PAGES], atoms: {} },
        ask: (tools) => askPages(tools, facts),
      },
    ],
  }
}

function formProbe(id: string, user: string | null, { form, byGet }: { readonly form: DocumentForm; readonly byGet: boolean }): ProbeCase {
  const goal = byGet ? `${form.goal}-by-get` : form.goal
  const sent: SentOverHttp = byGet
    ? { method: 'GET', url: urlOf(form), headers: ACCEPT }
    : { method: 'POST', url: '/graphql', headers: ACCEPT, body: form.body }
  return {
    ...{ name: `${id}/${goal}/graphql`, claim: id, door: 'graphql-list', user, goals: [goal], atoms: {} },
    async ask({ send, tokenOf }) {
      const answer = await send({ ...sent, token: tokenOf(user) })
      const isRefused = form.data === null
      return {
        wrong: isRefused ? refusalProblem(answer) : dataProblem(answer, form.data),
        statuses: isRefused ? [400] : [200],
        why: isRefused ? 'the document cannot be answered' : 'the document names these rows and members',
        sent,
        answer,
      }
    },
  }
}

function urlOf({ body: { query, variables, operationName } }: DocumentForm): string {
  const parts = Object.entries({ query, operationName, ...(variables === undefined ? {} : { variables: JSON.stringify(variables) }) })
  const said = parts.flatMap(([name, value]) => (value === undefined || value === null ? [] : [`${name}=${encodeURIComponent(value)}`]))
  return `/graphql?${said.join('&')}`
}

function dataProblem({ status, json }: Answered, data: unknown): string | null {
  if (status !== 200 || json?.errors !== undefined) return `status ${status}, ${JSON.stringify(json?.errors ?? null).slice(0, 200)}`
  return isDeepStrictEqual(json?.data, data)
    ? null
    : `the data are ${JSON.stringify(json?.data).slice(0, 300)}, expected ${JSON.stringify(data).slice(0, 300)}`
}

function refusalProblem({ status, json }: Answered): string | null {
  const isRefused = Array.isArray(json?.errors) && json.errors.length > 0 && (json.data ?? null) === null && status >= 400 && status < 500
  return isRefused ? null : `status ${status}, ${JSON.stringify(json).slice(0, 200)}`
}

/** Pages of one row: the cursor of each edge leads to the next row, and the facts about the page say whether there is one. */
async function askPages({ send, tokenOf }: ProbeTools, { user, ids, many, rows }: PageFacts) {
  const token = tokenOf(user)
  const query = `query ($after: String) { ${many}(first: 1, after: $after, orderBy: [{ id: ASC }]) { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`
  let after: string | null = null
  for (let i = 0; ; i++) {
    const sent: SentOverHttp = { method: 'POST', url: '/graphql', headers: ACCEPT, body: { query, variables: { after } } }
    const answer = await send({ ...sent, token })
    const page = answer.json?.data?.[many]
    const cursor: unknown = page?.edges?.[0]?.cursor
    const expected = {
      edges: [{ cursor, node: { id: rows[i]?.id } }],
      pageInfo: { hasNextPage: i + 1 < ids.length, hasPreviousPage: i > 0, startCursor: cursor, endCursor: cursor },
    }
    const outcome = { statuses: [200], why: 'each cursor leads to the row behind it', sent, answer }
    if (typeof cursor !== 'string') return { ...outcome, wrong: `page ${i + 1} has no cursor` }
    const wrong = isDeepStrictEqual(page, expected) ? null : `page ${i + 1} is ${JSON.stringify(page).slice(0, 300)}`
    if (wrong !== null || i + 1 === ids.length) return { ...outcome, wrong }
    after = cursor
  }
}
