/** Pages of a list between which rows come and go: a row is on a later page exactly if it is then there, behind the cursor. */

import type { Entity } from '../../model/model.ts'
import type { ProbeCase, ProbeTools } from '../cases/probe.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { httpRequestOf, type SentOverHttp } from '../expected/abstract-request.ts'
import { orderOfValues } from '../expected/compare.ts'
import type { ReferenceBackend } from '../expected/reference.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'

const MOST_PAGES = 60

/** A list as one caller asks for it. */
export interface AskedList {
  readonly entity: Entity
  readonly user: string | null
  /** The rows that the caller sees, with null for hidden values. */
  readonly rows: readonly PlainRow[]
}

const SIZE = 2

/** Two probes: rows added, and rows deleted, on both sides of the cursor. None where too few rows can be removed. */
export function changingPages({ reference }: PlannedWorld, id: string, { entity, user, rows }: AskedList): readonly ProbeCase[] {
  if (reference.model.served.rest === null) return []
  const sorted = rows.toSorted((a, b) => orderOfValues(a.id ?? null, b.id ?? null))
  const free = sorted.filter((row) => isFree(reference, entity.name, row))
  // The first page ends between a row that can be removed and another one.
  const [before, ...later] = free
  const after = later.at(-1)
  if (before === undefined || after === undefined) return []
  const end = sorted.indexOf(before) + 1
  // Beside the two rows, one must be on a later page, or there is no cursor.
  if (end >= sorted.indexOf(after) || sorted.length - 2 <= end) return []
  // Others must not be shown because of them.
  const others = new Map([...reference.rows(), [entity.name, rowsWithout(reference, entity.name, [before, after])]])
  const left = reference.sightOver(others, reference.sightOf(user).caller).masked().get(entity.name) ?? []
  if (left.length !== sorted.length - 2) return []
  const pageOf = (size: number): SentOverHttp => {
    const selected = { fields: ['id'], include: new Map() }
    const request = { kind: 'list', entity: entity.name, filters: [], sort: [], size, search: null, count: false, selected } as const
    return httpRequestOf(reference.model, request)
  }
  const probe = (kind: 'added' | 'deleted'): ProbeCase => ({
    name: `${id}/row-${kind}/pages`,
    claim: id,
    door: 'list',
    user,
    goals: [`row-${kind}`],
    atoms: {},
    async ask(tools) {
      const token = tools.tokenOf(user)
      const both = [before, after].map((row) => String(row.id))
      if (kind === 'added') for (const one of both) await tools.removeRow(entity.name, one)
      const first = pageOf(kind === 'added' ? Math.max(1, end - 1) : end)
      const firstPage = await tools.send({ ...first, token })
      for (const one of both) await (kind === 'added' ? tools.returnRow(entity.name, one) : tools.removeRow(entity.name, one))
      const cursor = firstPage.json?.page?.next
      const last = firstPage.json?.data?.at(-1)?.id
      const found = await restOf(tools, { url: pageOf(SIZE).url, token, cursor: typeof cursor === 'string' ? cursor : null })
      const wanted = sorted
        .filter((row) => kind === 'added' || !both.includes(String(row.id)))
        .filter((row) => orderOfValues(row.id ?? null, last ?? null) > 0)
        .map((row) => String(row.id))
      const isRight = found.status === 200 && JSON.stringify(found.ids) === JSON.stringify(wanted)
      return {
        wrong: isRight ? null : `the pages after the cursor have ${found.ids.join(', ')}, expected ${wanted.join(', ')}`,
        statuses: [200],
        why: `rows were ${kind} before and behind the cursor`,
        sent: first,
        answer: firstPage,
      }
    },
    // The rows are put back as they were; nothing else may change.
    rows: ({ rows: was }, is) =>
      strangers({ was: was().get(entity.name) ?? [], is: is.get(entity.name) ?? [], gone: kind === 'added' ? [] : [before, after] }),
  })
  return [probe('added'), probe('deleted')]
}

function rowsWithout({ rows }: ReferenceBackend, entity: string, gone: readonly PlainRow[]): readonly PlainRow[] {
  return (rows().get(entity) ?? []).filter((row) => gone.every(({ id }) => id !== row.id))
}

interface Compared {
  readonly was: readonly PlainRow[]
  readonly is: readonly PlainRow[]
  readonly gone: readonly PlainRow[]
}

function strangers({ was, is, gone }: Compared): string | null {
  const ids = (rows: readonly PlainRow[]) => rows.map((row) => String(row.id)).sort()
  const expected = ids(was).filter((one) => !gone.some((row) => String(row.id) === one))
  return JSON.stringify(ids(is)) === JSON.stringify(expected) ? null : 'a list changed rows'
}

/** Whether no row refers to a row, so that removing it changes no other. */
function isFree({ model, rows }: ReferenceBackend, entity: string, row: PlainRow): boolean {
  return model.entities.every(({ name, fields }) =>
    fields.every(
      (field) =>
        field.type.kind !== 'ref' || field.type.entity !== entity || (rows().get(name) ?? []).every((one) => one[field.name] !== row.id),
    ),
  )
}

interface Following {
  readonly url: string
  readonly token: string | null
  readonly cursor: string | null
}

async function restOf(
  tools: ProbeTools,
  { url, token, cursor }: Following,
): Promise<{ readonly status: number; readonly ids: readonly string[] }> {
  const ids: string[] = []
  let next = cursor
  for (let page = 0; next !== null && page < MOST_PAGES; page++) {
    const answer = await tools.send({ method: 'GET', url: `${url}&page[after]=${next}`, token })
    if (answer.status !== 200) return { status: answer.status, ids }
    for (const row of answer.json.data) ids.push(String(row.id))
    next = answer.json.page.next
  }
  return { status: 200, ids }
}
