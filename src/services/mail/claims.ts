/** Keeps count of the mails: each is sent once, and no address gets more than the design allows. */

import { createHash } from 'node:crypto'
import { ident, slot, sql } from '../../base/sql/sql.ts'
import type { Run, Runner, Statement } from '../../base/sql/statement.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'
import { bytea } from '../postgres-text.ts'

const MAILS = ident(SYSTEM_SCHEMA, 'mails')
const ID = slot('id', 'text')
const RECIPIENT = slot('recipient', 'bytea')
const EARLIER = sql`select count(*) from ${MAILS} o where o.recipient = ${RECIPIENT} and o.id <> ${ID}
  and o.at > now() - ${slot('within', 'double precision')} * interval '1 millisecond'`

/** How long one attempt holds a mail. A process that ends without a word lets go of it after this time. */
export const HOLD_SECONDS = 60
const HELD = sql`now() + ${slot('hold', 'integer')} * interval '1 second'`

/** Mails to one address are claimed one after the other: the claim is a statement of its own, so it counts what others have claimed. */
const LOCK_ADDRESS: Statement = {
  name: 'mail.lock-address',
  sql: sql`select pg_advisory_xact_lock(hashtextextended(encode(${RECIPIENT}, 'hex'), 7406022))`,
}

const CLAIM: Statement = {
  name: 'mail.claim',
  sql: sql`insert into ${MAILS} as m (id, recipient, at, held_until, sent)
    select ${ID}, ${RECIPIENT}, now(), ${HELD}, false where (${EARLIER}) < ${slot('most', 'integer')}
    on conflict (id) do update set held_until = excluded.held_until
    where (not m.sent or ${slot('again', 'boolean')}) and (m.held_until is null or m.held_until < now()) returning m.held_until`,
}

const FIND: Statement = { name: 'mail.find', sql: sql`select m.sent from ${MAILS} m where m.id = ${ID}` }

const END: Statement = {
  name: 'mail.end',
  sql: sql`update ${MAILS} set held_until = nullif(held_until, ${slot('held', 'timestamptz')}), sent = sent or ${slot('sent', 'boolean')}
    where id = ${ID}`,
}

/** Days that a mail is remembered: longer than the events that it could be sent for again. */
const KEPT_DAYS = 30

const SWEEP: Statement = {
  name: 'mail.sweep',
  sql: sql`with gone as (delete from ${MAILS} where ctid = any (array(
      select ctid from ${MAILS} where at < now() - ${slot('days', 'integer')} * interval '1 day' limit 1000)) returning 1)
    select count(*) from gone`,
}

/** A mail that is about to be sent. */
export interface MailClaim {
  readonly id: string
  readonly to: string
  readonly limit: { readonly mails: number; readonly withinMs: number }
  /** Whether it is sent although it was sent before, because somebody asked for it. */
  readonly again: boolean
}

/** Runs the statements of claims. */
export type ClaimRunner = Pick<Runner, 'run' | 'runInOrder'>

/** What became of a claim. `until` is the moment up to which this attempt holds the mail, as PostgreSQL writes it. */
export type Claimed = { readonly kind: 'taken'; readonly until: string } | { readonly kind: 'sent' | 'held' | 'limit' }

/**
 * Takes a mail for one attempt, which `endMail` ends. `sent`: it was sent before. `held`: another attempt is under way. `limit`: the
 * address has got as many mails as it may, counted over all processes.
 */
export async function claimMail({ run, runInOrder }: ClaimRunner, { id, to, limit, again }: MailClaim): Promise<Claimed> {
  const recipient = bytea(createHash('sha256').update(to.toLowerCase()).digest())
  const values = { id, recipient, hold: HOLD_SECONDS, most: limit.mails, within: limit.withinMs, again }
  const [, [taken] = []] = await runInOrder([LOCK_ADDRESS, CLAIM], values)
  if (taken !== undefined) return { kind: 'taken', until: taken[0] ?? '' }
  const [found] = await run(FIND, { id })
  if (found === undefined) return { kind: 'limit' }
  return { kind: found[0] === 't' && !again ? 'sent' : 'held' }
}

/** Ends the attempt that holds a mail until this moment. One that has held it for too long does not end that of another process. */
export async function endMail(run: Run, { id, until, outcome }: EndedMail): Promise<void> {
  await run(END, { id, held: until, sent: outcome === 'sent' })
}

interface EndedMail {
  readonly id: string
  readonly until: string
  readonly outcome: 'sent' | 'not-sent'
}

/** Forgets old mails, at most 1,000 in one call. Returns how many. */
export async function sweepMails(run: Run): Promise<number> {
  const [[count] = []] = await run(SWEEP, { days: KEPT_DAYS })
  return Number(count)
}
