/** Computes the key by which limits and shares count callers. */

import { isIPv6 } from 'node:net'
import { type Caller, claimOf } from '../../../model/caller.ts'

/**
 * The key of a caller: the account, the other backend, or the address of an anonymous caller. IPv6 addresses count by their first 64 bits,
 * because a provider gives each customer at least a /64 network (RFC 6177).
 *
 * @param address an IPv4 or IPv6 address, from the socket or a trusted proxy
 */
export function callerKey(caller: Caller, address: string): string {
  if (caller.backend !== undefined) return `backend ${caller.backend}`
  const id = claimOf(caller, 'id')
  return id === null ? `address ${networkOf(address)}` : `account ${id}`
}

/** Returns an IPv4 address unchanged (also one mapped into IPv6), and the first four groups of an IPv6 address. */
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
