/** Checks over relations at each place of a request, and in lists of new rows of which each alone would keep them. */

import { LIMITS } from '../../base/limits.ts'
import { type Entity, entityNamed } from '../../model/model.ts'
import { hasApi } from '../cases/doors.ts'
import { newBody } from '../cases/new-body.ts'
import { takeNewRows } from '../cases/placed/new-rows.ts'
import { isDone, placedWrites } from '../cases/placed/placed-writes.ts'
import type { ProbeCase, ProbeOutcome, ProbeTools } from '../cases/probe.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { isUnforeseen } from '../cases/unforeseen.ts'
import type { UsualRequest } from '../cases/usual-request.ts'
import { type AbstractRequest, type BodyValues, httpRequestOf, type SentOverHttp } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import { expectationOf } from '../expected/expectation.ts'
import { createdRow } from '../expected/expectation-write.ts'
import type { Standpoint } from '../expected/expected.ts'
import { GRAPHQL } from '../requests/transport-graphql.ts'
import { writesAsDocument, writesAsTransaction } from '../requests/writes-together.ts'

/** The most new rows of one request. A check that they all keep is not asked so. */
const MOST_ROWS = 25

type Create = Extract<AbstractRequest, { kind: 'create' }>

/** A check over relations. */
export interface AskedCheck {
  /** The claim. */
  readonly id: string
  /** What an expectation says of a write that breaks it. */
  readonly why: string
}

const REFUSED = { statuses: [409], why: 'the check would not hold for the rows after the request' } as const

/** A write that breaks the check, with other writes of its request and at the doors that are like no other one. */
export function brokenPlaces(
  asking: PlannedWorld,
  { id }: AskedCheck,
  goal: string,
  { user, request }: UsualRequest,
): readonly ProbeCase[] {
  const { reference } = asking
  if (request.kind === 'get' || request.kind === 'list' || isUnforeseen(reference, { user, request, api: 'rest' })) return []
  // Of a document without @atomic, the other writes take place.
  const places = placedWrites(asking, { user, write: request }).filter(({ place }) => !place.startsWith('document-'))
  const name = `${goal}-at-places`
  return [
    {
      ...{ name: `${id}/${name}`, claim: id, door: 'rest', user, goals: [name], atoms: {} },
      ask: (tools) =>
        refusedAll(
          tools,
          user,
          places.map(({ place, sent }) => [place, sent] as const),
        ),
    },
  ]
}

/** New rows of which one more breaks the check: as many as it allows are created together, and one more is refused. */
export function togetherPlaces(asking: PlannedWorld, check: AskedCheck, { user, request }: UsualRequest): readonly ProbeCase[] {
  const { reference } = asking
  if (request.kind !== 'create' || isUnforeseen(reference, { user, request: { ...request, many: true }, api: 'rest' })) return []
  const entity = entityNamed(reference.model, request.entity)
  const rows = rowsThatBreak({ reference, user, sight: reference.sightOf(user), entity }, check, request)
  if (rows === null) return []
  const goal = `together-by-create-${entity.name}`
  return [
    {
      ...{ name: `${check.id}/${goal}`, claim: check.id, door: 'rest', user, goals: [goal], atoms: {} },
      async ask(tools) {
        const refused = await refusedAll(tools, user, waysOf(asking, { user, request: { ...request, rows } }))
        if (refused.wrong !== null) return refused
        return keptAll(tools, { user, entity, ways: waysOf(asking, { user, request: { ...request, rows: rows.slice(0, -1) } }) })
      },
    },
  ]
}

/** New rows that break the check together and keep it without the last one; null if there are none, or the first alone breaks it. */
function rowsThatBreak(at: Standpoint, { why }: AskedCheck, request: Create): readonly BodyValues[] | null {
  const [first = {}] = request.rows
  const rows: BodyValues[] = [first]
  while (rows.length < MOST_ROWS) {
    rows.push(newBody(at, createdRow(at, first), { n: 1_300 + rows.length, needed: [] }))
    const expected = expectationOf(at.reference, at.user, { ...request, rows, many: true })
    if (expected.statuses.join() === '409' && expected.why.includes(why)) return rows
    if (expected.statuses.join() !== '201') return null
  }
  return null
}

type Ways = readonly (readonly [place: string, sent: SentOverHttp])[]

/** The ways to create several rows in one request. */
function waysOf({ reference }: PlannedWorld, { user, request }: { readonly user: string | null; readonly request: Create }): Ways {
  const { model } = reference
  const caller = { reference, user, sight: reference.sightOf(user) }
  const many = { ...request, many: true } as const
  const each = request.rows.map((row) => ({ ...request, rows: [row], many: false }) as const)
  return [
    ...(hasApi(model, 'rest')
      ? ([
          ['bulk', httpRequestOf(model, { ...many, by: 'bulk' })],
          ['transaction', writesAsTransaction(model, each)],
        ] as const)
      : []),
    ...(hasApi(model, 'graphql')
      ? ([
          ['graphql-many', GRAPHQL.encode(caller, GRAPHQL.adapt(caller, many), null)],
          // A longer document is refused for its length.
          ...(each.length > LIMITS.graphqlAliases ? [] : [['atomic', writesAsDocument(reference, each, '@atomic')] as const]),
        ] as const)
      : []),
  ]
}

async function refusedAll(tools: ProbeTools, user: string | null, ways: Ways): Promise<ProbeOutcome> {
  const before = textOf(tools.before)
  let last: { readonly sent: SentOverHttp; readonly answer: Answered } | null = null
  for (const [place, sent] of ways) {
    const answer = await tools.send({ ...sent, token: tools.tokenOf(user) })
    last = { sent, answer }
    const isChanged = textOf(await tools.rows()) !== before
    const wrong = isDone(answer) || answer.status >= 500 ? `status ${answer.status}` : isChanged ? 'refused, and the rows changed' : null
    if (wrong !== null) return { wrong: `${place}: ${wrong}`, ...REFUSED, ...last }
  }
  if (last === null) throw new Error('there are places')
  return { wrong: null, ...REFUSED, ...last }
}

interface Keeping {
  readonly user: string | null
  readonly entity: Entity
  readonly ways: Ways
}

async function keptAll(tools: ProbeTools, { user, entity, ways }: Keeping): Promise<ProbeOutcome> {
  const expected = { statuses: [200, 201], why: 'the check holds for the rows after the request' } as const
  let last: { readonly sent: SentOverHttp; readonly answer: Answered } | null = null
  for (const [place, sent] of ways) {
    const answer = await tools.send({ ...sent, token: tools.tokenOf(user) })
    last = { sent, answer }
    if (!isDone(answer)) return { wrong: `${place}: status ${answer.status} for as many rows as are allowed`, ...expected, ...last }
    const { isGone } = await takeNewRows(tools, entity, tools.before)
    if (!isGone) break
  }
  if (last === null) throw new Error('there are places')
  return { wrong: null, ...expected, ...last }
}

function textOf(rows: ProbeTools['before']): string {
  return JSON.stringify([...rows])
}
