/** Whether two answers say the same, byte for byte, apart from what differs from request to request. */

import type { Answered } from '../expected/answered.ts'

/** Header fields that differ from request to request. */
const VARYING: ReadonlySet<string> = new Set([
  ...['date', 'x-request-id', 'traceparent', 'connection', 'keep-alive', 'ratelimit', 'ratelimit-policy', 'server-timing'],
  // It follows from the body, which is compared.
  'content-length',
])

/** A text of one request, and what stands for it in the other one. */
export type Replaced = readonly (readonly [own: string, other: string])[]

/** What differs between two answers; null if nothing does. @param replaced texts that each answer may repeat. */
export function differenceOf(one: Answered, other: Answered, replaced: Replaced): string | null {
  const [own, twin] = [saidBy(one, replaced), saidBy(other, replaced)]
  if (own === twin) return null
  return `answered ${shortened(own)}, and ${shortened(twin)} otherwise`
}

/** All that an answer says, without texts of both requests, as they are and in an address. The number 404 may be an id and a status. */
function saidBy({ status, headers, text }: Answered, replaced: Replaced): string {
  const fields = Object.entries(headers)
    .filter(([name, value]) => !VARYING.has(name) && value !== undefined)
    .map(([name, value]) => `${name}: ${value}`)
    .sort()
  const said = `${fields.join('\n')}\n${text.replaceAll(/"traceId":"[^"]*"/g, '')}`
  const texts = replaced.flat().flatMap((one) => [one, encodeURIComponent(one)])
  return `${status}\n${texts.reduce(withoutText, said)}`
}

/** A text without another one. A number is left out only where it stands alone, and not within `max-age=600`. */
function withoutText(said: string, text: string): string {
  return /^\d+$/.test(text) ? said.replaceAll(new RegExp(`(?<![\\w-])${text}(?![\\w-])`, 'g'), '<>') : said.replaceAll(text, '<>')
}

function shortened(said: string): string {
  const [status = '', ...rest] = said.split('\n')
  return `${status} ${rest.at(-1)?.slice(0, 200) ?? ''}`.trim()
}
