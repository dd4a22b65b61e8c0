/** The address of the client of a request. */

import type { IncomingMessage } from 'node:http'
import proxyAddr from '@fastify/proxy-addr'

/** Finds the address of the client: that of the socket, or the one that a trusted proxy names in `X-Forwarded-For`. */
export type ClientAddress = (raw: IncomingMessage) => string

/** @param trustedProxies addresses and networks of proxies whose `X-Forwarded-For` is believed */
export function openClientAddress(trustedProxies: readonly string[]): ClientAddress {
  if (trustedProxies.length === 0) return socketAddress
  const isTrusted = proxyAddr.compile([...trustedProxies])
  return (raw) => proxyAddr(raw, isTrusted) ?? ''
}

/** Empty for a socket that is closed. */
function socketAddress({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? ''
}
