/** Sends operations of the contract to an implementation. Every answer is checked against the contract. */

import assert from 'node:assert/strict'
import { CONTRACT, type Operation, operationNamed, type RawAnswer } from './contract.ts'

/** A request as bytes would say it; `path` has the query string. */
export interface RawRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

/** Sends a request to an implementation. */
export type Send = (request: RawRequest) => Promise<RawAnswer>

/** What a caller puts into an operation. */
export interface Asked {
  /** Sent as `Authorization: Token …`; null for none. */
  readonly token?: string | null
  /** Values of the names in the path. */
  readonly path?: Readonly<Record<string, string | number>>
  readonly query?: Readonly<Record<string, string | number>>
  /** What is inside of the member that wraps the body. */
  readonly inside?: unknown
  /** The whole body instead of `inside`; a text is sent as it is. */
  readonly body?: unknown
}

/** An answer that fits the contract. */
export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: the contract says the shape, and it is checked
  readonly body: any
}

/** Sends an operation, by its `operationId`. */
export type Ask = (id: string, asked?: Asked) => Promise<Answer>

/** A client of an implementation. @param base what comes before the paths of the contract, such as `/api`. */
export function clientOf(send: Send, base: string): Ask {
  return async (id, asked = {}) => {
    const operation = operationNamed(id)
    const raw = await send(requestOf(operation, base, asked))
    return { status: raw.status, body: CONTRACT.read(operation, raw) }
  }
}

function requestOf({ method, path, body }: Operation, base: string, asked: Asked): RawRequest {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = asked.path?.[name]
    assert.ok(value !== undefined, `${path} needs ${name}`)
    return encodeURIComponent(value)
  })
  const query = Object.entries(asked.query ?? {}).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  const payload = asked.inside === undefined || body === null ? asked.body : { [body.member]: asked.inside }
  return {
    method,
    path: `${base}${filled}${query.length === 0 ? '' : `?${query.join('&')}`}`,
    headers: {
      ...(asked.token === undefined || asked.token === null ? {} : { authorization: `Token ${asked.token}` }),
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: payload === undefined ? null : typeof payload === 'string' ? payload : JSON.stringify(payload),
  }
}

/** Asserts the status and the whole body of a failure: `{ errors: { [name]: [message] } }`. */
export function refused({ status, body }: Answer, expected: { status: number; name: string; message: string }): void {
  assert.deepEqual({ status, body }, { status: expected.status, body: { errors: { [expected.name]: [expected.message] } } })
}

/** Asserts 422 with messages under this name. */
export function invalid({ status, body }: Answer, name: string): void {
  assert.equal(status, 422, JSON.stringify(body))
  assert.ok(Array.isArray(body.errors[name]) && body.errors[name].length > 0, `no message of ${name}: ${JSON.stringify(body)}`)
}

/** Sends requests over HTTP. @param url without a path. */
export function sendTo(url: string): Send {
  return async ({ method, path, headers, body }) => {
    const response = await fetch(`${url}${path}`, { method, headers, ...(body === null ? {} : { body }) })
    return { status: response.status, type: response.headers.get('content-type') ?? '', text: await response.text() }
  }
}
