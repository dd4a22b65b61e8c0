/** A mail server on this machine that takes every mail and keeps it (RFC 5321). */

import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { ReceivedMail } from '../../../verify/cases/message-case.ts'

/** A running mail server. */
export interface MailReceiver {
  /** `smtp://127.0.0.1:2525` */
  readonly url: string
  readonly mails: () => readonly ReceivedMail[]
  readonly close: () => Promise<void>
}

/** The most bytes of a mail, and of a command. */
const MOST_MAIL = 32 * 1024 * 1024
const MOST_LINE = 4_096

/** Opens a mail server on a free port of 127.0.0.1, without TLS and sign-in. */
export async function openMailReceiver(): Promise<MailReceiver> {
  const mails: ReceivedMail[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    serveMail(socket, (mail) => mails.push(mail))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails: () => mails,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** Speaks with one client. Texts are bytes as Latin-1 until a mail is whole, so that no character is cut. */
function serveMail(socket: Socket, keep: (mail: ReceivedMail) => void): void {
  let rest = ''
  let from = ''
  let to: string[] = []
  let isData = false
  const say = (line: string): void => void socket.write(`${line}\r\n`)
  const command = (line: string): void => {
    const verb = line.slice(0, 4).toUpperCase()
    const address = /<([^>]*)>/.exec(line)?.[1] ?? ''
    if (verb === 'EHLO') say('250-verify\r\n250-8BITMIME\r\n250 SMTPUTF8')
    else if (verb === 'HELO' || verb === 'NOOP') say('250 verify')
    else if (verb === 'RSET') {
      ;[from, to] = ['', []]
      say('250 fine')
    } else if (verb === 'MAIL') {
      ;[from, to] = [address, []]
      say('250 fine')
    } else if (verb === 'RCPT') {
      to.push(address)
      say('250 fine')
    } else if (verb === 'DATA' && to.length > 0) {
      isData = true
      say('354 go on')
    } else if (verb === 'QUIT') {
      say('221 bye')
      socket.end()
    } else say('503 that is not expected')
  }
  socket.on('error', () => {})
  socket.setEncoding('latin1').on('data', (text: string) => {
    rest += text
    while (rest !== '') {
      const end = isData ? rest.indexOf('\r\n.\r\n') : rest.indexOf('\r\n')
      if (end < 0) {
        if (rest.length > (isData ? MOST_MAIL : MOST_LINE)) socket.destroy()
        return
      }
      const whole = rest.slice(0, end)
      rest = rest.slice(end + (isData ? 5 : 2))
      if (isData) {
        isData = false
        // A line that begins with a dot got another one (RFC 5321, section 4.5.2).
        const raw = Buffer.from(whole.replace(/(^|\r\n)\.\./g, '$1.'), 'latin1').toString('utf8')
        keep({ from, to: [...to], raw: `${raw}\r\n` })
        say('250 taken')
      } else command(whole)
    }
  })
  say('220 verify')
}
