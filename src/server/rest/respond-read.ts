/** Makes the answers of REST to a get and a list. The JSON of rows stays in the form in which it was read. */

import { between, type Utf8 } from '../../base/bytes/utf8.ts'
import { failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { ListPlan } from '../../compile/statements/plan.ts'
import type { GotRow, ListedPage } from '../../compile/statements/row-columns.ts'
import type { Answer } from '../http/answer.ts'
import { writeCursor } from '../plan/plan-order.ts'
import type { Found } from '../read/read.ts'
import { tooManyBytes } from '../run/answer-size.ts'
import { etag } from './etag.ts'

/** The parts of a request that affect its answer but not its plan. */
export interface Framing {
  /** Path and query of the request, for links; null for a request that has no address of its own. */
  readonly url: string | null
  readonly ifNoneMatch: string | null
  readonly ifMatch: string | null
}

/** The answer to a read. @throws Failure `answer_too_large`, and `invalid_parameter` when the cursor is too long for a URL. */
export function respondToRead<B extends string | Utf8>(found: Found<B>, framing: Framing): Answer<B> {
  switch (found.kind) {
    case 'row':
      return rowAnswer(found.row, framing)
    case 'page':
      return pageAnswer(found.plan, found.page, framing)
    default:
      return unreachable(found)
  }
}

/** Refuses an answer that is too large; the statement then returns null. @throws Failure `answer_too_large`. */
function sendable<B extends string | Utf8>(json: B | null): B {
  if (json === null) throw tooManyBytes()
  return json
}

function rowAnswer<B extends string | Utf8>(row: GotRow<B>, { ifNoneMatch }: Framing): Answer<B> {
  const body = sendable(row.body)
  const tag = etag(row.version, body)
  if (ifNoneMatch !== null && matches(ifNoneMatch, tag)) return { status: 304, headers: { etag: tag }, body: null }
  return { status: 200, headers: { etag: tag }, body }
}

/** If-None-Match compares weakly (RFC 9110 section 13.1.2). */
function matches(header: string, tag: string): boolean {
  return header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === tag)
}

function pageAnswer<B extends string | Utf8>(plan: ListPlan, page: ListedPage<B>, { url }: Framing): Answer<B> {
  const next = page.next === null ? null : addressable(writeCursor(plan.order, page.next))
  const count = page.count === null ? '' : `,"count":${page.count}`
  const headers = next === null || url === null ? {} : { link: `<${linkTo(url, next)}>; rel="next"` }
  const after = `,"page":{"next":${JSON.stringify(next)}${count}}}`
  return { status: 200, headers, body: pageBody(sendable(page.data), after) }
}

/** Puts the data of a page into its answer, in the form of the data. */
function pageBody<B extends string | Utf8>(data: B, after: string): B
function pageBody(data: string | Utf8, after: string): string | Utf8 {
  return typeof data === 'string' ? `{"data":${data}${after}` : between('{"data":', data, after)
}

/**
 * Checks that a cursor fits into a URL. Without a cursor the client would think that this page is the last. @throws Failure
 * `invalid_parameter`.
 */
function addressable(cursor: string): string {
  if (cursor.length <= LIMITS.cursor) return cursor
  const why = 'the sort values of the last row are too long for the address of the next page; sort by shorter fields, or use GraphQL'
  throw failure('invalid_parameter', { name: 'sort', why })
}

/**
 * The same URL with another cursor. It is relative, because only the client knows the public name of this server. A query may contain more
 * question marks (RFC 3986 section 3.4). If the request line contains a host, as proxies send it, the host is removed.
 */
function linkTo(url: string, cursor: string): string {
  const at = url.indexOf('?')
  const address = at < 0 ? url : url.slice(0, at)
  const path = address.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
  const query = at < 0 ? [] : url.slice(at + 1).split('&')
  const rest = query.filter((p) => p !== '' && !/^page(\[|%5B)after(\]|%5D)=/i.test(p))
  return `${path}?${[...rest, `page%5Bafter%5D=${cursor}`].join('&')}`
}
