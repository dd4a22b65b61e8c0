/** The path in front of all operations of a contract. */

import { isObject } from '../../base/is-object.ts'

/** The path of the first server, without a slash at the end: `/api` for `https://example.com/api`; empty for none. */
export function basePathOf(servers: unknown): string {
  const first: unknown = Array.isArray(servers) ? servers[0] : undefined
  if (!isObject(first) || typeof first.url !== 'string') return ''
  const url = withVariables(first.url, first.variables)
  try {
    return decodeURI(new URL(url, 'http://localhost/').pathname).replace(/\/+$/, '')
  } catch {
    return ''
  }
}

/** The address with the default of each variable in its place. */
function withVariables(url: string, variables: unknown): string {
  return url.replaceAll(/\{([^{}]*)\}/g, (whole, name: string) => {
    const variable = isObject(variables) && Object.hasOwn(variables, name) ? variables[name] : undefined
    return isObject(variable) && typeof variable.default === 'string' ? variable.default : whole
  })
}
