/** Cases about reads where the rows are not known: statuses, rules as far as answers show them, and doors that must agree. */

import type { Entity } from '../../model/model.ts'
import { absentId } from '../cases/absent-id.ts'
import type { PlannedFamily } from '../cases/family-plan.ts'
import type { ProbeCase } from '../cases/probe.ts'
import { type AbstractRequest, ALL, httpRequestOf } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import { expectationOf } from '../expected/expectation.ts'
import { GRAPHQL } from '../requests/transport-graphql.ts'
import { type AskAs, type AskedEnvironment, type Asking, askingCallers, repeated, type Seen } from './reading.ts'
import { whyHidden } from './shown-rows.ts'

/** Rows of each entity whose doors are compared. */
const COMPARED = 3
const PAGE = 20
const NO_ROW = 'this caller is shown no row there'
const NO_HIDDEN_ROW = 'no other caller was shown a row there that this one is not'

/** The claims about reads, one for each entity. */
export function readCases(environment: AskedEnvironment): readonly PlannedFamily[] {
  return environment.asking.reference.model.entities.map((entity) => {
    const id = `reads/${entity.name}`
    const probes = askingCallers(environment).flatMap((caller) => probesOf(environment, { entity, id, caller }))
    return {
      plan: {
        id,
        claim: `Reads of ${entity.name} are answered alike through all addresses, and show no row that its rule forbids.`,
        path: ['entities', entity.name, 'access', 'read'],
        oracle: 'the text of the design on the rows of the answers, and the answers of other addresses',
        text: 'each caller: a list, its rows by id, HEAD, filter, GraphQL, rows that only others are shown, a missing row; what differs is asked three times',
        what: 'reads',
        asked: probes.flatMap(({ goals }) => goals),
        impossible: [],
        untested: [],
      },
      cases: [],
      probes,
    }
  })
}

interface Reading {
  readonly entity: Entity
  readonly id: string
  readonly caller: Asking
}

function probesOf(environment: AskedEnvironment, reading: Reading): readonly ProbeCase[] {
  const { id, caller } = reading
  const user = caller.known?.id ?? null
  const { statuses, why } = expectedOf(environment, reading)
  const one = (goal: string, look: (ask: AskAs) => Promise<Seen>): ProbeCase =>
    repeated({ claim: id, goal: `${caller.kind}/${goal}`, user, statuses, why, look })
  const mayRead = statuses.includes(200)
  return [
    one('list', (ask) => listed(environment, reading, { ask, statuses })),
    one('missing', (ask) => missing(environment, reading, { ask, mayRead })),
    ...(mayRead
      ? [one('doors', (ask) => doors(environment, reading, ask)), one('foreign', (ask) => foreign(environment, reading, ask))]
      : []),
  ]
}

const listOf = (entity: Entity): Extract<AbstractRequest, { kind: 'list' }> => ({
  ...{ kind: 'list', entity: entity.name, filters: [], sort: [], size: PAGE, search: null, count: false, selected: ALL },
})

/** The status of a list. Where a claim of the caller is not known, a rule of the caller alone cannot be judged. */
function expectedOf({ asking }: AskedEnvironment, { entity, caller }: Pick<Reading, 'entity' | 'caller'>) {
  const { statuses, why } = expectationOf(asking.reference, caller.known?.id ?? null, listOf(entity))
  return caller.known?.isWhole === false ? { statuses: [200, 403], why: 'not all claims of this caller are known' } : { statuses, why }
}

function listed(
  { asking }: AskedEnvironment,
  { entity, caller }: Reading,
  { ask, statuses }: { readonly ask: AskAs; readonly statuses: readonly number[] },
): Promise<Seen> {
  const { reference } = asking
  const sent = httpRequestOf(reference.model, listOf(entity))
  return ask(sent).then((answer): Seen => {
    if (!statuses.includes(answer.status)) return { wrong: `status ${answer.status}, expected ${statuses.join(' or ')}`, sent, answer }
    const standing = { entity, caller: reference.sightOf(caller.known?.id ?? null).caller, isWhole: caller.known?.isWhole ?? true }
    for (const row of dataOf(answer)) {
      const hidden = whyHidden(reference, { ...standing, row })
      if (hidden !== null) return { wrong: `the row ${String(row.id)} is shown, although ${hidden}`, sent, answer }
    }
    return { wrong: null, sent, answer }
  })
}

/** A row that does not exist. */
async function missing(
  { asking, rows }: AskedEnvironment,
  { entity }: Reading,
  { ask, mayRead }: { readonly ask: AskAs; readonly mayRead: boolean },
): Promise<Seen> {
  const sent = httpRequestOf(asking.reference.model, get(entity, absentId(someId(entity, rows.get(entity.name)?.[0]?.id))))
  const answer = await ask(sent)
  const allowed = mayRead ? [404, 403] : [401, 403, 404]
  return { wrong: allowed.includes(answer.status) ? null : `status ${answer.status}, expected ${allowed.join(' or ')}`, sent, answer }
}

/** The first rows of a list through all doors: by id, HEAD, a filter, and GraphQL. */
async function doors({ asking }: AskedEnvironment, { entity, caller }: Reading, ask: AskAs): Promise<Seen> {
  const { reference } = asking
  const list = httpRequestOf(reference.model, listOf(entity))
  const answer = await ask(list)
  const compared = dataOf(answer).slice(0, COMPARED)
  if (compared.length === 0) return { wrong: null, sent: list, answer, nothing: NO_ROW }
  for (const row of compared) {
    const id = String(row.id)
    const sent = httpRequestOf(reference.model, get(entity, id))
    const same = await ask(sent)
    if (same.status !== 200) return { wrong: `the row ${id} of the list is answered ${same.status} by its id`, sent, answer: same }
    if (row.version === same.json?.version && JSON.stringify(row) !== JSON.stringify(same.json))
      return { wrong: `the row ${id} differs between the list and its address`, sent, answer: same }
    const head = { ...sent, method: 'HEAD' }
    const headed = await ask(head)
    if (headed.status !== 200 || headed.text !== '')
      return { wrong: `HEAD of the row ${id} is answered ${headed.status} with ${headed.text.length} bytes`, sent: head, answer: headed }
    const filter = byId(reference.model, entity, id)
    const filtered = await ask(filter)
    if (filtered.status === 200 && dataOf(filtered).length !== 1)
      return { wrong: `a filter by the id ${id} finds ${dataOf(filtered).length} rows`, sent: filter, answer: filtered }
    if (!reference.model.served.graphql) continue
    const user = caller.known?.id ?? null
    const standing = { reference, user, sight: reference.sightOf(user) }
    const request = GRAPHQL.adapt(standing, get(entity, id))
    const query = GRAPHQL.encode(standing, request, null)
    const node = GRAPHQL.decode(standing, request, await ask(query))
    if (node.status !== 200) return { wrong: `GraphQL answers ${node.status} about the row ${id}`, sent: query, answer: node }
  }
  return { wrong: null, sent: list, answer }
}

/** Rows that another caller is shown, and this one is not: each is answered as one that does not exist, byte for byte. */
async function foreign({ asking, rows }: AskedEnvironment, { entity }: Reading, ask: AskAs): Promise<Seen> {
  const { model } = asking.reference
  const others = rows.get(entity.name) ?? []
  const ids = others.map(({ id }) => String(id))
  const list = ids.length === 0 ? httpRequestOf(model, listOf(entity)) : byId(model, entity, ids.join())
  const answer = await ask(list)
  const own = new Set(dataOf(answer).map(({ id }) => String(id)))
  const hidden = answer.status === 200 ? ids.filter((id) => !own.has(id)).slice(0, COMPARED) : []
  if (hidden.length === 0) return { wrong: null, sent: list, answer, nothing: NO_HIDDEN_ROW }
  for (const id of hidden) {
    const sent = httpRequestOf(model, get(entity, id))
    const one = await ask(sent)
    const absent = absentId(id)
    const other = await ask(httpRequestOf(model, get(entity, absent)))
    const text = (said: Answered): string => `${said.status} ${said.text.replace(/"traceId":"[^"]*"/, '').replaceAll(absent, id)}`
    if (one.status !== 404) return { wrong: `the row ${id} is not in the list, and answered ${one.status} by its id`, sent, answer: one }
    if (text(one) !== text(other))
      return { wrong: `a hidden row is answered ${text(one)}, one that does not exist ${text(other)}`, sent, answer: one }
  }
  return { wrong: null, sent: list, answer }
}

function get(entity: Entity, id: string): AbstractRequest {
  return { kind: 'get', entity: entity.name, id, selected: ALL }
}

function byId(model: AskedEnvironment['asking']['reference']['model'], entity: Entity, ids: string) {
  return httpRequestOf(model, { ...listOf(entity), filters: [{ kind: 'bracket', path: ['id'], op: 'in', value: ids }] })
}

/** An id of the form that the entity has. */
function someId({ fields }: Entity, known: unknown): string {
  if (known !== undefined && known !== null) return String(known)
  const type = fields[0]?.type
  return type?.kind === 'scalar' && type.scalar !== 'uuid' ? '1' : '01900000-0000-7000-8000-000000000001'
}

function dataOf({
  status,
  json,
}: Answered): readonly (Readonly<Record<string, never>> & { readonly id?: unknown; readonly version?: unknown })[] {
  return status === 200 && Array.isArray(json?.data) ? json.data : []
}
