/**
 * Loaded before the backend that sends messages (`--import`): its sockets reach this machine and the database alone, whatever the backend
 * allows. So verify can give it addresses of others, and no defect reaches them. A refused connection has the code `ERR_IP_BLOCKED`.
 *
 * Once it has seen that connections are refused, it leaves a file named after the process in the folder of `PLINTH_VERIFY_GUARD`. Without
 * that file no address of others is used.
 */

import { writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { BlockList, connect, type LookupFunction, Socket } from 'node:net'
import { join } from 'node:path'

/** An address of this machine that is refused, too, so that refusals can be tried without reaching anybody. */
const TRIED = '127.255.255.254'
const TRIED_MS = 5_000

/** What a refused connection says. */
const REFUSED = 'ERR_IP_BLOCKED'

function othersThanThisMachine(): BlockList {
  const list = new BlockList()
  list.addAddress(TRIED)
  list.addRange('0.0.0.0', '126.255.255.255')
  list.addRange('128.0.0.0', '255.255.255.255')
  list.addAddress('::', 'ipv6')
  list.addRange('::2', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ipv6')
  return list
}

/**
 * Lets all sockets of this process reach loopback addresses, and one host beside them.
 *
 * @param host that of the database; null for none
 * @returns whether it works: a connection of each kind was refused.
 */
export async function guardSockets(host: string | null): Promise<boolean> {
  const blockList = othersThanThisMachine()
  const original = Socket.prototype.connect
  const guarded = function (this: Socket & { blockList?: BlockList }, ...given: readonly unknown[]): Socket {
    // `net.connect` hands over its options in a list.
    const [first, second] = given
    const options = (Array.isArray(first) ? first[0] : first) as { readonly host?: unknown; lookup?: LookupFunction } | number | null
    const named = typeof options === 'object' ? options?.host : second
    if (host === null || named !== host) this.blockList = blockList
    // A socket that is refused while `tls.connect` still works on it would end the process.
    if (typeof options === 'object' && options?.lookup !== undefined) options.lookup = later(options.lookup)
    return Reflect.apply(original, this, given)
  }
  Socket.prototype.connect = guarded as typeof original
  const plain = connect({ host: TRIED, port: 1 })
  const direct = new Socket().connect(1, TRIED)
  const web = request({ host: TRIED, port: 1, agent: false })
  const codes = await Promise.all([codeOf(plain), codeOf(direct), codeOf(web)])
  for (const one of [plain, direct, web]) one.destroy()
  return codes.every((code) => code === REFUSED)
}

/** A lookup that never answers before it returns. */
function later(lookup: LookupFunction): LookupFunction {
  return (...given) => setImmediate(() => lookup(...given))
}

/** The code of the error of a connection; empty where there is none in time. */
async function codeOf(one: NodeJS.EventEmitter): Promise<string> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(''), TRIED_MS)
    one.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      resolve(error.code ?? '')
    })
  })
}

/** The host of an address of PostgreSQL; null for none. */
function hostOf(address: string | undefined): string | null {
  if (address === undefined || !URL.canParse(address)) return null
  const { hostname } = new URL(address)
  return hostname === '' ? null : hostname.replace(/^\[(.*)\]$/, '$1')
}

const folder = process.env.PLINTH_VERIFY_GUARD
if (folder !== undefined && (await guardSockets(hostOf(process.env.DATABASE_URL)))) writeFileSync(join(folder, String(process.pid)), '')
