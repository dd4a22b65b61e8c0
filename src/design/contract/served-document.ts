/** The contract as the backend serves it. */

import { isObject } from '../../base/is-object.ts'
import { basePathOf } from './base-path.ts'

type JsonObject = Readonly<Record<string, unknown>>

/** The document with this server in place of those that it names: only their paths are kept. Nothing else changes. */
export function servedDocument(document: JsonObject): JsonObject {
  const paths = isObject(document.paths) ? document.paths : {}
  const items = Object.entries(paths).map(([path, item]) => [path, isObject(item) ? servedItem(item) : item] as const)
  return { ...document, servers: [{ url: urlOf(document.servers) }], paths: Object.fromEntries(items) }
}

function servedItem(item: JsonObject): JsonObject {
  const members = Object.entries(item).map(([key, value]) => [key, isObject(value) ? withServers(value) : value] as const)
  return withServers(Object.fromEntries(members))
}

function withServers(part: JsonObject): JsonObject {
  return Array.isArray(part.servers) && part.servers.length > 0 ? { ...part, servers: [{ url: urlOf(part.servers) }] } : part
}

function urlOf(servers: unknown): string {
  const path = basePathOf(servers)
  return path === '' ? '/' : path
}
