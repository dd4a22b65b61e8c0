/**
 * Access tokens for the callers. Plinth accepts only tokens of its own sessions, so all tokens come from its login; the other servers
 * accept the same claims.
 */

import { createHmac } from 'node:crypto'
import { PASSWORD } from '../database/data.ts'
import roles from '../peers/directus/roles.json' with { type: 'json' }
import type { Caller } from '../requests/request.ts'

/** Logs a user in at a server with Plinth's interface. @throws Error when the answer has no token. */
export async function logIn(port: number, email: string): Promise<Caller> {
  const response = await fetch(`http://127.0.0.1:${port}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD }),
  })
  const answer = (await response.json()) as { readonly token?: string; readonly user?: { readonly id: string } }
  if (answer.token === undefined || answer.user === undefined) throw new Error(`${email} cannot log in: ${response.status}`)
  return { id: answer.user.id, email, token: answer.token }
}

/** The same claims, signed with a secret (HS256, RFC 7518, section 3.2), for libraries without Ed25519. */
export function withSecret(caller: Caller, secret: string): Caller {
  const [, claims = ''] = caller.token.split('.')
  return { ...caller, token: sign(claims, secret) }
}

/** Lifetime of Directus' own access tokens. */
const DIRECTUS_SECONDS = 15 * 60

/** A token as Directus' login gives to a user with this role. The user has the same id as in the blog. */
export function forDirectus(caller: Caller, { secret, role }: { readonly secret: string; readonly role: keyof typeof roles }): Caller {
  const iat = Math.floor(Date.now() / 1000)
  const claims = {
    id: caller.id,
    role: roles[role],
    app_access: false,
    admin_access: false,
    iat,
    exp: iat + DIRECTUS_SECONDS,
    iss: 'directus',
  }
  return { ...caller, token: sign(encode(claims), secret) }
}

/** JWS compact serialization (RFC 7515, section 7.1) of encoded claims. */
function sign(claims: string, secret: string): string {
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${claims}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

function encode(json: object): string {
  return Buffer.from(JSON.stringify(json)).toString('base64url')
}
