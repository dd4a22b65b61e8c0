/** Which addresses requests of the backend may reach: public ones, and the networks that the operator names. */

import { BlockList, isIP } from 'node:net'

/** Networks by the first address and the length of the prefix. */
type Network = readonly [first: string, length: number]

/**
 * IPv4 networks that are not public (RFC 6890 and the IANA registry of special addresses): this network, private, shared (CGNAT), loopback,
 * link-local with the metadata of clouds, protocol assignments, documentation, 6to4 relays, benchmarks, multicast, and reserved ones. The
 * last row is a public address at which Azure answers its own machines.
 */
const NOT_PUBLIC_4: readonly Network[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['168.63.129.16', 32],
]

/** The only IPv6 network with public addresses (RFC 4291). It has no mapped IPv4 addresses and no NAT64 (`64:ff9b::/96`). */
const PUBLIC_6: Network = ['2000::', 3]

/** What is not public in it: protocol assignments with Teredo, 6to4, documentation. */
const NOT_PUBLIC_6: readonly Network[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

const notPublic4 = listOf(NOT_PUBLIC_4)
const public6 = listOf([PUBLIC_6])
const notPublic6 = listOf(NOT_PUBLIC_6)

/** Networks that were read from a setting. */
export interface Networks {
  /** Whether the address, of IPv4 or IPv6, is in one of them. An IPv4 address that is mapped into IPv6 is only in networks of IPv6. */
  readonly has: (address: string) => boolean
  /** Whether there is any network. */
  readonly some: boolean
}

/** No networks. */
export const NO_NETWORKS: Networks = { has: () => false, some: false }

/** Reads a list such as `10.1.0.0/16, fd00::/8, 127.0.0.1`; null for anything else. */
export function readNetworks(text: string): Networks | null {
  const parts = text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]))
  const networks = parts.map(networkOf)
  if (networks.some((network) => network === null)) return null
  const all = networks.filter((network) => network !== null)
  const of4 = listOf(all.filter(([first]) => isIP(first) === 4))
  const of6 = listOf(all.filter(([first]) => isIP(first) === 6))
  const some = all.length > 0
  return {
    some,
    has: (address) => (isIP(address) === 4 ? of4.check(address, 'ipv4') : isIP(address) === 6 && of6.check(plain(address), 'ipv6')),
  }
}

/** The problem of a list of networks, as the end of a sentence that begins with its name; null for a valid one. */
export function networksProblem(text: string): string | null {
  return readNetworks(text) === null ? 'is not a list of addresses such as 10.0.0.7,192.168.0.0/16' : null
}

function networkOf(text: string): Network | null {
  const [first = '', length, ...rest] = text.split('/')
  const version = isIP(first)
  const bits = version === 4 ? 32 : 128
  if (version === 0 || first.includes('%') || rest.length > 0) return null
  if (length === undefined) return [first, bits]
  return /^\d{1,3}$/.test(length) && Number(length) <= bits ? [first, Number(length)] : null
}

/** Whether an address of IPv4 or IPv6 is one that everybody can reach over the Internet. False for a text that is no address. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address)
  if (version === 4) return !notPublic4.check(address, 'ipv4')
  return version === 6 && !address.includes('%') && public6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6')
}

/** The address without its zone (`fe80::1%eth0`), which a list cannot read. */
function plain(address: string): string {
  return address.split('%')[0] ?? ''
}

function listOf(networks: readonly Network[]): BlockList {
  const list = new BlockList()
  for (const [first, length] of networks) list.addSubnet(first, length, isIP(first) === 4 ? 'ipv4' : 'ipv6')
  return list
}
