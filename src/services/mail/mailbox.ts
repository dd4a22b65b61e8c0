/** The mails that were sent in development, for the page `/dev/mail`. They are kept in memory. */

import type { Outgoing, Sent } from './smtp.ts'

/** A mail in the mailbox. */
export interface KeptMail extends Outgoing {
  /** From 1. */
  readonly number: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** What the SMTP server said; null without a server. */
  readonly sent: Sent | null
}

/** The last mails, the newest first. */
export interface Mailbox {
  readonly add: (mail: Outgoing, sent: Sent | null) => void
  readonly all: () => readonly KeptMail[]
  /** Undefined for a mail that is not there any more. */
  readonly at: (number: number) => KeptMail | undefined
}

/** The number of mails that are kept. */
const KEPT = 200

/** An empty mailbox. A second attempt to send a mail replaces the first. */
export function openMailbox(now: () => number): Mailbox {
  let mails: readonly KeptMail[] = []
  let last = 0
  return {
    add(mail, sent) {
      const earlier = mails.find(({ messageId }) => messageId === mail.messageId)
      const kept = { ...mail, number: earlier?.number ?? ++last, at: now(), sent }
      mails = [kept, ...mails.filter((each) => each !== earlier)].slice(0, KEPT)
    },
    all: () => mails,
    at: (number) => mails.find((mail) => mail.number === number),
  }
}
