/** Resolves the signature of requests to an address. */

import type { Action } from '../../model/action.ts'
import type { ActionAddress } from '../../model/address/action-address.ts'
import type { Signed } from '../../model/address/signed.ts'
import type { SignedDesign } from '../authoring/endpoint-design.ts'
import { spanMs } from '../authoring/span.ts'
import type { Report } from '../findings/report.ts'

/** Milliseconds that the time of a message may differ from that of this process: unless the design says otherwise, and at most. */
const USUAL_MS = 300_000
const LONGEST_MS = 3_600_000

/** The keys that are about an HMAC alone. */
const OF_HMAC = ['algorithm', 'encoding', 'prefix', 'id', 'timestamp', 'content'] as const

/** The signature; what does not fit is reported. */
export function resolveSigned(
  signed: SignedDesign,
  { action, method }: { readonly action: Action; readonly method: ActionAddress['method'] },
  report: Report,
): Signed {
  const at = [...action.at, 'endpoint', 'signed']
  const refuse = (key: string | null, message: string, hint: string): void =>
    report.add('PLN-D665', key === null ? at : [...at, key], message, hint)
  if (method === 'GET' || method === 'DELETE') refuse(null, `a ${method} has no body that could be signed`, 'use POST')
  if (action.run?.ownTransaction === true)
    refuse(null, 'a message takes effect once only in the transaction of its action', 'leave out transaction: own')
  const toleranceMs = toleranceOf(signed, refuse)
  const { secret, header, timestamp = null, id = null } = signed
  if (header === undefined) {
    for (const key of OF_HMAC)
      if (signed[key] !== undefined) refuse(key, 'Standard Webhooks says this itself', 'leave it out, or name the header of the signature')
    return { secret, scheme: { kind: 'standard', toleranceMs } }
  }
  const { prefix = '', algorithm = 'sha256', encoding = 'hex', content = timestamp === null ? '{body}' : '{timestamp}.{body}' } = signed
  if (!content.includes('{body}')) refuse('content', 'what is signed has no {body}', "use '{timestamp}.{body}'")
  if (content.includes('{timestamp}') !== (timestamp !== null))
    refuse('content', '{timestamp} is the value of the header timestamp, and needs it', 'use both, or none')
  if (timestamp === null && signed.tolerance !== undefined)
    refuse('tolerance', 'without a time there is no tolerance', 'leave it out, or name the header timestamp')
  const lower = (name: string | null): string | null => name?.toLowerCase() ?? null
  const names = { header: header.toLowerCase(), id: lower(id), timestamp: lower(timestamp) }
  return { secret, scheme: { kind: 'hmac', ...names, prefix, algorithm, encoding, content, toleranceMs } }
}

function toleranceOf({ tolerance }: SignedDesign, refuse: (key: string, message: string, hint: string) => void): number {
  const ms = tolerance === undefined ? USUAL_MS : (spanMs(tolerance) ?? USUAL_MS)
  if (ms <= 0 || ms > LONGEST_MS) refuse('tolerance', `expected more than 0 and at most 1h, found ${tolerance}`, 'use a time such as 5m')
  return ms
}
