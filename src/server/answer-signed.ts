/** Answers requests that another system has signed: each message takes effect once. */

import { failure } from '../base/failure.ts'
import { type MaybePromise, whenReady } from '../base/waiting/when-ready.ts'
import type { Endpoint } from '../compile/endpoints/endpoint.ts'
import type { Action } from '../model/action.ts'
import { type Signed, signingKeysName } from '../model/address/signed.ts'
import { fingerprint } from '../services/idempotency/idempotency.ts'
import { verifyMessage } from '../services/webhooks/verify-message.ts'
import { answerOwnAction } from './answer-action.ts'
import type { Answer } from './http/answer.ts'
import type { HttpRequest } from './http/request.ts'
import { receive } from './receive.ts'
import type { Stack } from './run/stack.ts'

/** Hours that the id of a message is remembered: senders repeat messages for some days. */
const KEPT_HOURS = 7 * 24

/** An address whose requests are signed. */
export interface SignedAddress {
  readonly action: Action
  readonly signed: Signed
  readonly endpoint: Endpoint
}

/** Checks the signature, and runs the action once for the id of the message. @throws Failure when the request is refused or fails. */
export function answerSigned(stack: Stack, { action, signed, endpoint }: SignedAddress, request: HttpRequest): MaybePromise<Answer> {
  const secrets = stack.signingSecrets.get(signingKeysName(signed)) ?? []
  let id = ''
  const verify = ({ headers, body }: HttpRequest): void => {
    // Only in development: production does not start without it.
    if (secrets.length === 0) throw failure('wrong_signature', { what: `${signed.secret} is not set, so no signature is right` })
    const verified = verifyMessage(signed.scheme, { headers, body: body ?? Buffer.alloc(0), secrets, now: Date.now() })
    if (!verified.ok) throw failure('wrong_signature', { what: verified.problem })
    id = verified.id
  }
  const { identity, backends, cookie, rateLimits } = stack
  return whenReady(receive({ identity, backends, cookie, rateLimits, verify }, endpoint, request), (received) => {
    // Not the URL as it was sent: it can be written in several ways, and a copy of a message would take effect again.
    const address = [endpoint.method, endpoint.path, JSON.stringify(Object.entries(request.parameters).sort())]
    const print = fingerprint({ key: id, scope: ['message', ...address], payload: [] })
    return answerOwnAction(stack, action, { ...received, key: { ...print, hours: KEPT_HOURS } })
  })
}
