/** Resolves the signature of requests to an address. */

import type { Action } from '../../model/action.ts'
import type { ActionAddress } from '../../model/address/action-address.ts'
import type { HeaderValue, MessageIdSource, Signed } from '../../model/address/signed.ts'
import type { SignedDesign } from '../authoring/endpoint-design.ts'
import { spanMs } from '../authoring/span.ts'
import { quote, type Report } from '../findings/report.ts'

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
  const { secret, header, timestamp = null, id = 'body' } = signed
  if (header === undefined) {
    for (const key of OF_HMAC)
      if (signed[key] !== undefined) refuse(key, 'Standard Webhooks says this itself', 'leave it out, or name the header of the signature')
    return { secret, scheme: { kind: 'standard', toleranceMs } }
  }
  const { prefix = '', algorithm = 'sha256', encoding = 'hex', content = timestamp === null ? '{body}' : '{timestamp}.{body}' } = signed
  const source = idSource(id)
  if (!content.includes('{body}')) refuse('content', 'what is signed has no {body}', "use '{timestamp}.{body}'")
  if (content.includes('{timestamp}') !== (timestamp !== null))
    refuse('content', '{timestamp} is the value of the header timestamp, and needs it', 'use both, or none')
  if (content.includes('{id}') && source.kind !== 'header')
    refuse('content', '{id} is the value of the header id, and needs it', 'name the header of the id, or leave {id} out')
  if (timestamp === null && signed.tolerance !== undefined)
    refuse('tolerance', 'without a time there is no tolerance', 'leave it out, or name the header timestamp')
  if (source.kind === 'header' && !content.includes('{id}'))
    report.add(
      'PLN-D667',
      [...at, 'id'],
      `the signature is not about the header ${id}, so a copy of a message with another id takes effect again`,
      'write id: body, so that messages with the same body are the same, or id: body.event for a member of the body',
    )
  const values = { header: headerValue(header), id: source, timestamp: timestamp === null ? null : headerValue(timestamp) }
  return { secret, scheme: { kind: 'hmac', ...values, prefix, algorithm, encoding, content, toleranceMs } }
}

/** Reads `X-Signature`, or `Stripe-Signature.v1`. */
function headerValue(text: string): HeaderValue {
  const [header = '', member = null] = text.split('.')
  return { header: header.toLowerCase(), member }
}

/** Reads the name of a header, `body`, or `body.event.id`. */
function idSource(text: string): MessageIdSource {
  const [first = '', ...path] = text.split('.')
  if (first !== 'body') return { kind: 'header', header: text.toLowerCase() }
  return path.length === 0 ? { kind: 'body' } : { kind: 'member', path }
}

/** Reports the inputs of a signed action that its signature is not about. */
export function reportUnsigned({ inputs, address, at }: Action, report: Report): void {
  const places = { path: 'the path', query: 'the query', header: 'a header', body: 'the body' } as const
  for (const { name, from } of inputs) {
    if (from.in === 'body') continue
    report.add(
      'PLN-D667',
      [...at, 'input', name],
      `the signature is about the body, and ${quote(name)} is in ${places[from.in]}: a copy of a message with another value is accepted`,
      'take it from the body',
    )
  }
  if (address.row !== null)
    report.add(
      'PLN-D667',
      [...at, 'endpoint', 'at'],
      `the signature is about the body, and {${address.row.parameter}} is in the path: a copy of a message for another row is accepted`,
      'make it an action of the design, which finds the row by a member of the body',
    )
}

function toleranceOf({ tolerance }: SignedDesign, refuse: (key: string, message: string, hint: string) => void): number {
  const ms = tolerance === undefined ? USUAL_MS : (spanMs(tolerance) ?? USUAL_MS)
  if (ms <= 0 || ms > LONGEST_MS) refuse('tolerance', `expected more than 0 and at most 1h, found ${tolerance}`, 'use a time such as 5m')
  return ms
}
