/** Sends mails by SMTP (RFC 5321), over a pool of connections. */

import type { MailAddress } from '../../base/texts/mail-address.ts'
import type { Message } from './render/render-mail.ts'

/** A mail with its addresses. */
export interface Outgoing extends Message {
  readonly from: MailAddress
  /** One address. */
  readonly to: string
  /** The same on each attempt: `id@domain`. */
  readonly messageId: string
}

/** What became of an attempt. */
export type Sent =
  /** The server has taken the mail. */
  | { readonly kind: 'sent' }
  /** It may go through later. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** The server will not take this mail at any later time. */
  | { readonly kind: 'refused'; readonly reason: string }

/** Sends mails until it is closed. */
export interface Transport {
  /** Never rejects. */
  readonly send: (mail: Outgoing, signal: AbortSignal) => Promise<Sent>
  readonly close: () => void
}

/** Where mails go: what `SMTP_URL` says. */
export interface SmtpServer {
  readonly host: string
  readonly port: number
  /** `implicit`: TLS from the beginning. `required`: STARTTLS, or nothing is sent. `offered`: STARTTLS if the server has it. */
  readonly tls: 'implicit' | 'required' | 'offered'
  readonly user: string | null
  readonly password: string
}

/** Milliseconds: to connect, until the greeting, and between two answers of the server. */
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000, dnsTimeout: 10_000 } as const
/** Milliseconds for a whole mail: less than an attempt holds the mail (`HOLD_SECONDS`). */
const LONGEST_MS = 50_000
const CONNECTIONS = 4
/** Mails on one connection, after which another one is opened; servers limit the number. */
const MAILS_OF_CONNECTION = 100

/**
 * Reads an address such as `smtp://user:password@smtp.example.com:587` or `smtps://…`; null for anything else. The connection to
 * another machine than this one must be encrypted.
 */
export function readSmtpUrl(text: string): SmtpServer | null {
  if (!URL.canParse(text)) return null
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text)
  if (!['smtp:', 'smtps:'].includes(protocol) || hostname === '' || !['', '/'].includes(pathname) || search !== '' || hash !== '')
    return null
  const host = decoded(hostname)?.replace(/^\[(.*)\]$/, '$1')
  const [user, secret] = [decoded(username), decoded(password)]
  if (host === undefined || user === null || secret === null) return null
  const isLocal = LOCAL_HOSTS.test(host)
  const tls = protocol === 'smtps:' ? 'implicit' : isLocal ? 'offered' : 'required'
  const number = port === '' ? (protocol === 'smtps:' ? 465 : 587) : Number(port)
  return { host, port: number, tls, user: user === '' ? null : user, password: secret }
}

/** A part of an address without its escapes; null where a `%` begins none. */
function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part)
  } catch {
    return null
  }
}

const LOCAL_HOSTS = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/

/** Opens a transport. Connections are made when the first mail is sent. */
export function openSmtp({ host, port, tls, user, password }: SmtpServer): Transport {
  const secrets = formsOf(user ?? '', password)
  let pool: Promise<Pool> | null = null
  const open = async (): Promise<Pool> => {
    const { createTransport } = await import('nodemailer')
    return createTransport({
      ...TIMEOUTS,
      host,
      port,
      pool: true,
      maxConnections: CONNECTIONS,
      maxMessages: MAILS_OF_CONNECTION,
      secure: tls === 'implicit',
      requireTLS: tls === 'required',
      ...(user === null ? {} : { auth: { user, pass: password } }),
      disableFileAccess: true,
      disableUrlAccess: true,
    })
  }
  let closed = false
  return {
    async send(mail, signal) {
      if (closed || signal.aborted) return { kind: 'failed', reason: 'the process stops' }
      pool ??= open()
      try {
        await (await pool).sendMail({ ...envelopeOf(mail), signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]) })
        return { kind: 'sent' }
      } catch (error) {
        return failureOf(error, [mail.to, ...secrets])
      }
    },
    close() {
      closed = true
      void pool?.then((opened) => opened.close({ force: true }))
    },
  }
}

interface Pool {
  readonly sendMail: (mail: ReturnType<typeof envelopeOf> & { readonly signal: AbortSignal }) => Promise<unknown>
  readonly close: (options: { readonly force: boolean }) => void
}

/**
 * The mail as the library takes it. Addresses are objects, and the envelope is given, so no text is parsed as a list of addresses.
 * `Auto-Submitted` keeps other programs from answering (RFC 3834).
 */
function envelopeOf({ from, to, messageId, subject, html, text, attachments }: Outgoing) {
  return {
    from,
    to: { name: '', address: to },
    envelope: { from: from.address, to: [to] },
    messageId: `<${messageId}>`,
    subject,
    html,
    text,
    headers: { 'Auto-Submitted': 'auto-generated' },
    attachments: attachments.map(({ name, type, content, cid }) => ({
      filename: name,
      contentType: type,
      content: Buffer.from(content),
      ...(cid === null ? {} : { cid, contentDisposition: 'inline' as const }),
    })),
  }
}

/** The password as it may stand in the answer of a server that repeats what it was sent (RFC 4954: PLAIN, LOGIN). */
function formsOf(user: string, password: string): readonly string[] {
  if (password === '') return []
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  return [
    base64(`\0${user}\0${password}`),
    base64(`${user}\0${user}\0${password}`),
    base64(password),
    encodeURIComponent(password),
    password,
  ]
}

/**
 * Tells failures apart. The server refuses a mail for ever with a code of 500 or more after the greeting and the sign-in (RFC 5321 section
 * 4.2.1). A wrong password and a missing TLS are mistakes of the operator, which are mended while the mail waits. The reason contains
 * nothing of `hidden`: the address, and the password.
 */
function failureOf(error: unknown, hidden: readonly string[]): Exclude<Sent, { kind: 'sent' }> {
  const { code, responseCode, message } = error as { code?: unknown; responseCode?: unknown; message?: unknown }
  const said = hidden.reduce((text, one) => text.replaceAll(one, '…'), String(message))
  const reason = `${typeof code === 'string' ? `${code}: ` : ''}${said.replace(/[\p{Cc}\s]+/gu, ' ').slice(0, 300)}`
  const isOfMail = code === 'EENVELOPE' || code === 'EMESSAGE'
  const isFinal = isOfMail && (typeof responseCode !== 'number' || responseCode >= 500)
  return { kind: isFinal ? 'refused' : 'failed', reason }
}
