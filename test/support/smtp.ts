/** An SMTP server for tests: it keeps the mails that it takes, and reads them. */

import type { Server } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { Ends } from './backend.ts'

export { headerOf, type MimePart, partOf, readMime } from '../../src/verify/messages/mime.ts'

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
