/** How callers sign in, in an OpenAPI document. */

import type { Model } from '../../model/model.ts'
import type { JsonObject } from './component-names.ts'
import type { Scope } from './scope.ts'

/** The scheme of access tokens. Only that of `Bearer` is a scheme of the registry of HTTP, which OpenAPI requires for `http`. */
export function securitySchemes({ identity, acceptedBackends }: Pick<Model, 'identity' | 'acceptedBackends'>): JsonObject | null {
  if (identity === null) return null
  const { scheme, cookie } = identity.token
  const description = 'The `token` in the answer to a sign-in.'
  const own = `The word \`${scheme}\`, a blank, and the \`token\` in the answer to a sign-in.`
  return {
    ...(scheme === 'Bearer'
      ? { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description } }
      : { token: { type: 'apiKey', in: 'header', name: 'Authorization', description: own } }),
    ...(cookie === null ? {} : { cookie: { type: 'apiKey', in: 'cookie', name: `__Host-${cookie.name}`, description: COOKIE } }),
    ...(acceptedBackends.length === 0 ? {} : { backend: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: BACKEND } }),
  }
}

const BACKEND =
  'A token that another backend has signed, for itself or for one of its callers: of the type `plinth-service+jwt`, for the address of this ' +
  'backend, and valid for a minute.'

const COOKIE =
  'Set by the answer to a sign-in and removed by signing out. With it, only pages of the same origin may change anything. ' +
  'Without TLS, on the machine of a developer, the name has no prefix.'

/** The security of an operation for signed-in callers. */
export function signedIn({ model: { identity, acceptedBackends } }: Scope): readonly JsonObject[] {
  const header = identity?.token.scheme === 'Bearer' ? { bearer: [] } : { token: [] }
  return [header, ...(identity?.token.cookie == null ? [] : [{ cookie: [] }]), ...(acceptedBackends.length === 0 ? [] : [{ backend: [] }])]
}

/** The security of an operation for which signing in is optional. */
export function anyone(scope: Scope): readonly JsonObject[] {
  return scope.model.identity === null ? [] : [{}, ...signedIn(scope)]
}
