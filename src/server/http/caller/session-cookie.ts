/**
 * The cookie that holds an access token, for pages of the backend's own origin (RFC 6265; draft-ietf-httpbis-rfc6265bis, section 4.1.3).
 * Scripts cannot read it, and it goes to no other host. A browser also sends it for requests of other sites' pages, within the limits of
 * `SameSite`; so a request that changes something must come from a page of this origin.
 */

import type { IncomingHttpHeaders } from 'node:http'
import type { CookieModel } from '../../../model/caller.ts'

/** Reads and writes the cookie. */
export interface SessionCookie {
  /** The token in the header `Cookie`; null for none, and when several cookies have the name, because one of them was planted. */
  readonly read: (header: string) => string | null
  /** `Set-Cookie` with a new token. */
  readonly set: (token: string) => string
  /** `Set-Cookie` that removes the cookie. */
  readonly removal: string
  /** Whether a page of this origin sends the request. A browser says so; a request that does not say it counts as foreign. */
  readonly isFromOwnPage: (headers: IncomingHttpHeaders) => boolean
  /** Whether the request may get a cookie: it comes from a page of this origin, or from a client that is no browser. */
  readonly mayGet: (headers: IncomingHttpHeaders) => boolean
}

/** Where the backend is reached. */
export interface CookiePlace {
  readonly mode: 'development' | 'production'
  /** The address by which clients reach this server. */
  readonly publicUrl: string
  /** Seconds until the token expires. */
  readonly lastsSeconds: number
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])
/** The characters of an access token. */
const TOKEN = /^[\w.~+/=-]+$/

/** Opens the cookie of a design. Without TLS it exists only on this machine in development; then it has no prefix and is not `Secure`. */
export function openSessionCookie({ name, sameSite }: CookieModel, { mode, publicUrl, lastsSeconds }: CookiePlace): SessionCookie {
  const { origin, hostname, protocol } = new URL(publicUrl)
  const isPlain = mode === 'development' && protocol === 'http:' && LOOPBACK.has(hostname)
  const full = isPlain ? name : `__Host-${name}`
  const attributes = `Path=/; HttpOnly; ${isPlain ? '' : 'Secure; '}SameSite=${sameSite === 'strict' ? 'Strict' : 'Lax'}`
  const start = `${full}=`
  return {
    read(header) {
      const values = header.split(';').flatMap((part) => {
        const one = part.trim()
        return one.startsWith(start) ? [one.slice(start.length)] : []
      })
      const [value] = values
      return values.length === 1 && value !== undefined && TOKEN.test(value) ? value : null
    },
    set: (token) => `${start}${token}; Max-Age=${lastsSeconds}; ${attributes}`,
    removal: `${start}; Max-Age=0; ${attributes}`,
    isFromOwnPage: (headers) => saidOrigin(headers, origin) === 'own',
    mayGet: (headers) => saidOrigin(headers, origin) !== 'foreign',
  }
}

/** Which page a request says it comes from. `Origin` decides, and `Sec-Fetch-Site` (Fetch Metadata) where there is none. */
function saidOrigin(headers: IncomingHttpHeaders, own: string): 'own' | 'foreign' | 'nothing' {
  const { origin, 'sec-fetch-site': site } = headers
  if (origin !== undefined) return origin === own ? 'own' : 'foreign'
  if (site !== undefined) return site === 'same-origin' ? 'own' : 'foreign'
  return 'nothing'
}
