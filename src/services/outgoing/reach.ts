/**
 * Where requests of the backend may go. The check is about the addresses that the connection is made to: the name is resolved once, all of
 * its addresses are checked, and the connection may use only these. So an answer of DNS that changes later has no effect.
 */

import { lookup, Resolver } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { isPublicAddress, type Networks, NO_NETWORKS } from './networks.ts'

/** An address of a host. */
export interface HostAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** Gives the addresses of a name. Rejects for an unknown name. */
export type ResolveHost = (host: string, signal: AbortSignal) => Promise<readonly HostAddress[]>

/** Where requests may go. */
export interface Reach {
  /** Networks that may be reached although they are not public, at any port and without TLS. */
  readonly networks: Networks
  /** Whether public hosts may be reached without TLS. */
  readonly http: 'allowed' | 'refused'
  /** `usual`: those of web servers, for addresses that users give. */
  readonly ports: 'any' | 'usual'
  readonly resolve: ResolveHost
}

/** A target that no request may reach. The message has no more of the address than its host and port. */
export class ForbiddenTarget extends Error {
  override readonly name = 'ForbiddenTarget'
}

/** The setting that allows networks. */
export const NETWORKS_SETTING = 'OUTGOING_NETWORKS'

const USUAL_PORTS: Readonly<Record<string, readonly string[]>> = { 'https:': ['', '443', '8443'], 'http:': ['', '80', '8080'] }

/**
 * The reach of a process. `operator`: for addresses of the design and its settings; `user`: for addresses that users give.
 *
 * @param networks those of the setting; null for none
 */
export function reachOf(
  networks: Networks | null,
  { mode, chosenBy }: { readonly mode: 'development' | 'production'; readonly chosenBy: 'operator' | 'user' },
): Reach {
  return {
    networks: networks ?? NO_NETWORKS,
    http: mode === 'development' ? 'allowed' : 'refused',
    ports: chosenBy === 'operator' ? 'any' : 'usual',
    resolve: chosenBy === 'operator' ? resolveBySystem : resolveByDns,
  }
}

/** A target whose host was resolved and checked. */
export interface CheckedTarget {
  readonly url: URL
  /** Gives the checked addresses to `net.connect`, `tls.connect` and what is built on them, and never asks DNS again. */
  readonly lookup: LookupFunction
}

/**
 * Resolves the host of an address and checks it.
 *
 * @throws ForbiddenTarget when it may not be reached; the resolver's error for an unknown name.
 */
export async function checkTarget(address: string, reach: Reach, signal: AbortSignal): Promise<CheckedTarget> {
  const url = readTarget(address)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const version = isIP(host)
  const addresses = version === 0 ? await addressesOf(host, reach, signal) : [hostAddress({ address: host, family: version })]
  if (addresses.length === 0) throw new ForbiddenTarget(`${host} has no address`)
  // One that may not be reached is enough to refuse them all: an honest name has none.
  for (const each of addresses) {
    const problem = problemOf(url, each.address, reach)
    if (problem !== null) throw new ForbiddenTarget(problem)
  }
  return { url, lookup: lookupIn(addresses) }
}

/** The loopback addresses are not asked for (RFC 6761, section 6.3). Where only some of them may be reached, these are used. */
async function addressesOf(host: string, { networks, resolve }: Reach, signal: AbortSignal): Promise<readonly HostAddress[]> {
  if (!/(?:^|\.)localhost\.?$/i.test(host)) return resolve(host, signal)
  const reached = LOCALHOST.filter(({ address }) => networks.has(address))
  return reached.length > 0 ? reached : LOCALHOST
}

const LOCALHOST: readonly HostAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]

/** Reads an address. @throws ForbiddenTarget for one that is no address of HTTP, or has a user name. */
export function readTarget(address: string): URL {
  if (!URL.canParse(address)) throw new ForbiddenTarget('the address is no URL')
  const url = new URL(address)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new ForbiddenTarget('the address does not begin with https: or http:')
  if (url.username !== '' || url.password !== '') throw new ForbiddenTarget('the address contains a user name or a password')
  return url
}

/** The host of an address, in lower case and without a dot at its end; empty for a text that is no URL. */
export function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).hostname.replace(/\.$/, '') : ''
}

/** Why an address of a host may not be reached; null if it may. */
function problemOf({ protocol, hostname, port }: URL, address: string, { networks, http, ports }: Reach): string | null {
  if (networks.has(address)) return null
  const shown = hostname.replace(/^\[(.*)\]$/, '$1') === address ? address : `${hostname} (${address})`
  if (!isPublicAddress(address)) return `${shown} is not a public address, and not in a network of ${NETWORKS_SETTING}`
  if (protocol === 'http:' && http === 'refused') return `${hostname} would be reached without TLS; use https:`
  const isUsual = ports === 'any' || USUAL_PORTS[protocol]?.includes(port) === true
  return isUsual ? null : `port ${port} is not one of web servers (443, 8443${http === 'allowed' ? ', 80, 8080' : ''})`
}

function lookupIn(addresses: readonly HostAddress[]): LookupFunction {
  return (_host, { all }, callback) => {
    const [first] = addresses
    if (all === true) callback(null, [...addresses])
    else callback(null, first?.address ?? '', first?.family)
  }
}

/** The resolver of the system, with its file of hosts and search domains. Each call holds a thread of the process until it ends. */
const resolveBySystem: ResolveHost = async (host, signal) => {
  const aborted = Promise.withResolvers<never>()
  const end = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', end, { once: true })
  try {
    signal.throwIfAborted()
    return (await Promise.race([lookup(host, { all: true }), aborted.promise])).map(hostAddress)
  } finally {
    signal.removeEventListener('abort', end)
  }
}

/** Milliseconds for one question, and how often it is asked. */
const DNS = { timeout: 2_000, tries: 2 } as const

/** DNS alone. It holds no thread: names that users give may have servers that never answer. */
const resolveByDns: ResolveHost = async (host, signal) => {
  const resolver = new Resolver(DNS)
  const cancel = (): void => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const [of4, of6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    if (of4.status === 'rejected' && of6.status === 'rejected') throw of4.reason
    return [...(of4.status === 'fulfilled' ? of4.value : []), ...(of6.status === 'fulfilled' ? of6.value : [])].map((address) =>
      hostAddress({ address, family: isIP(address) }),
    )
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

function hostAddress({ address, family }: { readonly address: string; readonly family: number }): HostAddress {
  return { address, family: family === 6 ? 6 : 4 }
}
