/** The operations of an OpenAPI document, and which of them a request is about. */

import type { OpenApiDocument } from '../../compile/openapi/openapi.ts'
import { restBase } from '../../model/address/served.ts'
import type { Model } from '../../model/model.ts'

const COLLECTION: Readonly<Record<string, string>> = { get: 'list', head: 'head-list', post: 'create', options: 'options-list' }
const ROW: Readonly<Record<string, string>> = {
  get: 'get',
  head: 'head',
  patch: 'update',
  put: 'replace',
  delete: 'delete',
  options: 'options',
}

/** An operation of a document. */
export interface DocumentedOperation {
  /** `Post.list`, `Post.update`; for operations that are about no entity their `operationId`. */
  readonly name: string
  /** The entity; null for an operation that is about none. */
  readonly entity: string | null
  /** Upper case. */
  readonly method: string
  /** As the document spells it. */
  readonly path: string
  /** The statuses that it names. */
  readonly statuses: readonly number[]
}

/** All operations of a document, in its order. */
export function documentedOperations(model: Model, document: OpenApiDocument): readonly DocumentedOperation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, operation]): readonly DocumentedOperation[] => {
      if (method === 'parameters' || !('responses' in operation)) return []
      const statuses = Object.keys(operation.responses as object).map(Number)
      const row = rowOperation(model, method, path)
      const name = row === null ? String(operation.operationId) : `${row.entity}.${row.verb}`
      return [{ name, entity: row?.entity ?? null, method: method.toUpperCase(), path, statuses }]
    }),
  )
}

function rowOperation(model: Model, method: string, path: string): { readonly entity: string; readonly verb: string } | null {
  const base = restBase(model)
  for (const { name, path: own } of model.entities) {
    const at = `${base}/${encodeURIComponent(own)}`
    const verb = path === at ? COLLECTION[method] : path === `${at}/{id}` ? ROW[method] : path === `${at}/bulk` ? 'create-many' : undefined
    if (verb !== undefined) return { entity: name, verb }
  }
  return null
}

/** Finds the operation of a request: by its path without parameters, else by a path with parameters. */
export function operationFinder(operations: readonly DocumentedOperation[]): (method: string, url: string) => DocumentedOperation | null {
  const literal = new Map(operations.map((one) => [`${one.method} ${one.path}`, one]))
  const templates = operations.filter(({ path }) => path.includes('{')).map((one) => ({ one, segments: one.path.split('/') }))
  return (method, url) => {
    const [path = ''] = url.split('?', 1)
    const exact = literal.get(`${method} ${path}`)
    if (exact !== undefined) return exact
    const asked = path.split('/')
    const fits = (segments: readonly string[]): boolean =>
      segments.length === asked.length && segments.every((segment, i) => segment.includes('{') || segment === asked[i])
    return templates.find(({ one, segments }) => one.method === method && fits(segments))?.one ?? null
  }
}
