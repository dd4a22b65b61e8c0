/** The rows of uploads. Each step of an upload is one statement, so processes that end in between leave a row that the sweep finds. */

import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { ident, slot, sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
import { FILES_TABLE, SYSTEM_SCHEMA } from '../../model/database.ts'
import { bytea } from '../postgres-text.ts'

/** Seconds that an upload waits: for its bytes, while they arrive, and then for a row. */
const UPLOAD_SECONDS = 3_600
/** Uploads of one caller that wait at the same time. */
const MOST_WAITING = 100

const TABLE = ident(SYSTEM_SCHEMA, FILES_TABLE)
const KEY = slot('key', 'uuid')
const OWNER = slot('owner', 'text')
const LATER = sql`now() + ${slot('seconds', 'integer')} * interval '1 second'`

const OPEN: Statement = {
  name: 'files.open',
  sql: sql`insert into ${TABLE} (key, target, state, due, ticket, owner, name)
    select ${KEY}, ${slot('target', 'text')}, ${slot('state', 'text')}, ${LATER}, ${slot('ticket', 'bytea')}, ${OWNER}, ${slot('name', 'text')}
    where (select count(*) from ${TABLE} w where w.owner = ${OWNER} and w.due is not null and w.state in ('awaited', 'open', 'stored'))
      < ${slot('most', 'integer')}
    returning to_char(due at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`,
}

/** Statements at the same time do not see each other's uploads; the last one to count sees all of them. */
const EXCEEDED: Statement = {
  name: 'files.exceeded',
  sql: sql`update ${TABLE} set state = 'removed', due = now(), ticket = null
    where key = ${KEY} and (select count(*) from ${TABLE} w
      where w.owner = ${OWNER} and w.due is not null and w.state in ('awaited', 'open', 'stored')) > ${slot('most', 'integer')}
    returning 1`,
}

const BEGIN: Statement = {
  name: 'files.begin',
  sql: sql`update ${TABLE} set state = 'open', due = ${LATER}, name = coalesce(nullif(${slot('name', 'text')}, ''), name)
    where ticket = ${slot('ticket', 'bytea')} and target = ${slot('target', 'text')} and state = 'awaited' and due > now()
    returning key, name`,
}

const END: Statement = {
  name: 'files.end',
  sql: sql`update ${TABLE} set state = 'stored', due = ${LATER}, size = ${slot('size', 'bigint')}, type = ${slot('type', 'text')},
      sha256 = ${slot('sha256', 'text')}
    where key = ${KEY} and state = 'open' returning 1`,
}

const DROP: Statement = {
  name: 'files.drop',
  sql: sql`update ${TABLE} set state = 'removed', due = now(), ticket = null where key = ${KEY} and state in ('open', 'stored') returning 1`,
}

const IS_USED: Statement = { name: 'files.used', sql: sql`select 1 from ${TABLE} where key = ${KEY} and state = 'used'` }

/** An upload whose bytes are awaited or arrive. */
export interface Upload {
  readonly key: string
  readonly ticket: string
  readonly name: string
}

/** What an upload is for. `target` is a field with its entity: `Post.photo`. `owner` is the caller, or the address of an anonymous one. */
export interface UploadFor {
  readonly target: string
  readonly owner: string
  readonly name: string
}

/** What is known of a file once its bytes are stored. */
export interface StoredFacts {
  readonly size: number
  readonly type: string
  /** Hexadecimal. */
  readonly sha256: string
}

/**
 * Opens an upload. With `awaited`, its bytes come in another request, which has the ticket.
 *
 * @returns the upload and when it ends (RFC 3339); null when the caller has too many that wait.
 */
export async function openUpload(
  run: Run,
  { target, owner, name }: UploadFor,
  state: 'open' | 'awaited',
): Promise<(Upload & { readonly until: string }) | null> {
  const key = randomUUID()
  const ticket = `upload_${randomBytes(32).toString('base64url')}`
  const values = { key, target, owner, name, state, ticket: hashed(ticket), seconds: UPLOAD_SECONDS, most: MOST_WAITING }
  const [row] = await run(OPEN, values)
  if (row === undefined || (await run(EXCEEDED, { key, owner, most: MOST_WAITING })).length > 0) return null
  return { key, ticket, name, until: row[0] ?? '' }
}

/** Begins to receive the bytes of an awaited upload; null for a ticket that is unknown, used or too old. */
export async function beginUpload(
  run: Run,
  { ticket, target, name }: { readonly ticket: string; readonly target: string; readonly name: string },
): Promise<Upload | null> {
  const [row] = await run(BEGIN, { ticket: hashed(ticket), target, name, seconds: UPLOAD_SECONDS })
  return row === undefined ? null : { key: row[0] ?? '', ticket, name: row[1] ?? '' }
}

/** Ends an upload whose bytes are stored. False when the sweep has taken it meanwhile; its bytes are of no use then. */
export async function endUpload(run: Run, key: string, { size, type, sha256 }: StoredFacts): Promise<boolean> {
  const [row] = await run(END, { key, size, type, sha256, seconds: UPLOAD_SECONDS })
  return row !== undefined
}

/** Whether a row has the file of a key. */
export async function isFileUsed(run: Run, key: string): Promise<boolean> {
  return (await run(IS_USED, { key })).length > 0
}

/** Gives up an upload, so that the next sweep removes its bytes. */
export async function dropUpload(run: Run, key: string): Promise<void> {
  await run(DROP, { key })
}

/** The database keeps only a hash of a ticket. */
function hashed(ticket: string): string {
  return bytea(createHash('sha256').update(ticket).digest())
}
