/** Addresses at the edges of the networks that are not public, and ports of other servers, for backends whose sockets are guarded. */

/** An address for a message, and whether a connection to it is tried. */
export interface NamedTarget {
  readonly url: string
  readonly isReached: boolean
}

/** The first and the last address of a network, and the public ones before and after it. */
type Edges = readonly [first: string, last: string, before?: string | null, after?: string]

/** The edges of each network of IPv4 that is not public (RFC 6890). */
const NETWORKS_4: readonly Edges[] = [
  ['0.0.0.0', '0.255.255.255', null, '1.0.0.0'],
  ['10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'],
  ['100.64.0.0', '100.127.255.255', '100.63.255.255', '100.128.0.0'],
  ['127.0.0.0', '127.255.255.255', '126.255.255.255', '128.0.0.0'],
  ['169.254.0.0', '169.254.255.255', '169.253.255.255', '169.255.0.0'],
  ['172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0'],
  ['192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'],
  ['192.0.2.0', '192.0.2.255', null, '192.0.3.0'],
  ['198.18.0.0', '198.19.255.255', '198.17.255.255', '198.20.0.0'],
  ['198.51.100.0', '198.51.100.255', '198.51.99.255', '198.51.101.0'],
  ['203.0.113.0', '203.0.113.255', '203.0.112.255', '203.0.114.0'],
  ['224.0.0.0', '239.255.255.255', '223.255.255.255'],
  ['240.0.0.0', '255.255.255.255'],
]

/** The same of IPv6 (RFC 6890, RFC 4291), with those that hold an address of IPv4. */
const NETWORKS_6: readonly Edges[] = [
  ['::', '::1'],
  ['::ffff:0:0', '::ffff:ffff:ffff'],
  ['64:ff9b::', '64:ff9b::ffff:ffff'],
  ['100::', '100::ffff:ffff:ffff:ffff'],
  ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db7:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db9::'],
  ['2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2003::'],
  ['fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
]

/** Ports of servers that are no web servers, those of the web without TLS, and the ends of what a port may be. */
const OTHER_PORTS = [1, 22, 25, 80, 442, 444, 3306, 5432, 6379, 8080, 9200, 65_535] as const

/** A public address. The guard lets nobody reach it. */
const PUBLIC = '172.32.0.0'

/** How an address of IPv4 or IPv6 is written in a URL. */
const written = (host: string): string => (host.includes(':') ? `https://[${host}]/` : `https://${host}/`)

/** The addresses. */
export const NETWORK_EDGES: readonly NamedTarget[] = [...NETWORKS_4, ...NETWORKS_6].flatMap((all) =>
  all.flatMap((host, i): readonly NamedTarget[] => (typeof host === 'string' ? [{ url: written(host), isReached: i > 1 }] : [])),
)

/** A public address with each kind of port and scheme. */
export const PORTS: readonly NamedTarget[] = [
  { url: `https://${PUBLIC}:443/`, isReached: true },
  { url: `https://${PUBLIC}:8443/`, isReached: true },
  { url: `http://${PUBLIC}/`, isReached: false },
  ...OTHER_PORTS.map((port): NamedTarget => ({ url: `https://${PUBLIC}:${port}/`, isReached: false })),
]
