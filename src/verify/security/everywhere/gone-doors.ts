/** Requests about a row that is gone, through every door: each is compared with the same request about a made-up id. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import { absentId } from '../../cases/absent-id.ts'
import { hasApi, READ_DOORS } from '../../cases/doors.ts'
import type { ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { stateFor, type UsualRequest } from '../../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import { GRAPHQL } from '../../requests/transport-graphql.ts'
import { differenceOf } from '../alike.ts'
import { linkTo, storeFiles, storingOf } from '../files/stored-files.ts'
import { rowDoors } from '../row-doors.ts'

/** A request after the delete. */
export interface Later {
  readonly name: string
  readonly sent: (id: string) => SentOverHttp
  /** `absent`: it is answered like one about a made-up id. `unlisted`: its rows are without the row. */
  readonly expected: 'absent' | 'unlisted'
  /** Whether it is sent without a token: a link is followed by anybody. */
  readonly anonymous?: true
}

/** Requests of a caller about a row. */
export interface Asking {
  readonly all: readonly Later[]
  readonly token: string | null
  readonly id: string
}

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** The first door, on any instance, that still knows the row. */
export async function firstWrong(tools: ProbeTools, { all, token, id }: Asking): Promise<string | null> {
  const absent = absentId(id)
  for (const instance of [...new Set([0, tools.instances - 1])]) {
    // The other instance has nothing to do with the writes, but may remember what it has read.
    for (const { name, sent, expected, anonymous } of instance === 0 ? all : all.filter((one) => READS.has(one.sent(id).method))) {
      const from = { token: anonymous === true ? null : token, instance }
      const answer = await tools.send({ ...sent(id), ...from })
      const wrong =
        expected === 'absent'
          ? (knownAt(sent(id), answer, id) ?? differenceOf(answer, await tools.send({ ...sent(absent), ...from }), [[id, absent]]))
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

/** A row that will be gone, and a caller who asks about it. */
export interface Deleted {
  readonly entity: Entity
  readonly user: UsualRequest['user']
  readonly row: PlainRow
}

/** Doors whose answers have rows of other entities too, of which one may have the same number. */
const WITH_OTHERS: ReadonlySet<string> = new Set(['include-one', 'include-many', 'filter-reference', 'filter-relation', 'graphql-nested'])

/** The requests about a row through every door. */
export function laterRequests(asking: PlannedWorld, { entity, user, row }: Deleted): readonly Later[] {
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

/** A row that a caller looks at. */
export interface Looking {
  readonly entity: Entity
  readonly row: PlainRow
  readonly token: string | null
}

/**
 * What a client may have kept of the time before: the ETag of the row, the cursor in front of it, and links to its files, of which one was
 * followed. It gives the row its files first.
 */
export async function seenBefore(asking: PlannedWorld, tools: ProbeTools, looking: Looking): Promise<readonly Later[]> {
  const links = await linksBefore(asking, tools, looking)
  return [...(await tagsBefore(asking, tools, looking)), ...links]
}

/** Two links to each file of the row: one that was followed on each instance, and one that was not. */
async function linksBefore(asking: PlannedWorld, tools: ProbeTools, { entity, row, token }: Looking): Promise<readonly Later[]> {
  const { model } = asking.reference
  const id = String(row.id)
  const links: Later[] = []
  for (const { field } of await storeFiles(tools, storingOf(asking, entity, row))) {
    for (const [n, kind] of ['used', 'unused'].entries()) {
      const link = await linkTo(tools, model, { entity, field, id, token, n })
      if (link === null) continue
      for (let instance = 0; instance < tools.instances && kind === 'used'; instance++)
        await tools.send({ method: 'GET', url: link, token: null, instance })
      const sent = (of: string): SentOverHttp => ({
        method: 'GET',
        url: link.replace(`/${encodeURIComponent(id)}/`, `/${encodeURIComponent(of)}/`),
      })
      links.push({ name: `link-${kind}-${field.name}`, sent, expected: 'absent', anonymous: true })
    }
  }
  return links
}

/** Whether the version of a row that is deleted is not known afterwards, because its files were stored before. */
export function isRenewed(asking: PlannedWorld, entity: Entity, row: PlainRow): boolean {
  return entity.softDelete && storingOf(asking, entity, row).length > 0
}

async function tagsBefore(
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
