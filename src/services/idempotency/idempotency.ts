/**
 * Writes that take effect once however often they are sent (IETF draft-ietf-httpapi-idempotency-key-header). The answer is kept by the transaction of the
 * write, so it is there exactly when the write is.
 */

import { createHash, createHmac } from 'node:crypto'
import { failure } from '../../base/failure.ts'
import { ident, slot, sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'

/** Hours that an answer is kept. */
export const KEPT_HOURS = 24

/** Who sends what where under which key. */
export interface KeyedRequest {
  readonly key: string
  /** Keys of different callers, methods and addresses have nothing to do with each other. */
  readonly scope: readonly string[]
  /** Everything else that tells one request from another. */
  readonly payload: readonly (string | Buffer)[]
}

/** A request as the table knows it. */
export interface Fingerprint {
  readonly scope: Buffer
  readonly request: Buffer
}

export interface KeptAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

/** The hash of the request is keyed with what the client has made up, so that the table alone does not tell what was in it, such as a password. */
export function fingerprint({ key, scope, payload }: KeyedRequest): Fingerprint {
  const request = createHmac('sha256', key)
  for (const part of payload) request.update(`${Buffer.byteLength(part)}:`).update(part)
  return {
    scope: createHash('sha256')
      .update(JSON.stringify([...scope, key]))
      .digest(),
    request: request.digest(),
  }
}

const KEYS = ident(SYSTEM_SCHEMA, 'idempotency_keys')
const SCOPE = slot('scope', 'bytea')
const REQUEST = slot('request', 'bytea')

const LOCK: Statement = { name: 'idempotency.lock', sql: sql`select pg_try_advisory_xact_lock(${slot('lock', 'bigint')})` }

const FIND: Statement = {
  name: 'idempotency.find',
  sql: sql`select k.request_hash = ${REQUEST}, k.status, k.headers, k.body from ${KEYS} k where k.scope_hash = ${SCOPE} and k.expires_at > now()`,
  merge: 'lateral',
}

const ANSWER = [slot('status', 'integer'), slot('headers', 'text'), slot('body', 'text')] as const

const KEEP: Statement = {
  name: 'idempotency.keep',
  sql: sql`insert into ${KEYS} as k (scope_hash, request_hash, status, headers, body, expires_at)
    values (${SCOPE}, ${REQUEST}, ${ANSWER[0]}, ${ANSWER[1]}, ${ANSWER[2]}, now() + ${slot('hours', 'integer')} * interval '1 hour')
    on conflict (scope_hash) do update set request_hash = excluded.request_hash, status = excluded.status, headers = excluded.headers, body = excluded.body, expires_at = excluded.expires_at
    where k.expires_at <= now() returning 1`,
}

const SWEEP: Statement = {
  name: 'idempotency.sweep',
  sql: sql`with gone as (delete from ${KEYS} where ctid = any (array(select ctid from ${KEYS} where expires_at <= now() limit 1000)) returning 1) select count(*) from gone`,
}

/** The answer that is kept for the request; null when there is none. @throws Failure `idempotency_mismatch` when the key stands for another request. */
export async function findAnswer(run: Run, { scope, request }: Fingerprint): Promise<KeptAnswer | null> {
  const [row] = await run(FIND, { scope: bytea(scope), request: bytea(request) })
  if (row === undefined) return null
  const [isSame, status, headers, body] = row
  if (isSame !== 't') throw failure('idempotency_mismatch', {})
  return { status: Number(status), headers: JSON.parse(headers ?? '{}'), body: body ?? null }
}

/**
 * Within the transaction of a write: takes the key until the transaction ends, and looks again for an answer, for it may have come meanwhile.
 *
 * @throws Failure `idempotency_in_flight` when another transaction has the key, `idempotency_mismatch`.
 */
export async function claimKey(run: Run, print: Fingerprint): Promise<KeptAnswer | null> {
  const [[isFree] = []] = await run(LOCK, { lock: String(print.scope.readBigInt64BE(0)) })
  if (isFree !== 't') throw failure('idempotency_in_flight', {})
  // A statement of its own: one that took the lock itself would see the table as it was before.
  return findAnswer(run, print)
}

/** Within the same transaction: keeps the answer. */
export async function keepAnswer(run: Run, { scope, request }: Fingerprint, { status, headers, body }: KeptAnswer): Promise<void> {
  const values = { scope: bytea(scope), request: bytea(request), status, headers: JSON.stringify(headers), body, hours: KEPT_HOURS }
  const [row] = await run(KEEP, values)
  if (row === undefined) throw failure('idempotency_in_flight', {}, 'the key was taken in spite of its lock')
}

/** Deletes what has expired, at most a thousand rows a call; returns how many. */
export async function sweepAnswers(run: Run): Promise<number> {
  const [[count] = []] = await run(SWEEP, {})
  return Number(count)
}

function bytea(bytes: Buffer): string {
  return `\\x${bytes.toString('hex')}`
}
