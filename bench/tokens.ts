/** Access tokens for the callers of the benchmark. Plinth knows only sessions of its own, so its tokens come from its login; the others accept the same. */

import { createHmac } from 'node:crypto'
import { PASSWORD } from './data.ts'
import type { Caller } from './operations.ts'

/** Logs a user in at a server with Plinth's interface. @throws Error when the answer is no token. */
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

/** The same claims, signed with a secret (HS256, RFC 7518 section 3.2), for libraries without Ed25519. */
export function withSecret(caller: Caller, secret: string): Caller {
  const [, claims = ''] = caller.token.split('.')
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'JWT' })).toString('base64url')
  const signed = `${header}.${claims}`
  return { ...caller, token: `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}` }
}
