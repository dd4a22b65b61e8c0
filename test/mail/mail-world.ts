/** Backends that send their mails to a server of the test. */

import type { Model } from '../../src/model/model.ts'
import { type MailServer, mailServerOf } from '../../src/services/mail/mail-settings.ts'

/** The settings of production for a server. @throws EnvironmentError for an address that is none */
export function mailTo(model: Model, smtpUrl: string): MailServer | null {
  return mailServerOf(model, { smtpUrl, from: null }, { mode: 'production', named: { smtpUrl: 'SMTP_URL', from: 'MAIL_FROM' } })
}
