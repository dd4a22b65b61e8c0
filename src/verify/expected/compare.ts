/** Compares an answer of the server, and the rows after it, with the expectation of the reference. */

import { isDeepStrictEqual } from 'node:util'
import { entityNamed } from '../../model/model.ts'
import { firstDifference } from '../first-difference.ts'
import { wrongInChangedRow, wrongInNewRow } from '../oracle/maintained.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import type { AbstractRequest, SortKey } from './abstract-request.ts'
import type { Answered } from './answered.ts'
import type { Expectation, ExpectedChange, ListedRow } from './expected.ts'
import type { AllRows, ReferenceBackend, Sight } from './reference.ts'
import { unforeseeable } from './written-design.ts'

const TIMES: ReadonlySet<string> = new Set(['createdAt', 'updatedAt'])

/** All answers: for a list, each page. */
export interface AnsweredRequest {
  readonly pages: readonly Answered[]
  /** The rows of the database afterwards; null when nothing can have changed. */
  readonly after: AllRows | null
}

/** A description of the difference; null when all is as expected. */
export function mismatchOf(
  reference: ReferenceBackend,
  sight: Sight,
  request: AbstractRequest,
  expected: Expectation,
  { pages, after }: AnsweredRequest,
): string | null {
  const [first] = pages
  if (first === undefined) return 'no answer'
  if (request.kind === 'list' && first.json?.code === 'index_required')
    return expected.list?.servable === true
      ? 'an index was asked for'
      : expected.statuses.join() === '400'
        ? 'an index was asked for, as if the names existed for this caller'
        : null
  if (!expected.statuses.includes(first.status)) return `status ${first.status}, expected ${expected.statuses.join(' or ')}`
  if (expected.code !== undefined && first.json.code !== expected.code) return `code ${first.json.code}, expected ${expected.code}`
  if (request.kind === 'get' && request.by === 'head') return first.text === '' ? null : 'HEAD has no body'
  if (first.status === 401 && first.json.code !== 'not_signed_in') return `code ${first.json.code}`
  if (first.status === 403 && first.json.code !== 'forbidden') return `code ${first.json.code}`
  if (expected.body !== undefined && !isDeepStrictEqual(first.json, expected.body))
    return `body: ${firstDifference(first.json, expected.body)}`
  if (expected.list !== null && request.kind === 'list') return listMismatch(expected.list, request, pages)
  if (after === null) return null
  const rows = changeMismatch(reference, expected.change, after)
  if (rows !== null || expected.change.kind === 'none') return rows
  // The answer to a write shows the row after the write, to the caller with the claims from before it.
  return writtenMismatch(reference.sightOver(after, sight.caller), request, first, {
    numbers: numbersOf(reference, request.entity),
    ignored: ignoredIn(reference, request.entity, { isUnchanged: false }),
    change: expected.change,
    before: reference.rows(),
    after,
  })
}

function listMismatch(
  expected: NonNullable<Expectation['list']>,
  { size, count }: Extract<AbstractRequest, { kind: 'list' }>,
  pages: readonly Answered[],
): string | null {
  const wanted = expected.rows.toSorted((a, b) => compareRows(a, b, expected.sort))
  const found = pages.flatMap((page) => page.json.data)
  const shown = wanted.map((row) => row.shown)
  if (!isDeepStrictEqual(found, shown)) return `rows: ${firstDifference(found, shown)}`
  if (
    pages.some((page, i) => page.json.data.length !== (i < pages.length - 1 ? size : page.json.data.length) || page.json.data.length > size)
  )
    return 'the pages are not full'
  if (pages.length > 1 && pages.at(-1)?.json.data.length === 0) return 'a page is empty'
  return count && pages.some((page) => page.json.page.count !== wanted.length) ? `count, expected ${wanted.length}` : null
}

/** The order of a list: missing values last when ascending, first when descending; ties by id in the direction of the last key. */
function compareRows(a: ListedRow, b: ListedRow, sort: readonly SortKey[]): number {
  for (const [i, key] of sort.entries()) {
    const order = orderOfValues(a.keys[i] ?? null, b.keys[i] ?? null)
    if (order !== 0) return key.descending ? -order : order
  }
  const order = orderOfValues(a.id, b.id)
  return sort.at(-1)?.descending === true ? -order : order
}

/** The order of two values in a list: missing values last. */
export function orderOfValues(a: PlainValue, b: PlainValue): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const [x, y] = typeof a === 'string' && /^\d+\.\d+$/.test(a) ? [Number(a), Number(b)] : [a, b]
  return x < y ? -1 : x > y ? 1 : 0
}

/** What differs between the rows afterwards and those before, with the expected change; null if nothing does. */
export function changeMismatch(reference: ReferenceBackend, change: ExpectedChange, after: AllRows): string | null {
  const before = change.kind === 'deleted' ? change.rows : reference.rows()
  for (const { name } of reference.model.entities) {
    const [was, is] = [before.get(name) ?? [], after.get(name) ?? []]
    const known = new Map(was.map((row) => [row.id, row]))
    const added = is.filter((row) => !known.has(row.id ?? null))
    const wanted = change.kind === 'created' && change.entity === name ? change.rows.length : 0
    if (added.length !== wanted) return `${added.length} rows of ${name} were added, expected ${wanted}`
    const entity = entityNamed(reference.model, name)
    const news = added.map((row) => wrongInNewRow(entity, row)).find((wrong) => wrong !== null)
    if (news !== undefined) return `a new row of ${name} has ${news}`
    if (is.length - added.length !== was.length) return `${was.length - is.length + added.length} rows of ${name} are gone`
    for (const row of is) {
      const old = known.get(row.id ?? null)
      const expected = change.kind === 'updated' && change.entity === name && change.row.id === row.id ? change.row : old
      const isUnchanged = expected === reference.find(name, String(row.id))
      const wrong = expected === undefined ? null : differing(expected, row, ignoredIn(reference, name, { isUnchanged }))
      const isChanged = change.kind === 'updated' && change.row.id === row.id && !isUnchanged && old !== undefined
      const times = isChanged && change.entity === name ? wrongInChangedRow(entity, old, row) : null
      if (times !== null) return `${name} ${row.id}, which was changed, has ${times}`
      if (wrong !== null)
        return `${name} ${row.id} has ${wrong} ${JSON.stringify(row[wrong])}, expected ${JSON.stringify(expected?.[wrong])}`
    }
  }
  return null
}

/**
 * The first field in which two rows differ. Times that the server sets are not compared; of the time of a soft deletion, only its presence
 * is.
 */
function differing(expected: PlainRow, row: PlainRow, ignored: ReadonlySet<string>): string | null {
  const names = Object.keys(row).filter((name) => !ignored.has(name))
  return (
    names.find((name) =>
      name === 'deletedAt' ? (expected[name] === null) !== (row[name] === null) : !isDeepStrictEqual(expected[name], row[name]),
    ) ?? null
  )
}

/** The fields that are not compared: of a changed row those that the clock decides, and passwords, which are hashed. */
function ignoredIn(
  { design, model }: ReferenceBackend,
  name: string,
  { isUnchanged }: { readonly isUnchanged: boolean },
): ReadonlySet<string> {
  if (isUnchanged) return new Set()
  const passwords = entityNamed(model, name).fields.filter(({ type }) => type.kind === 'password')
  return new Set([...TIMES, ...unforeseeable(design.entities[name]), ...passwords.map((field) => field.name)])
}

/** The `sequence` fields of an entity, with the field within which each counts. */
function numbersOf({ model }: ReferenceBackend, entity: string): ReadonlyMap<string, string | null> {
  return new Map(
    entityNamed(model, entity).fields.flatMap((field) => (field.default?.kind === 'sequence' ? [[field.name, field.default.within]] : [])),
  )
}

interface Written {
  readonly numbers: ReadonlyMap<string, string | null>
  readonly ignored: ReadonlySet<string>
  readonly change: ExpectedChange
  readonly before: AllRows
  readonly after: AllRows
}

/** Whether a write answers with the current row as the caller may read it, or with only the id when the caller may not read it. */
function writtenMismatch(
  sight: Sight,
  request: AbstractRequest,
  answer: Answered,
  { change, before, after, numbers, ignored }: Written,
): string | null {
  if (request.kind !== 'create' && request.kind !== 'update') return null
  // Registration answers with the row as the new user may read it; the caller of the request was anonymous.
  if (request.kind === 'create' && request.by === 'register') return null
  // The answer to a new account may hide whether its login is taken: then only the row shows what was written.
  const isHidden = request.kind === 'create' && answer.status === 202
  if (isHidden && answer.text !== '') return 'an answer with 202 has no body'
  const answered: readonly { readonly id: string }[] = Array.isArray(answer.json) ? answer.json : [answer.json]
  const old = new Set((before.get(request.entity) ?? []).map((row) => row.id))
  const rows = (after.get(request.entity) ?? []).filter((row) =>
    request.kind === 'update' ? String(row.id) === request.id : !old.has(row.id ?? null),
  )
  if (request.kind === 'create' && request.many !== Array.isArray(answer.json)) return 'a list is answered by a list'
  if (answered.length !== rows.length) return `${answered.length} rows in the answer, ${rows.length} written`
  // Ids are made in order, so rows sorted by id have the order of the request.
  for (const [i, row] of rows.entries()) {
    if (change.kind === 'created' && change.rows[i] !== undefined) {
      const wrong = Object.keys(row).find(
        (name) => name !== 'id' && !ignored.has(name) && !isDeepStrictEqual(row[name], change.rows[i]?.[name]),
      )
      if (wrong !== undefined)
        return `the new row has ${wrong} ${JSON.stringify(row[wrong])}, expected ${JSON.stringify(change.rows[i]?.[wrong])}`
    }
    for (const [name, within] of numbers) {
      const same = (other: PlainRow) => within === null || other[within] === row[within]
      const highest = Math.max(0, ...(before.get(request.entity) ?? []).filter(same).map((other) => Number(other[name])))
      if (request.kind === 'create' && !(Number(row[name]) > highest))
        return `the new row has ${name} ${row[name]}, expected more than ${highest}`
    }
    if (isHidden) continue
    const shown = sight.sees(request.entity, row) ? sight.show(request.entity, row, request.selected) : { id: row.id }
    if (!isDeepStrictEqual(answered[i], shown)) return `body: ${firstDifference(answered[i], shown)}`
  }
  return null
}

/** The number of decisions in an expectation: one for the operation on each row, and one for each field that is shown or sent. */
export function decisionsIn(reference: ReferenceBackend, request: AbstractRequest, expected: Expectation): number {
  switch (request.kind) {
    case 'get':
      return 1 + (expected.body === undefined ? 0 : entityNamed(reference.model, request.entity).fields.length)
    case 'list': {
      const shown = expected.list?.rows.length ?? 0
      const fields = request.selected.fields?.length ?? entityNamed(reference.model, request.entity).fields.length
      return expected.list === null ? 1 : (reference.rows().get(request.entity)?.length ?? 0) + shown * fields
    }
    case 'create':
      return request.rows.reduce((sum, row) => sum + 1 + Object.keys(row).length, 0)
    case 'update':
      return 2 + Object.keys(request.body).length
    case 'delete':
      return 1
  }
}
