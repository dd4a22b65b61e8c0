/**
 * Actions that sign in and out, and the tokens in answers of actions. An account with a password has signed in before the transaction, as
 * at `/api/auth/login`. A session of an account that the action makes is written in the transaction; its token is made afterwards, and
 * takes the place of a random text in the answer.
 */

import { randomUUID } from 'node:crypto'
import { Failure, failure } from '../../base/failure.ts'
import type { Row, Values } from '../../base/sql/statement.ts'
import { openingSlot, type ProgramSignIn, sessionSlot, signedValues } from '../../compile/actions/sign-in.ts'
import type { Action } from '../../model/action.ts'
import { signInStepOf } from '../../model/action-tree.ts'
import type { Caller, SessionPart } from '../../model/caller.ts'
import type { Model } from '../../model/model.ts'
import type { Identity, SignedIn } from '../../services/identity/identity.ts'
import type { TextAnswer } from '../http/answer.ts'
import { callerValues } from '../plan/planning.ts'
import type { Stack } from '../run/stack.ts'
import { takeSignIn } from '../run/take-sign-in.ts'
import type { Perform } from '../write/idempotent.ts'

/**
 * Signs in with the password in the input; null for an action that does not.
 *
 * @throws Failure `invalid_credentials`, `too_many_requests`, `overloaded`, `client_gone`.
 */
export async function enter(stack: Stack, action: Action, values: Values): Promise<SignedIn | null> {
  const account = signInStepOf(action)?.account
  if (account?.kind !== 'password') return null
  const [login, password] = [values[`input.${account.login}`], values[`input.${account.password}`]]
  return signInWith(stack, String(login ?? ''), String(password ?? ''))
}

async function signInWith(stack: Stack, login: string, password: string): Promise<SignedIn> {
  await takeSignIn(stack, login)
  return identityOf(stack).login(login, password, stack.client)
}

/** @throws Error for a design without an identity, which has no action that signs in. */
function identityOf({ identity }: Stack): Identity {
  if (identity === null) throw new Error('an action signs in, and there is no identity')
  return identity
}

/** The values of the statements after an account has signed in. */
export function enteredValues(model: Model, { caller, token, refreshToken }: SignedIn): Values {
  return { ...signedValues(callerValues(model, caller)), [sessionSlot('token')]: token, [sessionSlot('refreshToken')]: refreshToken }
}

/** The values of the tokens in the answer of an action that does not sign in: the access token of the request. */
export function requestValues({ authorization }: Stack, { session }: Caller): Values {
  // The header was checked, so what follows the first word is the token.
  const token = session === null ? undefined : authorization?.trim().split(/ +/)[1]
  return { [sessionSlot('token')]: token ?? null }
}

/** A session that the transaction of an action writes. */
export interface OpeningSession {
  /** The values of its statement, and texts that stand for the tokens in the answer. */
  readonly values: Values
  /** The session after its statement. @throws Failure `invalid_credentials` when the account is gone. */
  readonly signedIn: (row: Row | undefined) => Promise<SignedIn>
  /** The answer with the tokens in place of the texts. */
  readonly shown: (answer: TextAnswer, session: SignedIn) => TextAnswer
}

const PARTS: readonly SessionPart[] = ['token', 'refreshToken']

/** Makes the session of an action that signs in as an account that it makes. */
export function openingSession(stack: Stack): OpeningSession {
  const { values, signedIn } = identityOf(stack).newSession()
  // The texts are random, so no other part of the answer is equal to them.
  const texts = PARTS.map((part) => ({ part, text: `${part} ${randomUUID()}` }))
  return {
    values: {
      ...Object.fromEntries(Object.entries(values).map(([key, value]) => [openingSlot(key), value])),
      ...Object.fromEntries(texts.map(({ part, text }) => [sessionSlot(part), text])),
    },
    signedIn,
    shown: (answer, session) =>
      answer.body === null
        ? answer
        : {
            ...answer,
            body: texts.reduce((body, { part, text }) => body.replaceAll(JSON.stringify(text), JSON.stringify(session[part])), answer.body),
          },
  }
}

/**
 * Signs in again as the account that the first request of a repetition has made, with the password of the repeated request. It does what a
 * login does, so a repetition gives its sender no more than a login.
 *
 * @throws Failure `invalid_credentials` when the account is deleted, or its password has changed since; `too_many_requests`, `overloaded`.
 */
export async function enterAgain(
  stack: Stack,
  { by, sent }: { readonly by: Extract<ProgramSignIn, { by: 'row' }>; readonly sent: Values },
  kept: readonly (string | null)[],
): Promise<SignedIn> {
  const id = kept[by.kept]
  const password = by.password === null ? null : sent[`input.${by.password}`]
  const login = id === null || id === undefined || id === '' ? null : await identityOf(stack).loginOf(id)
  if (login === null || typeof password !== 'string') throw failure('invalid_credentials', {}, 'the account is gone')
  const session = await signInWith(stack, login, password)
  if (session.userId === id) return session
  await identityOf(stack).logout({ session: session.sessionId })
  throw failure('invalid_credentials', {}, 'the login belongs to another account now')
}

/** Ends the session of the caller, and removes the cookie, after the action has succeeded. */
export function thenSignOut(stack: Stack, { session }: Caller, perform: Perform): Perform {
  return async (runner) => {
    const { after, ...performed } = await perform(runner)
    const leaving = async (): Promise<void> => {
      await after()
      if (session !== null) await identityOf(stack).logout({ session })
      stack.signedOut?.()
    }
    return { ...performed, after: leaving }
  }
}

/** Ends the session of an action that was refused after its account had signed in, unless the action runs again. Passes the error on. */
export async function leave(stack: Stack, { sessionId }: SignedIn, error: unknown): Promise<never> {
  const isFinal = error instanceof Failure && error.status < 500 && error.code !== 'write_conflict'
  if (isFinal) await identityOf(stack).logout({ session: sessionId })
  throw error
}
