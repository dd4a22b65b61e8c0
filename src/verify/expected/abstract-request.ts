/** The meaning of a request, and the HTTP request that expresses it. */

import { restBase } from '../../model/address/served.ts'
import { entityNamed, type Model } from '../../model/model.ts'

/** The operators of filters. */
export type AskedOp = ('eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte') | ('in' | 'nin' | 'contains' | 'startsWith' | 'endsWith' | 'isNull')

/** Which fields (null: all) and related rows to answer with. */
export interface Selected {
  readonly fields: readonly string[] | null
  readonly include: ReadonlyMap<string, Selected>
}

/** A filter of a request. */
export type AskedFilter =
  | { readonly kind: 'bracket'; readonly path: readonly string[]; readonly op: AskedOp; readonly value: string }
  /**
   * `names`: every field and relation in the expression, with its entity. `tree`: the filter as a tree, if the expression was made from
   * one.
   */
  | {
      readonly kind: 'expression'
      readonly source: string
      readonly names: readonly (readonly [entity: string, name: string])[]
      readonly tree?: AskedTree
    }

/** A filter of several parts, on the row itself, the row of a reference, or related rows. */
export type AskedTree =
  | { readonly kind: 'condition'; readonly field: string; readonly op: AskedOp; readonly value: string }
  | { readonly kind: 'and' | 'or'; readonly of: readonly AskedTree[] }
  | { readonly kind: 'not'; readonly of: AskedTree }
  | { readonly kind: 'at'; readonly reference: string; readonly of: AskedTree }
  | { readonly kind: 'some' | 'every' | 'none'; readonly relation: string; readonly of: AskedTree }

/** A field by which a list is sorted. */
export interface SortKey {
  readonly name: string
  readonly descending: boolean
}

/** The values of a body by name. */
export type BodyValues = Readonly<Record<string, unknown>>

/** The meaning of a request, without the way in which it is sent. */
export type AbstractRequest =
  /** `by`: also `/api/auth/me` for the caller's own row; HEAD is like GET. */
  | { readonly kind: 'get'; readonly entity: string; readonly id: string; readonly selected: Selected; readonly by?: 'me' | 'head' }
  | {
      readonly kind: 'list'
      readonly entity: string
      readonly filters: readonly AskedFilter[]
      readonly sort: readonly SortKey[]
      readonly size: number
      readonly search: string | null
      readonly count: boolean
      readonly selected: Selected
    }
  /** `by`: registering also creates a user; `bulk` is the address for arrays alone. */
  | {
      readonly kind: 'create'
      readonly entity: string
      readonly rows: readonly BodyValues[]
      readonly many: boolean
      readonly selected: Selected
      readonly by?: 'register' | 'bulk'
      /** An upsert that finds no row by these values. */
      readonly upsert?: { readonly where: BodyValues; readonly update: BodyValues }
    }
  | {
      readonly kind: 'update'
      readonly entity: string
      readonly mode: 'patch' | 'put'
      readonly id: string
      readonly body: BodyValues
      /** The version that If-Match names; null without one. */
      readonly version: number | null
      readonly selected: Selected
      /** An upsert that finds the row by these values. */
      readonly upsert?: { readonly where: BodyValues; readonly create: BodyValues }
    }
  | { readonly kind: 'delete'; readonly entity: string; readonly id: string; readonly version: number | null }

/** A request over HTTP. */
export interface SentOverHttp {
  readonly method: string
  readonly url: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** All fields of the row, and no related rows. */
export const ALL: Selected = { fields: null, include: new Map() }

/** The HTTP request. */
export function httpRequestOf(model: Model, request: AbstractRequest): SentOverHttp {
  const base = restBase(model)
  const at = `${base}/${entityNamed(model, request.entity).path}`
  switch (request.kind) {
    case 'get':
      if (request.by === 'me') return { method: 'GET', url: `${base}/auth/me` }
      return { method: request.by === 'head' ? 'HEAD' : 'GET', url: addressOf(at, request.id, selectionQuery(request.selected)) }
    case 'list':
      return { method: 'GET', url: addressOf(at, null, listQuery(request)) }
    case 'create':
      if (request.by === 'register') return { method: 'POST', url: `${base}/auth/register`, body: request.rows[0] }
      return {
        method: 'POST',
        url: addressOf(request.by === 'bulk' ? `${at}/bulk` : at, null, selectionQuery(request.selected)),
        body: request.many ? request.rows : request.rows[0],
      }
    case 'update': {
      const url = addressOf(at, request.id, selectionQuery(request.selected))
      return { method: request.mode === 'put' ? 'PUT' : 'PATCH', url, body: request.body, ...ifMatch(request.version) }
    }
    case 'delete':
      return { method: 'DELETE', url: addressOf(at, request.id, []), ...ifMatch(request.version) }
  }
}

type Parameters = readonly (readonly [name: string, value: string])[]

function addressOf(collection: string, id: string | null, parameters: Parameters): string {
  const query = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
  return `${collection}${id === null ? '' : `/${encodeURIComponent(id)}`}${query === '' ? '' : `?${query}`}`
}

function ifMatch(version: number | null): Pick<SentOverHttp, 'headers'> {
  return version === null ? {} : { headers: { 'if-match': `"${version}"` } }
}

function selectionQuery(selected: Selected): Parameters {
  const paths: string[] = []
  const fields: (readonly [string, string])[] = []
  const visit = (at: Selected, path: readonly string[]): void => {
    if (path.length > 0) paths.push(path.join('.'))
    if (at.fields !== null) fields.push([path.length === 0 ? 'fields' : `fields[${path.join('.')}]`, at.fields.join(',')])
    for (const [name, inner] of at.include) visit(inner, [...path, name])
  }
  visit(selected, [])
  return paths.length === 0 ? fields : [['include', paths.join(',')], ...fields]
}

function listQuery(request: Extract<AbstractRequest, { kind: 'list' }>): Parameters {
  const { filters, sort, size, search, count } = request
  return [
    ...filters.map((f) =>
      f.kind === 'bracket' ? ([`filter[${f.path.join('.')}][${f.op}]`, f.value] as const) : (['filter', f.source] as const),
    ),
    ...(sort.length === 0 ? [] : ([['sort', sort.map((key) => `${key.descending ? '-' : ''}${key.name}`).join(',')]] as const)),
    ['page[size]', String(size)],
    ...(search === null ? [] : ([['search', search]] as const)),
    ...(count ? ([['count', 'true']] as const) : []),
    ...selectionQuery(request.selected),
  ]
}
