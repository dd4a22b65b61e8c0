/** Chooses by the `Accept` header (RFC 9110 section 12.5.1). */

/** A media type: `text/csv`. */
export type MediaType = `${string}/${string}`

/**
 * How much a client wants a media type, from 0 (not at all) to 1. The most specific range that covers the type decides, and a header that
 * is missing covers everything.
 */
export function wanted(accept: string | undefined, type: MediaType): number {
  if (accept === undefined || accept.trim() === '') return 1
  const [main] = type.split('/')
  let best = { specific: -1, quality: 0 }
  for (const range of accept.split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const specific = name === type ? 2 : name === `${main}/*` ? 1 : name === '*/*' ? 0 : -1
    if (specific > best.specific) best = { specific, quality: qualityOf(parameters) }
  }
  return best.quality
}

/** The weight of a range; 1 without one, and for one that is no number. */
function qualityOf(parameters: readonly string[]): number {
  const weight = parameters.find((parameter) => parameter.startsWith('q='))
  const quality = weight === undefined ? 1 : Number(weight.slice(2))
  return quality >= 0 && quality <= 1 ? quality : 1
}

/** Whether a client prefers a page to JSON, as browsers do, which name HTML and take everything else as a last resort. */
export function prefersPage(accept: string | undefined): boolean {
  if (accept === undefined) return false
  const json = Math.max(wanted(accept, 'application/problem+json'), wanted(accept, 'application/json'))
  return wanted(accept, 'text/html') > json
}
