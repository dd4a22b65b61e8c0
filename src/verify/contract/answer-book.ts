/** Every answer of a run, held against the OpenAPI document and the GraphQL schema that the backend itself serves to the caller. */

import { getIntrospectionQuery, type IntrospectionQuery } from 'graphql'
import type { OpenApiDocument } from '../../compile/openapi/openapi.ts'
import type { Model } from '../../model/model.ts'
import type { FamilyPlan, LeftOut } from '../cases/family-plan.ts'
import type { SentOverHttp } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import { answerWatch, type Inside } from '../security/answer-watch.ts'
import { type GraphqlConformance, graphqlConformance } from './graphql-conformance.ts'
import { conformanceOf } from './openapi-conformance.ts'
import { type DocumentedOperation, documentedOperations, operationFinder } from './operations.ts'
import { reasonNotProvoked } from './unprovoked.ts'

const GRAPHQL_PATH = '/graphql'
const GRAPHQL_CLAIM = 'answers/graphql'
const NAMED = 6

/** An answer that was received. */
export interface ReceivedAnswer {
  /** The name of the case that asked. */
  readonly by: string
  /** Id of the account that asked; null for an anonymous caller. */
  readonly user: string | null
  readonly sent: SentOverHttp
  readonly answer: Answered
}

/** The first answer of one kind, and the first of that kind that is wrong. */
export interface JudgedAnswer extends ReceivedAnswer {
  /** `answers/Post.list`. */
  readonly claim: string
  /** The status; for GraphQL the root field. */
  readonly goal: string
  readonly declared: readonly number[]
  readonly wrong: string | null
}

/** Collects answers. */
export interface AnswerBook {
  /** Reads the documents of the callers; before it, nothing is checked. @param ask asks as an account; null is an anonymous caller. */
  readonly open: (users: readonly (string | null)[], ask: (user: string | null, sent: SentOverHttp) => Promise<Answered>) => Promise<void>
  readonly see: (received: ReceivedAnswer) => void
  /** One answer for each operation and status, and each root field of GraphQL: a wrong one if there is one. */
  readonly judged: () => readonly JudgedAnswer[]
  readonly plans: () => readonly FamilyPlan[]
  /** What was not provoked, with reasons. */
  readonly left: () => readonly LeftOut[]
}

/** An array that is sent to the address of a create is the operation at `/bulk`, as its description says. */
function documentedUrl({ method, url, body }: SentOverHttp): string {
  if (method !== 'POST' || !Array.isArray(body)) return url
  const [path = '', query] = url.split('?')
  return `${path.endsWith('/bulk') ? path : `${path}/bulk`}${query === undefined ? '' : `?${query}`}`
}

/** Whether an answer is kept in place of another one. A wrong answer is; otherwise the one of the first case by name, as in every run. */
function isRather(one: JudgedAnswer, other: JudgedAnswer): boolean {
  if ((one.wrong === null) !== (other.wrong === null)) return one.wrong !== null
  return one.by === other.by ? one.sent.url < other.sent.url : one.by < other.by
}

type Check = ReturnType<typeof conformanceOf>

/** What the backend says about itself to one caller. */
interface Documents {
  readonly find: (method: string, url: string) => DocumentedOperation | null
  readonly whole: Check
  readonly chosen: Check
  readonly graphql: GraphqlConformance | null
}

/** Opens an empty book. */
export function answerBook(model: Model, inside: Inside = {}): AnswerBook {
  const operations = new Map<string, DocumentedOperation>()
  const statuses = new Map<string, Set<number>>()
  const rootFields = new Set<string>()
  const byText = new Map<string, Documents>()
  const byUser = new Map<string, Documents>()
  const kept = new Map<string, JudgedAnswer>()
  const unread = new Map<number, number>()
  const reader = (user: string | null): Documents | null => byUser.get(user ?? '') ?? null

  const keep = (judged: JudgedAnswer): void => {
    const key = `${judged.claim} ${judged.goal}`
    const known = kept.get(key)
    if (known === undefined || isRather(judged, known)) kept.set(key, judged)
  }

  const watch = answerWatch(model, inside)
  const goalsOf = (claim: string): readonly string[] => [...kept.values()].filter((one) => one.claim === claim).map(({ goal }) => goal)

  return {
    async open(users, ask) {
      for (const user of users) {
        const spec = await ask(user, { method: 'GET', url: '/openapi.json' })
        const schema = model.served.graphql
          ? await ask(user, { method: 'POST', url: GRAPHQL_PATH, body: { query: getIntrospectionQuery({ descriptions: false }) } })
          : null
        if (spec.status !== 200 || typeof spec.json !== 'object') {
          unread.set(spec.status, (unread.get(spec.status) ?? 0) + 1)
          continue
        }
        const text = `${spec.text} ${schema?.text}`
        const documents = byText.get(text) ?? documentsOf(model, spec.json as OpenApiDocument, schema)
        byText.set(text, documents)
        byUser.set(user ?? '', documents)
        for (const one of documentedOperations(model, spec.json as OpenApiDocument)) {
          operations.set(one.name, one)
          statuses.set(one.name, new Set([...(statuses.get(one.name) ?? []), ...one.statuses]))
        }
        for (const field of documents.graphql?.fields ?? []) rootFields.add(field)
      }
    },
    see(received) {
      for (const outcome of watch.judge(received)) keep({ ...received, ...outcome, declared: [received.answer.status] })
      const { method } = received.sent
      const url = documentedUrl(received.sent)
      const own = reader(received.user)
      if (own === null) return
      if (url === GRAPHQL_PATH) {
        for (const judged of graphqlAnswers(own, received)) keep(judged)
        return
      }
      // An operation that the caller's document leaves out is judged by the document of a caller who has it.
      const having = [own, ...byText.values()].filter((one) => one.find(method, url) !== null)
      const operation = having[0]?.find(method, url) ?? null
      if (operation === null) return
      // Signing in answers as the new caller may see it, so the document of any caller may describe it.
      const judging = operation.entity === null ? having : having.slice(0, 1)
      const problems = judging.map((documents) => problemOf(documents, operation, received))
      const wrong = problems.includes(null) ? null : (problems[0] ?? null)
      const declared = [...(statuses.get(operation.name) ?? [])]
      keep({ ...received, claim: `answers/${operation.name}`, goal: String(received.answer.status), declared, wrong })
    },
    judged: () => [...kept].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, judged]) => judged),
    plans: () => [
      ...[...operations.values()].map((operation) =>
        operationPlan(model, operation, { declared: [...(statuses.get(operation.name) ?? [])], kept }),
      ),
      ...(rootFields.size === 0 ? [] : [graphqlPlan([...rootFields].sort(), kept)]),
      ...watch.plans(goalsOf),
    ],
    left: () => [...unreadDocuments(unread), ...leftOut([...operations.values()], statuses, kept)],
  }
}

/** Whether a failure is a page, or leads to one. Documents describe the failures that programs get; `security/F201` judges pages. */
function isForBrowser({ headers = {} }: ReceivedAnswer['sent'], { status, headers: given }: ReceivedAnswer['answer']): boolean {
  if (headers.accept?.includes('text/html') !== true) return false
  return status === 302 || (status >= 400 && String(given['content-type'] ?? '').startsWith('text/html'))
}

function problemOf(documents: Documents, { path }: DocumentedOperation, { sent, answer }: ReceivedAnswer): string | null {
  if (answer.status >= 500) return `status ${answer.status}`
  if (isForBrowser(sent, answer)) return null
  const isChosen = sent.url.includes('fields=') || sent.url.includes('fields%5B')
  return (isChosen ? documents.chosen : documents.whole)({ method: sent.method, path }, answer)
}

function documentsOf(model: Model, spec: OpenApiDocument, schema: Answered | null): Documents {
  const introspection = schema?.json?.data as IntrospectionQuery | undefined
  const [whole, chosen] = (['whole', 'chosen'] as const).map((rows) => onDemand(() => conformanceOf(spec, rows)))
  if (whole === undefined || chosen === undefined) throw new Error('there are two checks')
  return {
    find: operationFinder(documentedOperations(model, spec)),
    whole,
    chosen,
    graphql: introspection === undefined || introspection === null ? null : graphqlConformance(introspection),
  }
}

function onDemand(make: () => Check): Check {
  let made: Check | null = null
  return (asked, answered) => {
    made ??= make()
    return made(asked, answered)
  }
}

function graphqlAnswers({ graphql }: Documents, received: ReceivedAnswer): readonly JudgedAnswer[] {
  const { query, operationName } = (received.sent.body ?? {}) as { readonly query?: unknown; readonly operationName?: unknown }
  if (graphql === null || typeof query !== 'string') return []
  const { fields, problem } = graphql.check({ query, operationName }, received.answer)
  return fields.map((goal) => ({ ...received, claim: GRAPHQL_CLAIM, goal, declared: [], wrong: problem }))
}

function operationPlan(
  model: Model,
  { name, entity, method, path }: DocumentedOperation,
  { declared, kept }: { readonly declared: readonly number[]; readonly kept: ReadonlyMap<string, JudgedAnswer> },
): FamilyPlan {
  const id = `answers/${name}`
  const asked = declared.filter((status) => kept.has(`${id} ${status}`))
  const stray = [...kept.values()].filter((one) => one.claim === id && !declared.includes(Number(one.goal)))
  return {
    id,
    claim: `${method} ${path} answers as its OpenAPI document says.`,
    path: entity === null ? [] : ['entities', model.entities.find((one) => one.name === entity)?.name ?? entity],
    oracle: 'the OpenAPI document that the backend serves to the caller, by ajv',
    text: 'the body of every answer against its schema without further members, its headers, and no status without a description',
    what: 'answers',
    asked: [...asked.map(String), ...stray.map(({ goal }) => goal)],
    impossible: [],
    untested: declared.filter((status) => !asked.includes(status)).map(String),
  }
}

function graphqlPlan(fields: readonly string[], kept: ReadonlyMap<string, JudgedAnswer>): FamilyPlan {
  const asked = fields.filter((field) => kept.has(`${GRAPHQL_CLAIM} ${field}`))
  return {
    id: GRAPHQL_CLAIM,
    claim: 'GraphQL answers what was asked, in the types of the schema that the caller sees.',
    path: [],
    oracle: 'the schema that introspection shows to the caller',
    text: 'every answer: its members, types, enums, scalars and missing values',
    what: 'answers',
    asked,
    impossible: [],
    untested: fields.filter((field) => !asked.includes(field)),
  }
}

/** The callers to whom the backend did not serve its document. Their answers are compared with none. @param unread how many, by status. */
function unreadDocuments(unread: ReadonlyMap<number, number>): readonly LeftOut[] {
  return [...unread].map(([status, callers]) => ({
    what: `all answers to ${callers === 1 ? 'one caller' : `${callers} callers`}`,
    why: `the backend did not serve its OpenAPI document to them: status ${status}`,
  }))
}

/** The answers that were not provoked, by reason. Each claim has its own in `untested`. */
function leftOut(
  operations: readonly DocumentedOperation[],
  statuses: ReadonlyMap<string, ReadonlySet<number>>,
  kept: ReadonlyMap<string, JudgedAnswer>,
): readonly LeftOut[] {
  const pairs = operations.flatMap((operation) =>
    [...(statuses.get(operation.name) ?? [])]
      .filter((status) => !kept.has(`answers/${operation.name} ${status}`))
      .map((status) => ({ name: operation.name, status, why: reasonNotProvoked(operation, status) })),
  )
  return [...Map.groupBy(pairs, ({ why }) => why)].map(([why, of]) => {
    const named = [...new Set(of.map(({ status }) => status))].toSorted((a, b) => a - b)
    return { what: `answers ${named.join(', ')} of ${namesOf([...new Set(of.map(({ name }) => name))])}`, why }
  })
}

function namesOf(operations: readonly string[]): string {
  const more = operations.length - NAMED
  return more > 1 ? `${operations.slice(0, NAMED).join(', ')} and ${more} more operations` : operations.join(', ')
}
