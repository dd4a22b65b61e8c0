/** Sends and removes the cookie of a session, in designs that have one. */

import type { SignedIn } from '../../services/identity/identity.ts'
import type { Answer } from '../http/answer.ts'
import type { HttpRequest } from '../http/request.ts'
import type { Stack } from './stack.ts'

/** A stack that notes the session which an action begins or ends, and the answer that sets or removes the cookie. */
export interface Signing {
  readonly stack: Stack
  readonly answered: <A extends Answer>(answer: A) => A
}

/** Prepares the cookie of an action that may sign in or out. */
export function signing(stack: Stack, request: HttpRequest): Signing {
  if (stack.cookie === null) return { stack, answered: (answer) => answer }
  let session: SignedIn | 'ended' | null = null
  const noting = (one: SignedIn | 'ended'): void => {
    session = one
  }
  return {
    stack: { ...stack, signedIn: noting, signedOut: () => noting('ended') },
    answered: (answer) => {
      if (session === null) return answer
      return session === 'ended' ? withoutCookie(stack, answer) : withCookie(stack, request, answer, session)
    },
  }
}

/** The answer with the cookie of a new session. A page of another origin gets none, so that it cannot sign in somebody as itself. */
export function withCookie<A extends Answer>(
  { cookie }: Pick<Stack, 'cookie'>,
  { headers }: HttpRequest,
  answer: A,
  { token }: SignedIn,
): A {
  if (cookie === null || !cookie.mayGet(headers)) return answer
  return { ...answer, headers: { ...answer.headers, 'set-cookie': cookie.set(token) } }
}

/** The answer that removes the cookie. */
export function withoutCookie<A extends Answer>({ cookie }: Pick<Stack, 'cookie'>, answer: A): A {
  return cookie === null ? answer : { ...answer, headers: { ...answer.headers, 'set-cookie': cookie.removal } }
}
