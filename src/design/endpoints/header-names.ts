/** The headers that have a meaning in HTTP or for Plinth, so that no input has their names. */

const NAMES = [
  ...['accept', 'accept-.*', 'access-control-.*', 'age', 'authorization', 'cache-control', 'connection', 'content-.*', 'cookie', 'date'],
  ...['expect', 'forwarded', 'from', 'host', 'idempotency-key', 'if-.*', 'keep-alive', 'link', 'location', 'max-forwards', 'origin'],
  ...['pragma', 'prefer', 'proxy-.*', 'range', 'referer', 'sec-.*', 'set-cookie', 'te', 'trace.*', 'trailer', 'transfer-encoding'],
  ...['upgrade', 'upgrade-.*', 'user-agent', 'vary', 'via', 'x-forwarded-.*', 'x-real-ip', 'x-request-id'],
]

/** Matches the names of headers that no input may have. */
export const INPUT_HEADER_REFUSED = new RegExp(`^(?:${NAMES.join('|')})$`, 'i')
