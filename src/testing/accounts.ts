/** Creates and signs in accounts for tests, without requests. */

import { sampleValue } from '../compile/values/sample.ts'
import { entityNamed, fieldNamed, type Model } from '../model/model.ts'
import type { Identity, SignedIn } from '../services/identity/identity.ts'
import { type Inserting, insertRow, type TestRow, type TestValues } from './insert.ts'

/** An account with a session. */
export interface Account {
  readonly row: TestRow
  readonly password: string
  readonly session: SignedIn
}

/**
 * Creates an account without checking the access rules, and begins a session for it. Without a `password` in `values`, the account gets a
 * fixed password that the design allows.
 *
 * @param identity null for a design without one.
 * @throws Error for a design without an identity; otherwise as `insertRow`.
 */
export async function createAccount(inserting: Inserting, identity: Identity | null, values: TestValues): Promise<Account> {
  const { entity, field } = passwordOf(inserting.model)
  const given = values[field.name] ?? sampleValue(field.type)
  if (typeof given !== 'string') throw new Error(`no sample value was found for ${entity.name}.${field.name}; give one`)
  const row = await insertRow(inserting, entity.name, { ...values, [field.name]: given })
  return { row, password: given, session: await startSession(identity, row.id) }
}

/** Begins a session for an account that exists. @throws Error for a design without an identity; Failure when there is no such account. */
export function startSession(identity: Identity | null, id: unknown): Promise<SignedIn> {
  if (identity === null) throw new Error(NOBODY)
  return identity.startSession(String(id))
}

const NOBODY = 'nobody signs in to this design: no entity has an identity'

function passwordOf(model: Model) {
  if (model.identity === null) throw new Error(NOBODY)
  const entity = entityNamed(model, model.identity.entity)
  return { entity, field: fieldNamed(entity, model.identity.password) }
}
