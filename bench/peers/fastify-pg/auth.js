/**
 * Authentication: access tokens signed with Ed25519, each verified once and then remembered until it expires; passwords hashed with
 * argon2id.
 */

import { argon2, createHash, createPrivateKey, createPublicKey, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { jwtVerify, SignJWT } from 'jose'

const MOST_TOKENS = 10_000
const STAFF = new Set(['admin', 'moderator'])
const hash = promisify(argon2)

/** @param {{ key: string, issuer: string }} options `key` is the private key as PEM. */
export function openAuth({ key, issuer }) {
  const privateKey = createPrivateKey(key)
  const publicKey = createPublicKey(privateKey)

  return {
    caller: rememberCallers('', async (header) => {
      const { payload } = await jwtVerify(header.replace(/^Bearer /, ''), publicKey, { issuer, audience: issuer, algorithms: ['EdDSA'] })
      return { id: payload.sub, staff: STAFF.has(payload.role), until: payload.exp * 1000 }
    }),
    issue(user, session) {
      return new SignJWT({ sid: session, role: user.role, client_id: issuer })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
        .setIssuer(issuer)
        .setAudience(issuer)
        .setSubject(user.id)
        .setIssuedAt()
        .setExpirationTime('15m')
        .setJti(randomUUID())
        .sign(privateKey)
    },
    newRefreshToken() {
      const token = randomBytes(32).toString('base64url')
      return { token, digest: createHash('sha256').update(token).digest() }
    },
  }
}

/**
 * Makes a function that gives the caller of an Authorization header; null without a header that begins with `prefix`. The function rejects
 * when the token is not valid.
 *
 * @param verify gives the caller of a header, with `until`: the time in milliseconds when the token expires.
 */
export function rememberCallers(prefix, verify) {
  const verified = new Map()
  return async (header) => {
    if (header === undefined || !header.startsWith(prefix)) return null
    const known = verified.get(header)
    if (known !== undefined && known.until > Date.now()) return known
    const caller = await verify(header)
    if (verified.size >= MOST_TOKENS) verified.delete(verified.keys().next().value)
    verified.set(header, caller)
    return caller
  }
}

/** Whether a password is the one of a hash in the PHC format. */
export async function isPassword(password, phc) {
  const [, , , cost, salt, tag] = phc.split('$')
  const [memory, passes, parallelism] = cost.split(',').map((part) => Number(part.slice(2)))
  const wanted = Buffer.from(tag, 'base64')
  const parameters = { message: password, nonce: Buffer.from(salt, 'base64'), parallelism, memory, passes, tagLength: wanted.length }
  return timingSafeEqual(await hash('argon2id', parameters), wanted)
}
