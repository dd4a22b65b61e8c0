/** F103: after its deletion, a row is answered like one that never was, behind every door and on every instance. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import { absentId } from '../../cases/absent-id.ts'
import { hasApi, READ_DOORS } from '../../cases/doors.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { requestAnswered, stateFor, type UsualRequest } from '../../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { changeMismatch } from '../../expected/compare.ts'
import { expectationOf } from '../../expected/expectation.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import { GRAPHQL } from '../../requests/transport-graphql.ts'
import { differenceOf } from '../alike.ts'
import { familyOf, type SecurityProbe } from '../probes.ts'
import { rowDoors } from '../row-doors.ts'

/** The claim about deletes of an entity. None where nobody can delete a row that then could be read. */
export function goneRows(asking: PlannedWorld, entity: Entity): PlannedFamily {
  return familyOf(
    {
      of: 'F103',
      entity: entity.name,
      claim: `A ${entity.name} that was deleted is answered as one that never was, on every instance (OWASP API1).`,
      text: 'after a delete: each method with the id, the ETag and the cursor of before, lists, relations and references, on the instance that deleted and on the other one',
      oracle: 'the same request about a made-up id, compared byte for byte; lists have no such row',
    },
    deletion(asking, entity),
  )
}

/** A request after the delete. */
interface Later {
  readonly name: string
  readonly sent: (id: string) => SentOverHttp
  /** `absent`: it is answered like one about a made-up id. `unlisted`: its rows are without the row. */
  readonly expected: 'absent' | 'unlisted'
}

function deletion(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { reference } = asking
  const deleted = requestAnswered(
    asking,
    { entity, verb: 'delete', statuses: [204] },
    (one) => !isUnforeseen(reference, { ...one, api: 'rest' }) && !(one.request.kind === 'delete' && one.request.id === one.user),
  )
  if (deleted?.request.kind !== 'delete') return []
  const { user, request } = deleted
  const row = reference.find(entity.name, request.id)
  if (row === undefined) return []
  const later = laterRequests(asking, { entity, user, row })
  return [
    {
      goal: 'deleted',
      goals: [...later.map(({ name }) => name), 'unless-etag', 'cursor', 'other-instance'],
      user,
      ask: async (tools) => {
        const token = tools.tokenOf(user)
        const sent = httpRequestOf(reference.model, request)
        const before = await seenBefore(asking, tools, { entity, row, token })
        const answer = await tools.send({ ...sent, token })
        const all = [...later, ...before]
        const wrong =
          answer.status === 204 ? await firstWrong(tools, { all, token, id: request.id }) : `the delete is answered ${answer.status}`
        return { wrong, statuses: [204], why: 'the row is gone', sent, answer }
      },
      rows: (now, after) => changeMismatch(now, expectationOf(now, user, request).change, after),
    },
  ]
}

interface Asking {
  readonly all: readonly Later[]
  readonly token: string | null
  readonly id: string
}

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** The first door, on any instance, that still knows the row. */
async function firstWrong(tools: ProbeTools, { all, token, id }: Asking): Promise<string | null> {
  const absent = absentId(id)
  for (const instance of [...new Set([0, tools.instances - 1])]) {
    // The other instance has nothing to do with the writes, but may remember what it has read.
    for (const { name, sent, expected } of instance === 0 ? all : all.filter((one) => READS.has(one.sent(id).method))) {
      const answer = await tools.send({ ...sent(id), token, instance })
      const wrong =
        expected === 'absent'
          ? (knownAt(sent(id), answer, id) ?? differenceOf(answer, await tools.send({ ...sent(absent), token, instance }), [[id, absent]]))
          : listed(answer, id)
      if (wrong !== null) return `${name}${instance === 0 ? '' : ' on another instance'}: ${wrong}`
    }
  }
  return null
}

/**
 * Whether the address of the row is answered, even if each made-up address is answered in the same way. OPTIONS is about the address
 * alone.
 */
function knownAt({ method, url }: SentOverHttp, { status }: Answered, id: string): string | null {
  if (method === 'OPTIONS') return null
  const isOwn = url.split('?', 1)[0]?.includes(encodeURIComponent(id)) === true
  return isOwn && status < 400 ? `status ${status}` : null
}

/** Whether a row is among those of an answer. */
function listed({ status, json }: Answered, id: string): string | null {
  if (status >= 500) return `status ${status}`
  return hasRow(json, id) ? 'the row is among the rows' : null
}

function hasRow(value: unknown, id: string): boolean {
  if (Array.isArray(value)) return value.some((one) => hasRow(one, id))
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([name, member]) => (name === 'id' ? String(member) === id : hasRow(member, id)))
}

interface Deleted {
  readonly entity: Entity
  readonly user: UsualRequest['user']
  readonly row: PlainRow
}

/** Doors whose answers have rows of other entities too, of which one may have the same number. */
const WITH_OTHERS: ReadonlySet<string> = new Set(['include-one', 'include-many', 'filter-reference', 'filter-relation', 'graphql-nested'])

function laterRequests(asking: PlannedWorld, { entity, user, row }: Deleted): readonly Later[] {
  const { reference } = asking
  const { model } = reference
  const at = `${restBase(model)}/${entity.path}`
  const of = stateFor(asking, { entity, user, row, verb: 'get', n: 0 })
  const caller = { reference, user, sight: reference.sightOf(user) }
  const isNumber = typeof row.id === 'number'
  const lists = READ_DOORS.flatMap(({ name, api, request: make }): readonly Later[] => {
    const request = make(of)
    const isOfOthers = WITH_OTHERS.has(name)
    const isList = request?.kind === 'list' || (isOfOthers && request?.kind === 'get')
    if (request === null || !isList || (isNumber && isOfOthers) || api === 'transaction' || !hasApi(model, api)) return []
    const sent = api === 'graphql' ? GRAPHQL.encode(caller, GRAPHQL.adapt(caller, request), null) : httpRequestOf(model, request)
    return [{ name: `list-${name}`, sent: () => sent, expected: 'unlisted' }]
  })
  const naming = READ_DOORS.find(({ name }) => name === 'reference')?.request(of) ?? null
  const referring: readonly Later[] =
    naming?.kind === 'create'
      ? [
          {
            name: 'reference',
            sent: (id) => {
              const told = httpRequestOf(model, naming)
              return { ...told, body: withId(told.body, String(row.id), isNumber ? Number(id) : id) }
            },
            expected: 'absent',
          },
        ]
      : []
  return [
    ...rowDoors(asking, { entity, user, row }).map(({ name, to }): Later => ({ name, sent: to, expected: 'absent' })),
    {
      name: 'filter-id',
      sent: (id) => ({ method: 'GET', url: `${at}?filter[id][in]=${encodeURIComponent(id)}&count=true` }),
      expected: 'absent',
    },
    ...lists,
    ...referring,
  ]
}

/** A body in which one value is another one. */
function withId(body: unknown, id: string, other: unknown): unknown {
  return Object.fromEntries(Object.entries(body as object).map(([name, value]) => [name, String(value) === id ? other : value]))
}

interface Looking {
  readonly entity: Entity
  readonly row: PlainRow
  readonly token: string | null
}

/** What a client may have kept of the time before: the ETag of the row, and the cursor in front of it. */
async function seenBefore(
  { reference: { model } }: PlannedWorld,
  tools: ProbeTools,
  { entity, row, token }: Looking,
): Promise<readonly Later[]> {
  const at = `${restBase(model)}/${entity.path}`
  const id = String(row.id)
  const own = await tools.send({ method: 'GET', url: `${at}/${encodeURIComponent(id)}`, token })
  const etag = own.headers.etag
  const before = await tools.send({ method: 'GET', url: `${at}?page[size]=100&fields=id`, token })
  const place = ((before.json?.data ?? []) as readonly PlainRow[]).findIndex((one) => String(one.id) === id)
  const page = place < 1 ? null : await tools.send({ method: 'GET', url: `${at}?page[size]=${place}`, token })
  const cursor = page?.json?.page?.next
  return [
    ...(typeof etag === 'string'
      ? [
          {
            name: 'unless-etag',
            sent: (of: string): SentOverHttp => ({
              method: 'GET',
              url: `${at}/${encodeURIComponent(of)}`,
              headers: { 'if-none-match': etag },
            }),
            expected: 'absent',
          } as const,
        ]
      : []),
    ...(typeof cursor === 'string'
      ? [
          {
            name: 'cursor',
            sent: (): SentOverHttp => ({ method: 'GET', url: `${at}?page[after]=${encodeURIComponent(cursor)}` }),
            expected: 'unlisted',
          } as const,
        ]
      : []),
  ]
}
