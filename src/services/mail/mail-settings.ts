/** The settings of mails: where they go, and who sends them. */

import { EnvironmentError } from '../../base/environment-error.ts'
import { type MailAddress, readMailAddress } from '../../base/texts/mail-address.ts'
import type { Model } from '../../model/model.ts'
import { mailsOf } from '../../model/reaction.ts'
import { readSmtpUrl, type SmtpServer } from './smtp.ts'

/** What the environment says about mails. */
export interface MailSettings {
  /** `SMTP_URL`; null for none. */
  readonly smtpUrl: string | null
  /** `MAIL_FROM`; null for the sender of the design. */
  readonly from: string | null
}

/** The names of the settings in the environment. */
export const MAIL_SETTINGS = { smtpUrl: 'SMTP_URL', from: 'MAIL_FROM' } as const

/** The problem of an address of a server, as the end of a sentence that begins with its name; null for a valid one. */
export function smtpUrlProblem(text: string): string | null {
  return readSmtpUrl(text) === null ? 'is not an address such as smtp://user:password@smtp.example.com:587, or smtps://…' : null
}

/** The same for a sender. */
export function senderProblem(text: string): string | null {
  return readMailAddress(text) === null ? 'is not an address such as Blog <no-reply@example.com>' : null
}

/** The server and the sender for a model. */
export interface MailServer {
  readonly server: SmtpServer | null
  readonly from: MailAddress
}

/**
 * Reads the settings; null for a design without mails.
 *
 * @param named the names of the two settings, for errors
 * @throws EnvironmentError when a setting is wrong, or in production when a design sends mails and there is no server
 */
export function mailServerOf(
  model: Model,
  { smtpUrl, from }: MailSettings,
  { mode, named }: { readonly mode: 'development' | 'production'; readonly named: { readonly smtpUrl: string; readonly from: string } },
): MailServer | null {
  const { mail } = model
  if (mail === null || mailsOf(model).length === 0) return null
  const sender = readMailAddress(from ?? mail.from)
  const server = smtpUrl === null ? null : readSmtpUrl(smtpUrl)
  if (sender === null) throw new EnvironmentError(`${named.from} ${senderProblem(from ?? '')}`, 'correct it, or leave it out')
  if (smtpUrl !== null && server === null) throw new EnvironmentError(`${named.smtpUrl} ${smtpUrlProblem('')}`, 'correct it')
  if (server === null && mode === 'production')
    throw new EnvironmentError(
      `${named.smtpUrl} is not set, and the design sends mails`,
      `set ${named.smtpUrl} to the address of the SMTP server`,
    )
  return { server, from: sender }
}
