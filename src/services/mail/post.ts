/** Makes and sends the mail of a reaction to an event. */

import { createHash } from 'node:crypto'
import { memo } from '../../base/memo.ts'
import type { Statement } from '../../base/sql/statement.ts'
import { isMailAddress, type MailAddress, readMailAddress } from '../../base/texts/mail-address.ts'
import { unreachable } from '../../base/unreachable.ts'
import { mailStatement } from '../../compile/mail/mail-sql.ts'
import type { Mail } from '../../model/mail.ts'
import type { Model } from '../../model/model.ts'
import { mailsOf } from '../../model/reaction.ts'
import type { RowTokens } from '../identity/tokens/row-tokens.ts'
import { type ClaimRunner, claimMail, endMail } from './claims.ts'
import type { MailServer } from './mail-settings.ts'
import type { Mailbox } from './mailbox.ts'
import type { SecretOf } from './render/mail-data.ts'
import { renderMail } from './render/render-mail.ts'
import { type Outgoing, openSmtp, type Sent, type Transport } from './smtp.ts'

interface PostDeps {
  readonly model: Model
  readonly runner: ClaimRunner
  readonly from: MailAddress
  /** Null if no server is set; mails then stay in the mailbox. */
  readonly transport: Transport | null
  /** The mailbox of development; null in production. */
  readonly mailbox: Mailbox | null
  readonly secretOf: SecretOf
}

/** The event of a mail. */
export interface MailEvent {
  /** The same on every attempt, and different for any two events and reactions. */
  readonly key: readonly string[]
  /** The row of the event and the row before an update, as JSON of their columns, and the inputs of an action. */
  readonly row: string
  readonly before: string | null
  readonly input: string | null
  /** Whether the event is delivered again because somebody asked for it. */
  readonly replay: boolean
  /** Aborted when the attempt should end. */
  readonly signal: AbortSignal
}

/** What became of a mail. */
export type Delivered =
  | Sent
  /** There was nothing to send, or it was sent before. */
  | { readonly kind: 'skipped'; readonly reason: string }

/** Sends mails until it is closed. */
export interface Post {
  /** Sends a mail for an event, or says why not. Rejects only with errors of the database. */
  readonly deliver: (mail: Mail, event: MailEvent) => Promise<Delivered>
  readonly close: () => void
}

/** What the post of a backend needs. */
export interface PostOptions {
  readonly runner: ClaimRunner
  readonly rowTokens: RowTokens | null
  readonly mailbox: Mailbox | null
  /** Null: no server, and the sender of the design. */
  readonly mail: MailServer | null
}

/** Opens the post of a backend; null for a design without mails. */
export function openPost(model: Model, { runner, rowTokens, mailbox, mail }: PostOptions): Post | null {
  const sender = mail?.from ?? (model.mail === null ? null : readMailAddress(model.mail.from))
  if (sender === null || mailsOf(model).length === 0) return null
  const transport = mail === null || mail.server === null ? null : openSmtp(mail.server)
  const secretOf = (stored: string): string => rowTokens?.textOf(stored) ?? ''
  const deps: PostDeps = { model, runner, from: sender, transport, mailbox, secretOf }
  return { deliver: (each, event) => deliverMail(deps, each, event), close: () => transport?.close() }
}

async function deliverMail(deps: PostDeps, mail: Mail, event: MailEvent): Promise<Delivered> {
  const { model, runner, from, secretOf } = deps
  const [read] = await runner.run(statementOf(model, mail), { after: event.row, before: event.before, input: event.input })
  if (read === undefined) return { kind: 'skipped', reason: 'the row is no longer there' }
  const [to, language, values, tables] = read
  if (to === null || to === undefined) return { kind: 'skipped', reason: 'there is no address' }
  if (!isMailAddress(to)) return { kind: 'refused', reason: 'the text of to is no address that mails are sent to' }
  const found = { language: language ?? null, values: JSON.parse(values ?? '[]'), tables: JSON.parse(tables ?? '[]') }
  // The link of a mail without its token would lead nowhere.
  if (mail.values.some(({ kind }, i) => kind === 'token' && (found.values[i] ?? null) === null))
    return { kind: 'skipped', reason: 'the row of its token is no longer there' }
  const message = renderMail(mail, found, secretOf)
  const id = createHash('sha256').update(JSON.stringify(event.key)).digest('hex').slice(0, 32)
  const outgoing = { ...message, from, to, messageId: `${id}@${from.address.split('@')[1]}` }
  const claim = await claimMail(runner, { id, to, limit: limitOf(model), again: event.replay })
  switch (claim.kind) {
    case 'sent':
      return { kind: 'skipped', reason: 'it was sent before' }
    case 'held':
      return { kind: 'failed', reason: 'another attempt is under way' }
    case 'limit':
      return { kind: 'refused', reason: 'the address has got as many mails as integrations.email.limit allows' }
    case 'taken':
      return sendHeld(deps, { id, until: claim.until, mail: outgoing }, event.signal)
    default:
      return unreachable(claim)
  }
}

/** The statements of the mails of a model, each made once. */
const statements = memo((_: Model): Map<Mail, Statement> => new Map())

function statementOf(model: Model, mail: Mail): Statement {
  const made = statements(model)
  const statement = made.get(mail) ?? mailStatement(model, mail)
  made.set(mail, statement)
  return statement
}

function limitOf({ mail }: Model): { readonly mails: number; readonly withinMs: number } {
  if (mail === null) throw new Error('the design sends no mails')
  return mail.limit
}

interface HeldMail {
  readonly id: string
  readonly until: string
  readonly mail: Outgoing
}

async function sendHeld({ runner, transport, mailbox }: PostDeps, { id, until, mail }: HeldMail, signal: AbortSignal): Promise<Delivered> {
  const sent: Sent = transport === null ? withoutServer(mailbox) : await transport.send(mail, signal)
  mailbox?.add(mail, transport === null ? null : sent)
  await endMail(runner.run, { id, until, outcome: sent.kind === 'sent' ? 'sent' : 'not-sent' })
  return sent
}

function withoutServer(mailbox: Mailbox | null): Sent {
  return mailbox === null ? { kind: 'failed', reason: 'SMTP_URL is not set' } : { kind: 'sent' }
}
