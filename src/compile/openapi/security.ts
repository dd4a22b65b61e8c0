/** How callers sign in, in an OpenAPI document. */

import type { IdentityModel } from '../../model/model.ts'
import type { JsonObject } from './component-names.ts'
import type { Scope } from './scope.ts'

/** The scheme of access tokens. Only that of `Bearer` is a scheme of the registry of HTTP, which OpenAPI requires for `http`. */
export function securitySchemes({ token: { scheme, cookie } }: IdentityModel): JsonObject {
  const description = 'The `token` in the answer to a sign-in.'
  const own = `The word \`${scheme}\`, a blank, and the \`token\` in the answer to a sign-in.`
  return {
    ...(scheme === 'Bearer'
      ? { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description } }
      : { token: { type: 'apiKey', in: 'header', name: 'Authorization', description: own } }),
    ...(cookie === null ? {} : { cookie: { type: 'apiKey', in: 'cookie', name: `__Host-${cookie.name}`, description: COOKIE } }),
  }
}

const COOKIE =
  'Set by the answer to a sign-in and removed by signing out. With it, only pages of the same origin may change anything. ' +
  'Without TLS, on the machine of a developer, the name has no prefix.'

/** The security of an operation for signed-in callers. */
export function signedIn({ model: { identity } }: Scope): readonly JsonObject[] {
  const header = identity?.token.scheme === 'Bearer' ? { bearer: [] } : { token: [] }
  return [header, ...(identity?.token.cookie == null ? [] : [{ cookie: [] }])]
}

/** The security of an operation for which signing in is optional. */
export function anyone(scope: Scope): readonly JsonObject[] {
  return scope.model.identity === null ? [] : [{}, ...signedIn(scope)]
}
