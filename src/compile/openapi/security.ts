/** How callers sign in, in an OpenAPI document. */

import type { IdentityModel } from '../../model/model.ts'
import type { JsonObject } from './component-names.ts'
import type { Scope } from './scope.ts'

/** The scheme of access tokens. Only that of `Bearer` is a scheme of the registry of HTTP, which OpenAPI requires for `http`. */
export function securitySchemes({ token: { scheme } }: IdentityModel): JsonObject {
  const description = 'The `token` in the answer to a sign-in.'
  if (scheme === 'Bearer') return { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description } }
  const own = `The word \`${scheme}\`, a blank, and the \`token\` in the answer to a sign-in.`
  return { token: { type: 'apiKey', in: 'header', name: 'Authorization', description: own } }
}

/** The security of an operation for signed-in callers. */
export function signedIn({ model }: Scope): readonly JsonObject[] {
  return [model.identity?.token.scheme === 'Bearer' ? { bearer: [] } : { token: [] }]
}

/** The security of an operation for which signing in is optional. */
export function anyone(scope: Scope): readonly JsonObject[] {
  return scope.model.identity === null ? [] : [{}, ...signedIn(scope)]
}
