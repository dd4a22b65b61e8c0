/** Signing up, signing in and staying signed in: `/api/auth/*` and the public keys. */

import { Failure, type FieldProblem, failure, invalid } from '../../base/failure.ts'
import { type Caller, claimOf } from '../../model/caller.ts'
import { type Entity, entityNamed } from '../../model/model.ts'
import type { Identity, SignedIn } from '../../services/identity/identity.ts'
import type { Answer } from '../http/answer.ts'
import { EVERYTHING } from '../plan/intent.ts'
import { prepareRead, runRead } from '../read/read.ts'
import { answerRead } from '../rest/perform.ts'
import type { Stack } from '../run/stack.ts'
import { prepareWrite } from '../write/prepare-write.ts'

/** A stack in which somebody can sign in. */
interface SignIn {
  readonly stack: Stack
  readonly identity: Identity
  readonly entity: Entity
  readonly loginField: string
  readonly passwordField: string
}

/** @throws Failure `route_not_found` when nobody signs in to this design. */
function signInOf(stack: Stack): SignIn {
  const { identity, model } = stack
  if (identity === null || model.identity === null) throw failure('route_not_found', {})
  return {
    stack,
    identity,
    entity: entityNamed(model, model.identity.entity),
    loginField: model.identity.login,
    passwordField: model.identity.password,
  }
}

/** `POST /api/auth/register`: a create of the identity entity by whoever asks, under its own rules, and a session for the new user. */
export async function register(stack: Stack, caller: Caller, body: unknown): Promise<Answer> {
  const { identity, entity } = signInOf(stack)
  if (Array.isArray(body)) throw invalid([{ pointer: '', rule: 'type', message: 'must be an object' }])
  const write = await prepareWrite(stack, caller, { kind: 'create', entity, body, selection: EVERYTHING, returning: 'nothing' })
  const { rows, after } = await write(stack.executor)
  await after()
  return signedIn(stack, await identity.startSession(String(rows[0]?.id)), 201)
}

/** `POST /api/auth/login`. */
export async function login(stack: Stack, body: unknown): Promise<Answer> {
  const { identity, loginField, passwordField } = signInOf(stack)
  const sent = readTexts(body, [loginField, passwordField])
  return signedIn(stack, await identity.login(sent[loginField] ?? '', sent[passwordField] ?? ''), 200)
}

/** `POST /api/auth/refresh`: a new pair of tokens for a refresh token, which is used up. */
export async function refresh(stack: Stack, body: unknown): Promise<Answer> {
  const { identity } = signInOf(stack)
  const sent = readTexts(body, ['refreshToken'])
  const session = await identity.refresh(sent.refreshToken ?? '')
  return { status: 200, headers: {}, body: JSON.stringify(tokensOf(session)) }
}

/** `POST /api/auth/logout`: ends the caller's session, or that of the refresh token in the body. */
export async function logout(stack: Stack, caller: Caller, body: unknown): Promise<Answer> {
  const { identity } = signInOf(stack)
  if (body !== undefined) await identity.logout({ refreshToken: readTexts(body, ['refreshToken']).refreshToken ?? '' })
  else if (caller.session !== null) await identity.logout({ session: caller.session })
  else throw failure('not_signed_in', {})
  return { status: 204, headers: {}, body: null }
}

/** `GET /api/auth/me`: the caller's own row. */
export async function me(stack: Stack, caller: Caller): Promise<Answer> {
  const { entity } = signInOf(stack)
  const id = claimOf(caller, 'id')
  if (id === null) throw failure('not_signed_in', {})
  const intent = { kind: 'get', entity, id: String(id), selection: EVERYTHING } as const
  return answerRead(stack, { caller, intent, framing: { url: '', ifNoneMatch: null } }, stack.executor.run)
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

async function signedIn(stack: Stack, session: SignedIn, status: number): Promise<Answer> {
  const user = await ownRow(stack, session)
  const tokens = JSON.stringify(tokensOf(session)).slice(1)
  return { status, headers: {}, body: `{"user":${user},${tokens}` }
}

/** The user as the user sees it; a design may hide all of it, and then the id is what is left. */
async function ownRow(stack: Stack, session: SignedIn): Promise<string> {
  const { entity } = signInOf(stack)
  try {
    const read = prepareRead(stack, session.caller, { kind: 'get', entity, id: session.userId, selection: EVERYTHING })
    // On a reserved connection, so that signing in works when all others are busy.
    const found = await runRead(stack.executor.runReserved, read)
    return found.kind === 'row' && found.row.body !== null ? found.row.body : 'null'
  } catch (error) {
    if (error instanceof Failure && (error.status === 403 || error.status === 404)) return JSON.stringify({ id: session.userId })
    throw error
  }
}

function tokensOf(session: SignedIn) {
  return { token: session.token, expiresIn: session.expiresIn, refreshToken: session.refreshToken }
}

const MAX_TEXT = 8192

/** A body of nothing but the named texts. @throws Failure `validation_failed` with every problem. */
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
      problems.push({ pointer: `/${name}`, rule: 'maxLength', message: `must have at most ${MAX_TEXT} characters` })
    else read[name] = value
  }
  for (const name of [...sent.keys()].slice(0, 100)) {
    if (!names.includes(name))
      problems.push({
        pointer: `/${name.slice(0, 200).replaceAll('~', '~0').replaceAll('/', '~1')}`,
        rule: 'unknown',
        message: 'unknown field',
      })
  }
  if (problems.length > 0) throw invalid(problems)
  return read
}
