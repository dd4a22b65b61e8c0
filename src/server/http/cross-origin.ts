/** Which pages of other origins may call the API (CORS, in the Fetch standard), and the headers that say so. */

import type { FastifyCorsOptions } from '@fastify/cors'
import type { FastifyRequest } from 'fastify'

/** Origins that may call the API: `https://app.example.com`. An entry that ends with `:*` stands for every port of its host. */
export type Origins = readonly string[]

/** What development allows: pages that this machine serves. */
export const LOCAL_ORIGINS: Origins = ['http://localhost:*', 'http://127.0.0.1:*']

/** Hosts of this machine. Only these may have the port `*`, because the ports of another host may belong to different owners. */
const ANY_PORT = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\]):\*$/

/** Seconds for which a browser keeps the answer to a preflight; Chromium keeps none for longer. */
const PREFLIGHT_SECONDS = 7_200

/** Response headers that scripts of other origins may read, beside those that the Fetch standard always shows. */
export const EXPOSED_HEADERS = [
  ...['Allow', 'ETag', 'Idempotency-Replayed', 'Link', 'Location', 'Preference-Applied'],
  ...['RateLimit', 'RateLimit-Policy', 'Retry-After', 'WWW-Authenticate', 'X-Request-Id'],
] as const

/** Splits the comma-separated list of the setting. */
export function splitOrigins(text: string): Origins {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

/** The problem of the first invalid entry, as the rest of a sentence that begins with the name of the setting; null when all are valid. */
export function originsProblem(origins: Origins): string | null {
  for (const origin of origins) {
    if (origin === '*') return 'holds *, which would let every page of the web call this backend; list the origins'
    if (origin.endsWith(':*') && !ANY_PORT.test(origin)) return 'holds :* for a host that is not localhost; only there may the port be *'
    if (!ANY_PORT.test(origin) && !isOrigin(origin))
      return 'holds an entry that is not an origin as browsers send it, such as https://app.example.com'
  }
  return null
}

/** Whether a text is an origin as browsers send it: scheme, host in lower case, and the port unless it is the default of the scheme. */
function isOrigin(text: string): boolean {
  return /^https?:[^*]*$/.test(text) && URL.canParse(text) && new URL(text).origin === text
}

/** Whether pages of an origin may call the API. @param origin the header `Origin` of a request */
export function isAllowed(origins: Origins, origin: string | undefined): origin is string {
  if (origin === undefined || origin.includes('*')) return false
  return origins.includes(origin) || origins.includes(`${origin.replace(/:\d{1,5}$/, '')}:*`)
}

/** The headers of an answer to a page of another origin; none when the origin may not call the API. The CORS plugin sends the same. */
export function crossOriginHeaders(origins: Origins, origin: string | undefined, credentials: boolean): Readonly<Record<string, string>> {
  if (!isAllowed(origins, origin)) return {}
  return {
    'access-control-allow-origin': origin,
    ...(credentials ? { 'access-control-allow-credentials': 'true' } : {}),
    'access-control-expose-headers': EXPOSED_HEADERS.join(', '),
    'cross-origin-resource-policy': 'cross-origin',
  }
}

/** A preflight allows these methods at every path, so that the page can read the 404 or 405 of the request itself. */
const METHODS = ['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS']

/**
 * The options of `@fastify/cors` for one request. A request that is not a preflight goes to its handler. This includes OPTIONS without
 * `Access-Control-Request-Method`, whose answer has `Allow`. A preflight may ask for every header. Credentials are allowed, because the
 * origins are a list of trusted pages; not where the API reads a cookie, which is for pages of its own origin alone.
 */
export function corsOptions(origins: Origins, request: FastifyRequest, credentials: boolean): FastifyCorsOptions {
  const { origin, 'access-control-request-method': asked } = request.headers
  return {
    origin: isAllowed(origins, origin),
    credentials,
    exposedHeaders: [...EXPOSED_HEADERS],
    maxAge: PREFLIGHT_SECONDS,
    methods: METHODS,
    preflight: request.method === 'OPTIONS' && asked !== undefined,
  }
}
