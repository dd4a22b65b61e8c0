/** A server that speaks SMTP as a test says, also wrongly. */

import { createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** Ends a message; gets all that was sent after DATA. */
type AtEnd = (message: string, socket: Socket) => void

/** Starts a server that takes any command, and leaves the answer to a message to the test. Returns its address. */
export async function scriptedSmtp(t: TestContext, atEnd: AtEnd): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    let message: string | null = null
    socket.write('220 ready\r\n')
    socket.setEncoding('utf8').on('data', (text: string) => {
      if (message !== null) {
        message += text
        if (!message.endsWith('\r\n.\r\n')) return
        const whole = message
        message = null
        atEnd(whole, socket)
      } else if (/^DATA/i.test(text)) {
        message = ''
        socket.write('354 go on\r\n')
      } else socket.write(/^QUIT/i.test(text) ? '221 bye\r\n' : '250 fine\r\n')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return `smtp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}
