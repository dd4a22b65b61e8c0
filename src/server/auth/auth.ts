/** Login, refresh, logout and the caller's own row (`/api/auth/*`), and the public keys. */

import { type FieldProblem, failure, invalid } from '../../base/failure.ts'
import type { Run } from '../../base/sql/statement.ts'
import { memberPointer } from '../../base/texts/json-pointer.ts'
import { type Caller, claimOf } from '../../model/caller.ts'
import type { Answer } from '../http/answer.ts'
import type { HttpRequest } from '../http/request.ts'
import { EVERYTHING } from '../plan/intent.ts'
import { answerRead } from '../rest/perform.ts'
import { withCookie, withoutCookie } from '../run/cookies.ts'
import type { Stack } from '../run/stack.ts'
import { takeSignIn } from '../run/take-sign-in.ts'
import { sessionBody, signInOf, tokensOf } from './signed-in.ts'

/**
 * `POST /api/auth/login`: begins a session for a correct login and password. @throws Failure `invalid_credentials`, `validation_failed`,
 * `too_many_requests`, `overloaded`.
 */
export async function login(stack: Stack, request: HttpRequest, body: unknown): Promise<Answer> {
  const { identity, fields } = signInOf(stack)
  const sent = readTexts(body, [fields.login, fields.password])
  await takeSignIn(stack, sent[fields.login] ?? '')
  const session = await identity.login(sent[fields.login] ?? '', sent[fields.password] ?? '', stack.client)
  return withCookie(stack, request, { status: 200, headers: {}, body: await sessionBody(stack, session) }, session)
}

/**
 * `POST /api/auth/refresh`: exchanges a refresh token for new tokens. A refresh token works once. @throws Failure `invalid_token`,
 * `validation_failed`.
 */
export async function refresh(stack: Stack, request: HttpRequest, body: unknown): Promise<Answer> {
  const { identity } = signInOf(stack)
  const sent = readTexts(body, ['refreshToken'])
  const session = await identity.refresh(sent.refreshToken ?? '')
  return withCookie(stack, request, { status: 200, headers: {}, body: JSON.stringify(tokensOf(session)) }, session)
}

/**
 * `POST /api/auth/logout`: ends the session of the caller, or the session of the refresh token in the body. @throws Failure
 * `not_signed_in`, `validation_failed`.
 */
export async function logout(stack: Stack, caller: Caller, body: unknown): Promise<Answer> {
  const { identity } = signInOf(stack)
  if (body !== undefined) await identity.logout({ refreshToken: readTexts(body, ['refreshToken']).refreshToken ?? '' })
  else if (caller.session !== null) await identity.logout({ session: caller.session })
  else throw failure('not_signed_in', {})
  return withoutCookie(stack, { status: 204, headers: {}, body: null })
}

/** `GET /api/auth/me`: the caller's own row. @throws Failure `not_signed_in`, and the failures of a get. */
export async function me(stack: Stack, caller: Caller, run: Run): Promise<Answer> {
  const { entity } = signInOf(stack)
  const id = claimOf(caller, 'id')
  if (id === null) throw failure('not_signed_in', {})
  const intent = { kind: 'get', entity, id: String(id), selection: EVERYTHING } as const
  return answerRead(stack, { caller, intent, framing: { url: '', ifNoneMatch: null, ifMatch: null } }, run)
}

/** `GET /.well-known/jwks.json` (RFC 7517). */
export function publicKeys(stack: Stack): Answer {
  const { identity } = signInOf(stack)
  return {
    status: 200,
    headers: { 'content-type': 'application/jwk-set+json; charset=utf-8', 'cache-control': 'public, max-age=300' },
    body: JSON.stringify(identity.jwks()),
  }
}

const MAX_TEXT = 8192

/** Reads a body that contains the named texts and nothing else. @throws Failure `validation_failed` with every problem. */
function readTexts(body: unknown, names: readonly string[]): Readonly<Record<string, string>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalid([{ pointer: '', rule: 'type', message: 'must be an object' }])
  const sent = new Map<string, unknown>(Object.entries(body))
  const problems: FieldProblem[] = []
  const read: Record<string, string> = {}
  for (const name of names) {
    const value = sent.get(name)
    if (value === undefined) problems.push({ pointer: `/${name}`, rule: 'required', message: 'is required' })
    else if (typeof value !== 'string') problems.push({ pointer: `/${name}`, rule: 'type', message: 'must be a text' })
    else if (value.length > MAX_TEXT)
      problems.push({ pointer: `/${name}`, rule: 'maxLength', message: `must have at most ${MAX_TEXT} characters`, limit: MAX_TEXT })
    else read[name] = value
  }
  for (const name of [...sent.keys()].slice(0, 100)) {
    if (!names.includes(name))
      problems.push({
        pointer: memberPointer(name.slice(0, 200)),
        rule: 'unknown',
        message: 'unknown field',
      })
  }
  if (problems.length > 0) throw invalid(problems)
  return read
}
