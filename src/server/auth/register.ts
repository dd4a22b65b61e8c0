/** `POST /api/auth/register`: creates a user under the rules of its entity, and signs the user in. */

import { failure, invalid } from '../../base/failure.ts'
import { isObject } from '../../base/is-object.ts'
import { viewOf } from '../../compile/rules/view.ts'
import type { Caller } from '../../model/caller.ts'
import type { Fingerprint } from '../../services/idempotency/idempotency.ts'
import type { SignedIn } from '../../services/identity/identity.ts'
import type { Answer } from '../http/answer.ts'
import type { HttpRequest } from '../http/request.ts'
import { type CreateIntent, EVERYTHING } from '../plan/intent.ts'
import { ACCEPTED } from '../rest/respond-write.ts'
import { withCookie } from '../run/cookies.ts'
import type { Stack } from '../run/stack.ts'
import { takeSignIn } from '../run/take-sign-in.ts'
import { isReplayed, type Perform, performOnce } from '../write/idempotent.ts'
import { prepareWrite } from '../write/prepare-write.ts'
import { sessionBody, signInOf } from './signed-in.ts'

/** A request to sign up. */
export interface Registration {
  readonly request: HttpRequest
  readonly caller: Caller
  readonly body: unknown
  /** Of `Idempotency-Key`. */
  readonly key: Fingerprint | null
}

/**
 * Creates a user, like any other create, and begins a session.
 *
 * With a key, a repeated request finds the user that the first request created, and gets new tokens. Only the id of the user is stored
 * under the key. The body contains the password, so its fingerprint is an HMAC with the client's key, as for every create. The key is
 * stored only as a hash.
 *
 * A caller who is not told whether the login is taken gets no tokens (202), and signs in with a second request.
 *
 * @throws Failure of the create; `idempotency_mismatch`, `idempotency_in_flight`; for a repeated request those of `signInAgain`.
 */
export async function register(stack: Stack, { request, caller, body, key }: Registration): Promise<Answer> {
  const { identity, entity } = signInOf(stack)
  if (Array.isArray(body)) throw invalid([{ pointer: '', rule: 'type', message: 'must be an object' }])
  const intent: CreateIntent = { kind: 'create', entity, body, selection: EVERYTHING, returning: 'nothing' }
  if (isAnsweredAlike(stack, caller)) return performOnce(stack, key, { prepare: () => prepareAlike(stack, caller, intent), withinMs: null })
  const created = await performOnce(stack, key, { prepare: () => prepareUser(stack, caller, intent), withinMs: null })
  const { id } = JSON.parse(created.body ?? '') as { readonly id: string }
  const session = isReplayed(created) ? await signInAgain(stack, id, body) : await identity.startSession(id)
  return withCookie(stack, request, { ...created, body: await sessionBody(stack, session) }, session)
}

/** Whether the answer does not tell this caller that another account has the login. It then contains no tokens. */
function isAnsweredAlike({ context, model }: Stack, caller: Caller): boolean {
  return model.identity !== null && viewOf(context.viewFor(caller).view, model.identity.entity).hidesTakenLogin
}

async function prepareAlike(stack: Stack, caller: Caller, intent: CreateIntent): Promise<Perform> {
  const write = await prepareWrite(stack, caller, intent)
  return async (runner) => ({ answer: ACCEPTED, after: (await write(runner)).after })
}

/** Prepares the create. Its answer is stored under the key, so it contains the id of the user and no token. */
async function prepareUser(stack: Stack, caller: Caller, intent: CreateIntent): Promise<Perform> {
  const write = await prepareWrite(stack, caller, intent)
  return async (runner) => {
    const { rows, after } = await write(runner)
    return { answer: { status: 201, headers: {}, body: JSON.stringify({ id: rows[0]?.id }) }, after }
  }
}

/**
 * Signs in with the login and the password of a repeated registration. It does what a login does: it verifies the password and counts
 * failed attempts. So a repeated registration gives its sender no more than a login.
 *
 * @throws Failure `invalid_credentials` when the account is deleted, or its login or password has changed since; `overloaded`.
 */
async function signInAgain(stack: Stack, userId: string, body: unknown): Promise<SignedIn> {
  const { identity, fields } = signInOf(stack)
  const { [fields.login]: login, [fields.password]: password } = isObject(body) ? body : {}
  if (typeof login !== 'string' || typeof password !== 'string') throw failure('invalid_credentials', {}, 'the body has no credentials')
  await takeSignIn(stack, login)
  const session = await identity.login(login, password, stack.client)
  if (session.userId === userId) return session
  await identity.logout({ session: session.sessionId })
  throw failure('invalid_credentials', {}, 'the login belongs to another account now')
}
