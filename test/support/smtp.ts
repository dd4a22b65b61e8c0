/** An SMTP server for tests: it keeps the mails that it takes, and reads them. */

import type { Server } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { Ends } from './backend.ts'

/** A mail as the server has taken it. */
export interface Received {
  readonly from: string
  /** The addresses of the envelope. */
  readonly to: readonly string[]
  /** The whole message. */
  readonly raw: string
}

export interface TestSmtp {
  readonly url: string
  readonly port: number
  readonly mails: readonly Received[]
  /** Resolves when so many mails have arrived. */
  received(count: number): Promise<readonly Received[]>
  stop(): Promise<void>
}

/** Milliseconds after which a test that waits for a mail fails. */
const LONGEST_MS = 60_000

/** Starts a server on this machine; `port` 0 is any. It is without TLS unless the options say otherwise. */
export async function startSmtp(t: Ends, options: SMTPServerOptions & { readonly port?: number } = {}): Promise<TestSmtp> {
  const { port: wanted = 0, ...given } = options
  const mails: Received[] = []
  const waiting: (() => void)[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    closeTimeout: 50,
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? '' : mailFrom.address
        mails.push({ from, to: rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks).toString('utf8') })
        for (const wake of waiting.splice(0)) wake()
        done()
      })
    },
    ...given,
  })
  server.on('error', () => {})
  const listening: Server = server.listen(wanted, '127.0.0.1')
  await new Promise<void>((resolve, reject) => {
    listening.once('listening', resolve)
    listening.once('error', reject)
  })
  const address = listening.address()
  const port = typeof address === 'object' && address !== null ? address.port : wanted
  let stopped = false
  const stop = async (): Promise<void> => {
    if (stopped) return
    stopped = true
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  t.after(stop)
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    mails,
    stop,
    async received(count) {
      const late = setTimeout(() => {
        for (const wake of waiting.splice(0)) wake()
      }, LONGEST_MS)
      const end = Date.now() + LONGEST_MS
      while (mails.length < count && Date.now() < end) await new Promise<void>((resolve) => waiting.push(resolve))
      clearTimeout(late)
      if (mails.length < count) throw new Error(`${mails.length} of ${count} mails have arrived`)
      return mails
    },
  }
}

/** A part of a message, with its header fields in lower case and its content decoded. */
export interface MimePart {
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly type: string
  readonly content: Buffer
  readonly parts: readonly MimePart[]
}

/** Reads a message (RFC 5322, 2045, 2046), as far as the tests need. */
export function readMime(raw: string): MimePart {
  const end = raw.search(/\r?\n\r?\n/)
  const head = end < 0 ? raw : raw.slice(0, end)
  const body = end < 0 ? '' : raw.slice(end).replace(/^\r?\n\r?\n/, '')
  const headers = new Map<string, string[]>()
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()])
  }
  const type = headers.get('content-type')?.[0] ?? 'text/plain'
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1]
  const encoding = headers.get('content-transfer-encoding')?.[0]?.toLowerCase()
  const parts =
    boundary === undefined
      ? []
      : body
          .split(`--${boundary}`)
          .slice(1, -1)
          .map((part) => readMime(part.replace(/^\r?\n/, '')))
  return { headers, type: type.split(';')[0]?.trim() ?? '', content: decoded(body, encoding), parts }
}

function decoded(body: string, encoding: string | undefined): Buffer {
  if (encoding === 'base64') return Buffer.from(body, 'base64')
  if (encoding !== 'quoted-printable') return Buffer.from(body, 'utf8')
  const joined = body.replace(/=\r?\n/g, '')
  return Buffer.from(
    joined.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
}

/** The first part of a type, as text. */
export function partOf(mime: MimePart, type: string): string | undefined {
  if (mime.type === type && mime.parts.length === 0) return mime.content.toString('utf8')
  return mime.parts.map((part) => partOf(part, type)).find((found) => found !== undefined)
}

/** The value of a header field with encoded words decoded (RFC 2047). */
export function headerOf(mime: MimePart, name: string): string {
  const value = mime.headers.get(name)?.[0] ?? ''
  const joined = value.replace(/(\?=)\s+(=\?)/g, '$1$2')
  return joined.replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, text: string) =>
    kind.toLowerCase() === 'b'
      ? Buffer.from(text, 'base64').toString('utf8')
      : decoded(text.replaceAll('_', ' '), 'quoted-printable').toString('utf8'),
  )
}
