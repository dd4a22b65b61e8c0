/** The answer to a user who has just signed up or signed in. */

import { Failure, failure } from '../../base/failure.ts'
import { type Entity, entityNamed, type IdentityModel } from '../../model/model.ts'
import type { Identity, SignedIn } from '../../services/identity/identity.ts'
import { EVERYTHING } from '../plan/intent.ts'
import { prepareRead, runRead } from '../read/read.ts'
import type { Stack } from '../run/stack.ts'

/** How users of a design sign in. */
export interface SignIn {
  readonly identity: Identity
  readonly entity: Entity
  /** The names of the fields that hold login, password and role. */
  readonly fields: IdentityModel
}

/** @throws Failure `route_not_found` when the design has no identity. */
export function signInOf({ identity, model }: Stack): SignIn {
  if (identity === null || model.identity === null) throw failure('route_not_found', { hint: '' })
  return { identity, entity: entityNamed(model, model.identity.entity), fields: model.identity }
}

/** The JSON of a new session: the user's own row and the tokens. @throws Failure when the database fails. */
export async function sessionBody(stack: Stack, session: SignedIn): Promise<string> {
  const user = await ownRow(stack, session)
  return `{"user":${user},${JSON.stringify(tokensOf(session)).slice(1)}`
}

/** The tokens of a session, as an answer shows them. */
export function tokensOf({ token, expiresIn, refreshToken }: SignedIn): Pick<SignedIn, 'token' | 'expiresIn' | 'refreshToken'> {
  return { token, expiresIn, refreshToken }
}

/** The user's own row, with the fields that the user may read. When the rules hide the whole row, only the id. */
async function ownRow(stack: Stack, session: SignedIn): Promise<string> {
  const { entity } = signInOf(stack)
  try {
    const read = prepareRead(stack, session.caller, { kind: 'get', entity, id: session.userId, selection: EVERYTHING })
    // Uses a reserved connection, so that users can sign in when all other connections are busy.
    const found = await runRead(stack.executor.runReserved, read)
    return found.kind === 'row' && found.row.body !== null ? found.row.body : 'null'
  } catch (error) {
    if (error instanceof Failure && (error.status === 403 || error.status === 404)) return JSON.stringify({ id: session.userId })
    throw error
  }
}
