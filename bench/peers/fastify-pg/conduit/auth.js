/** Tokens of 30 days, signed with Ed25519 and remembered when they are verified; passwords hashed with argon2id. */

import { argon2, createPrivateKey, createPublicKey, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { jwtVerify, SignJWT } from 'jose'
import { rememberCallers } from '../auth.js'

const SCHEME = 'Token '
/** Memory in KiB (OWASP Password Storage Cheat Sheet). */
const COST = { memory: 19_456, passes: 2, parallelism: 1 }
const hash = promisify(argon2)

/** @param {{ key: string, issuer: string }} options `key` is the private key as PEM. */
export function openAuth({ key, issuer }) {
  const privateKey = createPrivateKey(key)
  const publicKey = createPublicKey(privateKey)

  return {
    caller: rememberCallers(SCHEME, async (header) => {
      const token = header.slice(SCHEME.length)
      const { payload } = await jwtVerify(token, publicKey, { issuer, algorithms: ['EdDSA'] })
      return { id: payload.sub, token, until: payload.exp * 1000 }
    }),
    issue(id) {
      const claims = new SignJWT({}).setProtectedHeader({ alg: 'EdDSA' }).setIssuer(issuer).setSubject(id)
      return claims.setIssuedAt().setExpirationTime('30d').sign(privateKey)
    },
  }
}

/** The hash of a password in the PHC format. */
export async function hashPassword(password) {
  const nonce = randomBytes(16)
  const tag = await hash('argon2id', { message: password, nonce, tagLength: 32, ...COST })
  const text = (bytes) => bytes.toString('base64').replace(/=+$/, '')
  return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${text(nonce)}$${text(tag)}`
}
