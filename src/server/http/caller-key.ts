/** Tells callers apart for limits and shares. */

import { isIPv6 } from 'node:net'
import { type Caller, claimOf } from '../../model/caller.ts'

/**
 * The key of a caller: the account, or the address of an anonymous caller. Addresses of IPv6 count by their first 64 bits, because one
 * customer of a provider has at least so many addresses to himself (RFC 6177).
 *
 * @param address IPv4 or IPv6, as the socket or a trusted proxy gives it
 */
export function callerKey(caller: Caller, address: string): string {
  const id = claimOf(caller, 'id')
  return id === null ? `address ${networkOf(address)}` : `account ${id}`
}

/** An IPv4 address as it is, also when it is mapped into IPv6; the first four groups of an IPv6 address. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('%', 1)[0]?.split('::', 2) ?? ['']
  const groups = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? 0 : tail.split(':').length + (tail.includes('.') ? 1 : 0)
  const full =
    tail === undefined ? groups : [...groups, ...Array.from({ length: 8 - groups.length - after }, () => '0'), ...tail.split(':')]
  return `${full
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
