/** Addresses of this machine and of its network, in the spellings that careless checks take for others. */

import type { Canaries } from '../cases/message-case.ts'

/**
 * The addresses, all with TLS and at the port that the listeners have.
 *
 * @param special whether those of the network of this machine are among them: only where no defect can reach them
 */
export function innerAddresses(
  { host, webPort, everywhere }: Pick<Canaries, 'host' | 'webPort' | 'everywhere'>,
  { special }: { readonly special: boolean },
): readonly string[] {
  return [...spellingsOf(host), ...NAMES, ...(everywhere ? EVERYWHERE : []), ...(special ? SPECIAL : [])].map(
    (one) => `https://${one}:${webPort}/`,
  )
}

/** Names of this machine (RFC 6761). A backend that asks for their addresses shows in the error of the message. */
const NAMES = ['localhost.', 'LocalHost', 'a.localhost', 'a.b.localhost.'] as const

/** This machine, whatever the address of the listeners is. */
const EVERYWHERE = ['localhost', '0.0.0.0', '[::1]', '[::]', '127.0.0.1', '[::ffff:127.0.0.1]'] as const

/**
 * Addresses that are not public (IANA registries of special addresses, RFC 6890): the first, one in the middle and the last of each range
 * where a network of a company or of a cloud may be. Nobody need listen there: an attempt to connect shows in the error of the message.
 */
const SPECIAL = [
  ...['10.0.0.1', '10.128.0.1', '10.255.255.254', '172.16.0.1', '172.24.0.1', '172.31.255.254', '192.168.0.1', '192.168.128.1'],
  ...['192.168.255.254', '100.64.0.1', '100.96.0.1', '100.127.255.254', '169.254.0.1', '169.254.169.254', '169.254.255.254'],
  ...['[fe80::7]', '[febf::7]', '[fc00::7]', '[fdff::7]', '[::ffff:169.254.7.7]', '[::ffff:172.24.0.1]', '[64:ff9b::a00:1]'],
] as const

/** Every way to write an address of IPv4: in parts, as one number, and within IPv6 (mapped, compatible, NAT64, 6to4). */
function spellingsOf(host: string): readonly string[] {
  const parts = host.split('.').map(Number)
  const [a = 0, b = 0, c = 0, d = 0] = parts
  const number = ((a * 256 + b) * 256 + c) * 256 + d
  const hex = (value: number): string => value.toString(16)
  const pair = `${hex(a * 256 + b)}:${hex(c * 256 + d)}`
  return [
    host,
    String(number),
    `0x${hex(number)}`,
    parts.map((part) => `0${part.toString(8)}`).join('.'),
    `${a}.${(b * 256 + c) * 256 + d}`,
    `${host}.`,
    `[::ffff:${host}]`,
    `[::ffff:${pair}]`,
    `[::${host}]`,
    `[64:ff9b::${pair}]`,
    `[2002:${pair}::]`,
  ]
}
