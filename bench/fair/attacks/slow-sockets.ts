/** Connections that send a byte now and then. */

import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Scenario } from '../scenario.ts'
import { readsOf } from '../streams.ts'

const SOCKETS = 600
const EVERY_MS = 5_000
/** When headers, and when bodies, must have been given up (milliseconds from the first byte). */
const HEADERS_MS = 15_000
const BODIES_MS = 35_000

interface Slow {
  readonly socket: Socket
  open: boolean
}

export const slowSockets: Scenario = {
  title: `${SOCKETS} sockets that send a byte every ${EVERY_MS / 1000} s, half in headers, half in a body`,
  others: (world) => readsOf(world, 5),
  async attack({ port, attacker }) {
    const headers = openAll('GET / HTTP/1.1\r\nhost: x\r\nx-slow: ')
    const bodies = openAll('POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{')
    await sleep(HEADERS_MS)
    const headersLeft = stillOpen(headers)
    await sleep(BODIES_MS - HEADERS_MS)
    const bodiesLeft = stillOpen(bodies)
    for (const { socket } of [...headers, ...bodies]) socket.destroy()
    return {
      attack: `${headersLeft} open after ${HEADERS_MS / 1000} s in headers, ${bodiesLeft} after ${BODIES_MS / 1000} s in a body`,
      broken: headersLeft + bodiesLeft > 0 ? ['slow connections are kept'] : [],
    }

    function openAll(text: string): readonly Slow[] {
      return Array.from({ length: SOCKETS / 2 }, () => {
        const socket = connect({ port, host: '127.0.0.1', localAddress: attacker })
        const slow: Slow = { socket, open: true }
        const drip = setInterval(() => socket.write('a'), EVERY_MS)
        socket.on('error', () => {})
        socket.on('close', () => {
          slow.open = false
          clearInterval(drip)
        })
        // Without reading, the end of the connection would not be noticed.
        socket.resume()
        socket.write(text)
        return slow
      })
    }
  },
  promised: 'none refused, p99 under 2 × that without',
  holds: ({ alone, beside }) => beside.failed === 0 && beside.p99 < 2 * alone.p99,
}

function stillOpen(all: readonly Slow[]): number {
  return all.filter(({ open }) => open).length
}
