/** F103 for reads of what a client has: an answer of 304 says that nothing of the whole answer has changed. */

import type { Entity } from '../../../model/model.ts'
import type { ProbeTools } from '../../cases/probe.ts'
import { otherValue, type PlannedWorld } from '../../cases/questions.ts'
import { requestsOf } from '../../cases/usual-request.ts'
import { type AbstractRequest, ALL, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import type { SecurityProbe } from '../probes.ts'

/** Fields of one row that are changed one after the other. */
const MOST_FIELDS = 5
const WHY = 'the ETag depends on the whole answer'

type Get = Extract<AbstractRequest, { kind: 'get' }>

/** A row that is part of an answer. */
interface Part {
  readonly entity: Entity
  readonly id: string
}

/** A read with rows beside it, and one of these. */
interface Read {
  readonly name: string
  readonly user: string | null
  readonly request: Get
  readonly part: Part
}

/** A probe for the row itself, for each reference and for each relation: what the answer shows is changed, and it is read again. */
export function conditionalReads(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const parts = [
    '',
    ...entity.fields.filter(({ type }) => type.kind === 'ref').map(({ name }) => name),
    ...entity.relations.map(({ name }) => name),
  ]
  return parts.flatMap((name) => {
    const read = readOf(asking, entity, name)
    return read === null ? [] : [probeOf(asking, read)]
  })
}

/** The first read that shows a related row; null if there is none. @param name of a reference or a relation; empty for the row alone */
function readOf(asking: PlannedWorld, entity: Entity, name: string): Read | null {
  for (const { user, request, expected } of requestsOf(asking, entity, 'get')) {
    if (request.kind !== 'get' || expected.join() !== '200') continue
    const part = partOf(asking, entity, { user, id: request.id, name })
    if (part === null) continue
    const selected = name === '' ? ALL : { fields: null, include: new Map([[name, ALL]]) }
    return { name: name === '' ? 'itself' : name, user, request: { ...request, selected }, part }
  }
  return null
}

interface Showing {
  readonly user: string | null
  readonly id: string
  readonly name: string
}

function partOf({ reference }: PlannedWorld, entity: Entity, { user, id, name }: Showing): Part | null {
  const { model } = reference
  if (name === '') return { entity, id }
  const sight = reference.sightOf(user)
  if (!sight.kind.readable(entity.name).has(name) && !entity.relations.some((one) => one.name === name)) return null
  const type = entity.fields.find((field) => field.name === name)?.type
  const relation = entity.relations.find((one) => one.name === name)
  const target = model.entities.find((one) => one.name === (type?.kind === 'ref' ? type.entity : relation?.entity))
  if (target === undefined || (relation !== undefined && !sight.kind.readable(target.name).has(relation.via))) return null
  const own = reference.find(entity.name, id)
  const rows = reference.rows().get(target.name) ?? []
  const found = rows.find(
    (row) => sight.sees(target.name, row) && (relation === undefined ? row.id === own?.[name] : String(row[relation.via]) === id),
  )
  return found === undefined ? null : { entity: target, id: String(found.id) }
}

function probeOf({ reference }: PlannedWorld, { name, user, request, part }: Read): SecurityProbe {
  const whole = httpRequestOf(reference.model, request)
  const alone = httpRequestOf(reference.model, { ...request, selected: ALL })
  const reads = whole.url === alone.url ? [whole] : [whole, alone]
  return {
    goal: `conditional/${name}`,
    user,
    async ask(tools) {
      const outcome = { statuses: [200, 304], why: WHY }
      const token = tools.tokenOf(user)
      let last: { readonly sent: SentOverHttp; readonly answer: Answered } | null = null
      for (const change of changesOf(part, tools)) {
        const had: (readonly [SentOverHttp, Answered])[] = []
        for (const read of reads) had.push([read, await tools.send({ ...read, token })])
        for (const [read, first] of had) {
          const sent = withTag(read, first)
          const answer = await tools.send({ ...sent, token })
          last = { sent, answer }
          if (first.status === 200 && answer.status !== 304)
            return { ...outcome, ...last, wrong: `nothing has changed, and the status is ${answer.status}` }
        }
        if (!(await change.make())) continue
        for (const [read, first] of had) {
          const now = await tools.send({ ...read, token })
          const sent = withTag(read, first)
          const answer = await tools.send({ ...sent, token })
          last = { sent, answer }
          const isSame = now.status === first.status && now.text === first.text
          const isRight = (isSame && answer.status === 304) || (answer.status === now.status && bare(answer) === bare(now))
          if (!isRight)
            return {
              ...outcome,
              ...last,
              wrong: `${part.entity.name}: ${change.what}: status ${answer.status}, and ${now.status} without If-None-Match`,
            }
        }
      }
      if (last === null) throw new Error(`${name} has nothing to change`)
      return { ...outcome, ...last, wrong: null }
    },
    // The rows are put back after the case.
    rows: () => null,
  }
}

/** The body without what each refusal has of its own. */
const bare = ({ text }: Answered): string => text.replace(/"traceId":"[^"]*"/, '')

function withTag(read: SentOverHttp, { headers }: Answered): SentOverHttp {
  return { ...read, headers: { 'if-none-match': String(headers.etag ?? '"none"') } }
}

interface Change {
  readonly what: string
  /** False if the database refuses it. */
  readonly make: () => Promise<boolean>
}

/** Changes of one row: of some fields, those that rules often read first; and at the end the row goes. */
function changesOf({ entity, id }: Part, { before, plant }: ProbeTools): readonly Change[] {
  const row = (before.get(entity.name) ?? []).find((one) => String(one.id) === id)
  if (row === undefined) return []
  const first = (kind: string): number => (kind === 'scalar' ? 1 : 0)
  const fields = entity.fields
    .filter(({ system, immutable, type }) => system === null && !immutable && ['choice', 'scalar', 'list'].includes(type.kind))
    .toSorted((a, b) => first(a.type.kind) - first(b.type.kind))
  let now: PlainRow = row
  const tried = async (planted: Parameters<ProbeTools['plant']>[0]): Promise<boolean> =>
    plant(planted).then(
      () => true,
      () => false,
    )
  const changes = fields.slice(0, MOST_FIELDS).flatMap((field): readonly Change[] => {
    const value = otherValue(field, row[field.name] ?? null)
    if (value === undefined) return []
    const make = async (): Promise<boolean> => {
      const next = { ...now, [field.name]: value, version: Number(now.version) + 1 } as PlainRow
      const isMade = await tried({ put: new Map([[entity.name, [next]]]), removed: new Map() })
      if (isMade) now = next
      return isMade
    }
    return [{ what: `${field.name} has changed`, make }]
  })
  return [...changes, { what: 'the row is gone', make: () => tried({ put: new Map(), removed: new Map([[entity.name, [id]]]) }) }]
}
