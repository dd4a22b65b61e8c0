/**
 * Writes that take effect once, even when a client sends them several times (IETF draft-ietf-httpapi-idempotency-key-header). The
 * transaction of the write also stores the answer, so both exist or neither.
 */

import { createHash, createHmac } from 'node:crypto'
import { failure } from '../../base/failure.ts'
import { ident, slot, sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'
import { bytea } from '../postgres-text.ts'

/** Hours that an answer is kept. */
const KEPT_HOURS = 24

/** A request with its `Idempotency-Key`. */
export interface KeyedRequest {
  readonly key: string
  /** Caller, method and address: equal keys in different scopes are different keys. */
  readonly scope: readonly string[]
  /** The other parts of the request, for the hash. */
  readonly payload: readonly (string | Buffer)[]
}

/** The hashes of a request, as the table stores them. */
export interface Fingerprint {
  readonly scope: Buffer
  readonly request: Buffer
  /** Hours that the answer is kept; 24 unless given. */
  readonly hours?: number
}

/** A stored answer. */
export interface KeptAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Null when `writes` says which rows the answer showed, and for an answer without a body. */
  readonly body: string | null
  /** The rows that the request wrote, as a text of the caller of this module; null if the answer showed none. */
  readonly writes: string | null
}

/** Hashes a request. The hash is keyed with the client's key, so that the table alone does not reveal content such as a password. */
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
  sql: sql`select k.request_hash = ${REQUEST}, k.status, k.headers, k.body, k.writes from ${KEYS} k
    where k.scope_hash = ${SCOPE} and k.expires_at > now()`,
  merge: 'lateral',
}

const ANSWER = [slot('status', 'integer'), slot('headers', 'text'), slot('body', 'text'), slot('writes', 'text')] as const

const KEEP: Statement = {
  name: 'idempotency.keep',
  sql: sql`insert into ${KEYS} as k (scope_hash, request_hash, status, headers, body, writes, expires_at)
    values (${SCOPE}, ${REQUEST}, ${ANSWER[0]}, ${ANSWER[1]}, ${ANSWER[2]}, ${ANSWER[3]}, now() + ${slot('hours', 'integer')} * interval '1 hour')
    on conflict (scope_hash) do update set request_hash = excluded.request_hash, status = excluded.status, headers = excluded.headers,
      body = excluded.body, writes = excluded.writes, expires_at = excluded.expires_at
    where k.expires_at <= now() returning 1`,
}

const SWEEP: Statement = {
  name: 'idempotency.sweep',
  sql: sql`with gone as (
      delete from ${KEYS} where ctid = any (array(select ctid from ${KEYS} where expires_at <= now() limit 1000)) returning 1)
    select count(*) from gone`,
}

/**
 * Reads the stored answer to a request; null when there is none.
 *
 * @throws Failure `idempotency_mismatch` when the key belongs to another request.
 */
export async function findAnswer(run: Run, { scope, request }: Fingerprint): Promise<KeptAnswer | null> {
  const [row] = await run(FIND, { scope: bytea(scope), request: bytea(request) })
  if (row === undefined) return null
  const [isSame, status, headers, body, writes] = row
  if (isSame !== 't') throw failure('idempotency_mismatch', {})
  return { status: Number(status), headers: JSON.parse(headers ?? '{}'), body: body ?? null, writes: writes ?? null }
}

/**
 * Locks the key until the transaction of the write ends. Then looks for an answer again, because another request may have stored one.
 *
 * @throws Failure `idempotency_in_flight` when another transaction has locked the key; `idempotency_mismatch` when the key belongs to
 *   another request.
 */
export async function claimKey(run: Run, print: Fingerprint): Promise<KeptAnswer | null> {
  const [[isFree] = []] = await run(LOCK, { lock: String(print.scope.readBigInt64BE(0)) })
  if (isFree !== 't') throw failure('idempotency_in_flight', {})
  // This must be a separate statement, because the statement that takes the lock sees the table as it was before the lock.
  return findAnswer(run, print)
}

/** Stores the answer, within the same transaction. @throws Failure `idempotency_in_flight` when another answer is stored already. */
export async function keepAnswer(
  run: Run,
  { scope, request, hours = KEPT_HOURS }: Fingerprint,
  { status, headers, body, writes }: KeptAnswer,
): Promise<void> {
  const values = { scope: bytea(scope), request: bytea(request), status, headers: JSON.stringify(headers), body, writes, hours }
  const [row] = await run(KEEP, values)
  if (row === undefined) throw failure('idempotency_in_flight', {}, 'another answer was stored despite the lock')
}

/** Deletes expired answers, at most 1,000 in one call. Returns how many. */
export async function sweepAnswers(run: Run): Promise<number> {
  const [[count] = []] = await run(SWEEP, {})
  return Number(count)
}
