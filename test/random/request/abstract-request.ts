/** The meaning of a request, and the HTTP request that expresses it. */

import type { Entity, Model } from '../../../src/model/model.ts'
import { entityNamed } from '../../../src/model/model.ts'
import type { FilterOp } from '../../../src/server/plan/intent.ts'

/** Which fields (null: all) and related rows to answer with. */
export interface Selected {
  readonly fields: readonly string[] | null
  readonly include: ReadonlyMap<string, Selected>
}

export type Filter =
  | { readonly kind: 'bracket'; readonly path: readonly string[]; readonly op: FilterOp; readonly value: string }
  /**
   * `names`: every field and relation in the expression, with its entity. `tree`: the filter as a tree, if the expression was made from
   * one.
   */
  | {
      readonly kind: 'expression'
      readonly source: string
      readonly names: readonly (readonly [entity: string, name: string])[]
      readonly tree?: FilterTree
    }

/** A filter of several parts, on the row itself, the row of a reference, or related rows. */
export type FilterTree =
  | { readonly kind: 'condition'; readonly field: string; readonly op: FilterOp; readonly value: string }
  | { readonly kind: 'and' | 'or'; readonly of: readonly FilterTree[] }
  | { readonly kind: 'not'; readonly of: FilterTree }
  | { readonly kind: 'at'; readonly reference: string; readonly of: FilterTree }
  | { readonly kind: 'some' | 'every' | 'none'; readonly relation: string; readonly of: FilterTree }

export interface SortKey {
  readonly name: string
  readonly descending: boolean
}

export type Values = Readonly<Record<string, unknown>>

export type AbstractRequest =
  /** `by`: also `/api/auth/me` for the caller's own row; HEAD is like GET. */
  | { readonly kind: 'get'; readonly entity: string; readonly id: string; readonly selected: Selected; readonly by?: 'me' | 'head' }
  | {
      readonly kind: 'list'
      readonly entity: string
      readonly filters: readonly Filter[]
      readonly sort: readonly SortKey[]
      readonly size: number
      readonly search: string | null
      readonly count: boolean
      readonly selected: Selected
    }
  /** `by`: registering also creates a user. */
  | {
      readonly kind: 'create'
      readonly entity: string
      readonly rows: readonly Values[]
      readonly many: boolean
      readonly selected: Selected
      readonly by?: 'register'
    }
  | {
      readonly kind: 'update'
      readonly entity: string
      readonly mode: 'patch' | 'put'
      readonly id: string
      readonly body: Values
      /** The version that If-Match names; null without one. */
      readonly version: number | null
      readonly selected: Selected
    }
  | { readonly kind: 'delete'; readonly entity: string; readonly id: string; readonly version: number | null }

export interface Sent {
  readonly method: string
  readonly url: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export const ALL: Selected = { fields: null, include: new Map() }

/** The HTTP request. */
export function sentOf(model: Model, request: AbstractRequest): Sent {
  const entity = entityNamed(model, request.entity)
  switch (request.kind) {
    case 'get':
      if (request.by === 'me') return { method: 'GET', url: '/api/auth/me' }
      return { method: request.by === 'head' ? 'HEAD' : 'GET', url: addressOf(entity, request.id, selectionQuery(request.selected)) }
    case 'list':
      return { method: 'GET', url: addressOf(entity, null, listQuery(request)) }
    case 'create':
      if (request.by === 'register') return { method: 'POST', url: '/api/auth/register', body: request.rows[0] }
      return {
        method: 'POST',
        url: addressOf(entity, null, selectionQuery(request.selected)),
        body: request.many ? request.rows : request.rows[0],
      }
    case 'update': {
      const url = addressOf(entity, request.id, selectionQuery(request.selected))
      return { method: request.mode === 'put' ? 'PUT' : 'PATCH', url, body: request.body, ...ifMatch(request.version) }
    }
    case 'delete':
      return { method: 'DELETE', url: addressOf(entity, request.id, []), ...ifMatch(request.version) }
  }
}

type Parameters = readonly (readonly [name: string, value: string])[]

function addressOf(entity: Entity, id: string | null, parameters: Parameters): string {
  const query = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
  return `/api/${entity.path}${id === null ? '' : `/${id}`}${query === '' ? '' : `?${query}`}`
}

function ifMatch(version: number | null): Pick<Sent, 'headers'> {
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
