/** From a plan and the rows that PostgreSQL gave to an answer. The JSON of rows is passed on as text. */

import { hash } from 'node:crypto'
import { failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Row } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { CreatePlan, ListPlan, UpdatePlan } from '../../compile/statements/plan.ts'
import type { Answer } from '../http/answer.ts'
import { MINIMAL_APPLIED } from '../http/prefer.ts'
import { writeCursor } from '../plan/plan-order.ts'
import type { PlanContext, Planned } from '../plan/planning.ts'
import { judgeCreated, judgeDeleted, judgeUpdated } from '../run/judge-write.ts'

/** The part of a request that shapes its answer but not its plan. */
export interface Framing {
  /** Path and query as sent, for links. */
  readonly url: string
  readonly ifNoneMatch: string | null
}

/** @throws Failure when the rows say that there is no such row, or that the rules refuse the write. */
export function respond(context: PlanContext, planned: Planned, rows: readonly Row[], framing: Framing): Answer {
  const { plan } = planned
  switch (plan.kind) {
    case 'get': {
      const [row] = rows
      if (row === undefined) throw failure('not_found', { what: plan.entity.name })
      return getAnswer(sendable(row[0], 'include'), text(row[1]), framing)
    }
    case 'list':
      return listAnswer(plan, rows, framing)
    case 'create':
      return createAnswer(context, planned, plan, rows)
    case 'update':
      return updateAnswer(context, plan, rows[0])
    case 'delete':
      judgeDeleted(context, plan, rows[0])
      return { status: 204, headers: {}, body: null }
    default:
      return unreachable(plan)
  }
}

function text(value: string | null | undefined): string {
  if (value === null || value === undefined) throw new Error('the statement gave fewer columns than its plan')
  return value
}

/** The JSON of rows, which PostgreSQL holds back when there is too much of it. @throws Failure `invalid_parameter`, naming the parameter to ask less with. */
function sendable(json: string | null | undefined, parameter: string): string {
  if (json === null || json === undefined)
    throw failure('invalid_parameter', { name: parameter, why: 'the answer would be too large; ask for fewer rows, fields or relations' })
  return json
}

/** A cursor that fits into an address. @throws Failure `invalid_parameter`: without one the list would end here, and nobody could tell that it goes on. */
function addressable(cursor: string): string {
  if (cursor.length <= LIMITS.cursor) return cursor
  const why = 'the values by which this page ends are too long for the address of the next; sort by shorter ones, or ask with GraphQL'
  throw failure('invalid_parameter', { name: 'sort', why })
}

/** A strong validator (RFC 9110 section 8.8.3): the version, for If-Match, and a digest, since what a caller sees of a row can change without the row. */
function etag(version: string, body: string): string {
  return `"${version}.${hash('sha1', body, 'base64url').slice(0, 12)}"`
}

/** What a write answers that shows no row: good for If-Match, and equal to the tag of no representation. */
function versionTag(version: string): string {
  return `"${version}"`
}

function getAnswer(body: string, version: string, framing: Framing): Answer {
  const tag = etag(version, body)
  if (framing.ifNoneMatch !== null && matches(framing.ifNoneMatch, tag)) return { status: 304, headers: { etag: tag }, body: null }
  return { status: 200, headers: { etag: tag }, body }
}

/** If-None-Match compares weakly (RFC 9110 section 13.1.2). */
function matches(header: string, tag: string): boolean {
  return header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === tag)
}

function listAnswer(plan: ListPlan, rows: readonly Row[], framing: Framing): Answer {
  const [row] = rows
  const keys = row?.[1] ?? null
  const next = keys === null ? null : addressable(writeCursor(plan.order, keys))
  const count = plan.count ? `,"count":${text(row?.[2])}` : ''
  const headers = next === null ? {} : { link: `<${linkTo(framing.url, next)}>; rel="next"` }
  return { status: 200, headers, body: `{"data":${sendable(row?.[0], 'page[size]')},"page":{"next":${JSON.stringify(next)}${count}}}` }
}

/**
 * The same address with another cursor; relative, because only the client knows by which name it reached this server. A query may hold further question
 * marks (RFC 3986 section 3.4), and a request to a proxy names the server, which is left out.
 */
function linkTo(url: string, cursor: string): string {
  const at = url.indexOf('?')
  const address = at < 0 ? url : url.slice(0, at)
  const path = address.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
  const query = at < 0 ? [] : url.slice(at + 1).split('&')
  const rest = query.filter((p) => p !== '' && !/^page(\[|%5B)after(\]|%5D)=/i.test(p))
  return `${path}?${[...rest, `page%5Bafter%5D=${cursor}`].join('&')}`
}

function createAnswer(context: PlanContext, planned: Planned, plan: CreatePlan, rows: readonly Row[]): Answer {
  const { many } = planned
  judgeCreated(context, planned, rows)
  const [row] = rows
  const location = many ? {} : { location: `/api/${plan.entity.path}/${encodeURIComponent(text(row?.[4]))}` }
  if (plan.returning === 'nothing') {
    const tag = many ? {} : { etag: versionTag(text(row?.[6])) }
    return { status: 201, headers: { ...location, ...tag, ...MINIMAL_APPLIED }, body: null }
  }
  const bodies = rows.map((created) => created[5] ?? `{"id":${idJson(plan.entity, text(created[4]))}}`)
  if (many) return { status: 201, headers: {}, body: `[${bodies.join(',')}]` }
  const body = bodies[0] ?? ''
  return { status: 201, headers: { ...location, etag: etag(text(row?.[6]), body) }, body }
}

function updateAnswer(context: PlanContext, plan: UpdatePlan, row: Row | undefined): Answer {
  judgeUpdated(context, plan, row)
  const [, , , , , , , id, body, version] = row
  if (plan.returning === 'nothing') return { status: 204, headers: { etag: versionTag(text(version)), ...MINIMAL_APPLIED }, body: null }
  const shown = body ?? `{"id":${idJson(plan.entity, text(id))}}`
  return { status: 200, headers: { etag: etag(text(version), shown) }, body: shown }
}

/** A row that was written but may not be read answers with its id alone. */
function idJson(entity: CreatePlan['entity'], id: string): string {
  const type = entity.fields.find((f) => f.name === 'id')?.type
  return type?.kind === 'scalar' && type.scalar === 'integer' ? id : JSON.stringify(id)
}
