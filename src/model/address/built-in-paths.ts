/** The paths that a backend answers besides those that its design gives to actions. */

import type { Served } from './served.ts'

/** What decides which paths there are. */
export interface BuiltInParts {
  readonly served: Served
  /** The paths of the entities, as last segments. */
  readonly entities: readonly string[]
  readonly hasIdentity: boolean
  /** The fields that hold files, as the path of the entity and the name of the field. */
  readonly files: readonly (readonly [path: string, field: string])[]
  /** The paths of the entities whose rows are subscriptions to webhooks. */
  readonly subscriptions: readonly string[]
  /** The paths of actions without an address of their own. */
  readonly actions: readonly string[]
}

const ALWAYS = ['/dev/mail', '/docs', '/docs/scalar.js', '/health/live', '/health/ready', '/openapi.json']
const GRAPHQL = ['/graphql', '/graphql/schema']
const AUTH = ['register', 'login', 'refresh', 'logout', 'me']

/** All paths, with names in braces: those of each entity, and the patterns of the router, such as `/api/{path}/{id}`. */
export function builtInPaths(parts: BuiltInParts): readonly string[] {
  const { served, hasIdentity } = parts
  const keys = hasIdentity ? ['/.well-known/jwks.json'] : []
  return [...ALWAYS, ...keys, ...(served.graphql ? GRAPHQL : []), ...(served.rest === null ? [] : restPaths(served.rest, parts))]
}

function restPaths(base: string, { entities, hasIdentity, actions, files, subscriptions }: BuiltInParts): readonly string[] {
  const rows = ['{path}', ...entities].flatMap((path) => [`${base}/${path}`, `${base}/${path}/bulk`, `${base}/${path}/{id}`])
  const auth = hasIdentity ? AUTH.map((name) => `${base}/auth/${name}`) : []
  const isOfDesign = (path: string) => path.startsWith(`${base}/actions/`)
  const patterns = actions.map((path) => (isOfDesign(path) ? `${base}/actions/{action}` : `${base}/{path}/{id}/{action}`))
  const ofFiles = files.flatMap(([path, field]) => filePaths(`${base}/${path}`, field))
  const ofMessages = subscriptions.flatMap((path) => deliveryPaths(`${base}/${path}`))
  return [...rows, `${base}/transaction`, ...auth, ...actions, ...patterns, ...ofFiles, ...ofMessages]
}

/** The addresses of the files of a field. @param rows the address of the rows */
export function filePaths(rows: string, field: string): readonly [file: string, link: string, tickets: string, upload: string] {
  return [`${rows}/{id}/${field}`, `${rows}/{id}/${field}/link`, `${rows}/${field}/uploads`, `${rows}/${field}/uploads/{ticket}`]
}

/** The name of the messages to a subscription, as a segment of their addresses. */
export const DELIVERIES_SEGMENT = 'deliveries'

/** The addresses of the messages to a subscription. @param rows the address of the subscriptions */
export function deliveryPaths(rows: string): readonly [list: string, one: string, replay: string] {
  const list = `${rows}/{id}/${DELIVERIES_SEGMENT}`
  return [list, `${list}/{delivery}`, `${list}/{delivery}/replay`]
}
