/** A backend that accepts another one, and the tokens of the other one. */

import type { TestContext } from 'node:test'
import { type JWTPayload, SignJWT } from 'jose'
import type { Observation } from '../../src/server/http/observe.ts'
import { jwks, readKeys, type SigningKeys } from '../../src/services/identity/tokens/keys.ts'
import { openServiceTokens, type SignServiceToken } from '../../src/services/identity/tokens/service-tokens.ts'
import { newPem } from '../identity/instances.ts'
import { json, startUpstream, type Upstream } from '../services/upstream.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

/** The public address of the backend that accepts. */
export const AUDIENCE = 'http://localhost:3000'

export const BILLING = {
  name: 'billing',
  entities: {
    User: {
      identity: { login: 'email', password: 'password', role: 'role' },
      fields: {
        email: { type: 'email', unique: true },
        password: { type: 'password' },
        role: { type: 'choice', values: ['customer', 'service', 'admin'], default: 'customer', write: 'false' },
        customer: { type: 'text', unique: true, optional: true, write: 'false' },
      },
      access: { read: 'id == auth.id', create: 'false', update: 'id == auth.id', delete: 'false' },
    },
    Charge: {
      fields: {
        cents: { type: 'integer' },
        owner: { type: 'ref', entity: 'User', optional: true, set: 'auth.id' },
      },
      access: {
        read: 'owner == auth.id || auth.role == "service"',
        create: 'auth.id != null || auth.role == "service"',
        update: 'auth.role == "admin"',
        delete: 'auth.role == "admin"',
      },
    },
  },
  actions: {
    total: {
      allow: 'auth.role == "service"',
      reads: true,
      run: async ({ db }: { db: { Charge: { count(): Promise<number> } } }) => ({ count: await db.Charge.count() }),
    },
  },
  integrations: { backends: { orders: { issuer: 'ORDERS_URL', role: 'service', accounts: 'customer', roles: ['customer'] } } },
} as const

/** What one backend design says about the other one. */
export type Accepting = { readonly issuer: string; readonly role?: string; readonly accounts?: string; readonly roles?: readonly string[] }

export function billingWith(orders: Accepting) {
  return { ...BILLING, integrations: { backends: { orders } } }
}

/** The key document of a backend. */
export function publish(issuer: Upstream, keys: SigningKeys): void {
  issuer.answer = json(jwks(keys))
}

export interface Orders {
  readonly issuer: Upstream
  readonly keys: SigningKeys
  readonly sign: SignServiceToken
}

/** Another backend: its keys at an address, and its tokens. */
export async function startOrders(t: Pick<TestContext, 'after'>): Promise<Orders> {
  const issuer = await startUpstream(t)
  const keys = newKeys()
  publish(issuer, keys)
  return { issuer, keys, sign: openServiceTokens({ keys, issuer: issuer.url, now: Date.now }) }
}

export function newKeys(): SigningKeys {
  return readKeys('AUTH_KEYS', newPem())
}

/** Starts the backend that accepts `orders`. */
export async function startBilling(t: TestContext, { issuer }: Orders, design: object = BILLING) {
  const observed: Observation[] = []
  const observe = (one: Observation): void => {
    observed.push(one)
  }
  const variables = new Map([['ORDERS_URL', issuer.url]])
  const billing = await testBackend(t, modelFrom(design), { variables, mode: 'production', observe })
  const account = async (email: string, role: string, customer: string | null): Promise<string> => {
    const text = "insert into users (email, password, role, customer) values ($1, 'x', $2, $3) returning id"
    const [row] = await billing.sql(text, [email, role, customer])
    return String(row?.id)
  }
  /** Why tokens were refused, as the log has it. */
  const notes = (): readonly string[] => observed.flatMap((one) => (one.kind === 'request-failed' ? [one.failure.note ?? ''] : []))
  return { ...billing, observed, notes, account }
}

/** A token of any content, signed with the key of the other backend unless another is given. */
export function forged(
  { keys, issuer }: Orders,
  claims: { readonly [claim in keyof JWTPayload | 'as']?: unknown },
  { header = {}, by = keys }: { readonly header?: Readonly<Record<string, unknown>>; readonly by?: SigningKeys } = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1_000)
  const all = { as: 'system', iss: issuer.url, aud: AUDIENCE, sub: issuer.url, iat: now, exp: now + 60, jti: 'j', ...claims }
  const plain = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  return new SignJWT(plain)
    .setProtectedHeader({ alg: 'EdDSA', typ: 'plinth-service+jwt', kid: keys.signing.kid, ...header })
    .sign(by.signing.private)
}
