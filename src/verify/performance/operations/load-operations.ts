/** The operations of a design that a load may measure, those of the largest tables first. */

import { restBase } from '../../../model/address/served.ts'
import { type Entity, type Field, fieldNamed, type IndexPart, type Model } from '../../../model/model.ts'
import { sampleRow } from '../../samples.ts'

/** The values of a row, as texts: its id, its references and what indexes begin with. */
export type SampledRow = Readonly<Record<string, string | null>>

/** A request of an operation, without its caller. */
export interface MadeRequest {
  readonly method: string
  readonly path: string
  /** JSON; null for none. */
  readonly body: string | null
}

/** An operation. */
export interface LoadOperation {
  /** `Post.list-author`. */
  readonly id: string
  readonly entity: Entity
  readonly kind: 'read' | 'write'
  /** How often it is sent among all operations. */
  readonly weight: number
  /** For people: `GET /api/posts?filter[author]=…`. */
  readonly what: string
  /** The id of the same request without an included relation; absent for others. */
  readonly without?: string
  /** The entity of an included relation; absent for others. */
  readonly relation?: string
  /** Whether the row decides who may send it. */
  readonly ofRow: boolean
  /** Whether a row serves one request alone, so that rows are made for it. */
  readonly once?: boolean
  /** Whether an answer with the status 200 is one; it is unless given. */
  readonly isServed?: (text: string) => boolean
  /**
   * The request about a row. Null where the row has no value for it.
   *
   * @param n another number for each request, so that values that must differ do.
   * @param rowOf a row of another entity.
   */
  readonly request: (row: SampledRow, n: number, rowOf: (entity: string) => SampledRow | undefined) => MadeRequest | null
}

/** The most operations of REST that are measured, with actions. */
export const MOST_OPERATIONS = 13
const MOST_INDEXES = 2
/** Reads are more frequent than writes, and new accounts are rare: hashing a password takes as long as a thousand reads. */
export const WEIGHTS = { read: 40, write: 10, account: 1 } as const
/** A word that many sample texts have. */
const SEARCHED = 'work'

/** All operations of all entities, those for which the design expects most rows first. */
export function loadOperations(model: Model): readonly LoadOperation[] {
  if (model.served.rest === null) return []
  const base = restBase(model)
  return model.entities
    .toSorted((a, b) => (model.targets.rows.get(b.name) ?? 0) - (model.targets.rows.get(a.name) ?? 0))
    .flatMap((entity) => operationsOfEntity(model, entity, `${base}/${entity.path}`))
}

function operationsOfEntity(model: Model, entity: Entity, url: string): readonly LoadOperation[] {
  const read = { entity, kind: 'read', weight: WEIGHTS.read, ofRow: false } as const
  const get = (path: string): MadeRequest => ({ method: 'GET', path, body: null })
  const [relation] = entity.relations
  return [
    { ...read, id: `${entity.name}.get`, ofRow: true, what: `GET ${url}/{id}`, request: (row) => get(`${url}/${idOf(row)}`) },
    { ...read, id: `${entity.name}.list`, what: `GET ${url}`, request: () => get(url) },
    ...indexOperations(entity, url),
    writeOperation(model, entity, { url, operation: 'create' }),
    writeOperation(model, entity, { url, operation: 'patch' }),
    {
      ...{ entity, kind: 'write', weight: WEIGHTS.write, ofRow: true, once: true },
      ...{ id: `${entity.name}.delete`, what: `DELETE ${url}/{id}` },
      request: (row) => ({ method: 'DELETE', path: `${url}/${idOf(row)}`, body: null }),
    },
    ...(relation === undefined
      ? []
      : [
          {
            ...read,
            id: `${entity.name}.get-${relation.name}`,
            ofRow: true,
            what: `GET ${url}/{id}?include=${relation.name}`,
            ...{ without: `${entity.name}.get`, relation: relation.entity },
            request: (row: SampledRow) => get(`${url}/${idOf(row)}?include=${relation.name}`),
          },
        ]),
    ...(entity.search === null
      ? []
      : [{ ...read, id: `${entity.name}.search`, what: `GET ${url}?search=…`, request: () => get(`${url}?search=${SEARCHED}`) }]),
  ]
}

function idOf(row: SampledRow): string {
  return encodeURIComponent(row.id ?? '')
}

/** A list for the first indexes: its first field equal to a value, in the order of the others. */
function indexOperations(entity: Entity, url: string): readonly LoadOperation[] {
  return entity.indexes.slice(0, MOST_INDEXES).map(({ parts }): LoadOperation => {
    const [first] = parts
    const field = first === undefined ? undefined : fieldNamed(entity, first.field)
    const filter = field === undefined ? null : filterOf(field)
    const sorted = (filter === null ? parts : parts.slice(1)).filter(({ field: name }) => fieldNamed(entity, name).type.kind !== 'list')
    const sort = sorted.length === 0 || field?.type.kind === 'list' ? '' : `sort=${sorted.map(spelled).join()}`
    const query = [...(filter === null ? [] : [`${filter}=…`]), ...(sort === '' ? [] : [sort])].join('&')
    return {
      ...{ entity, kind: 'read', weight: WEIGHTS.read, ofRow: false },
      id: `${entity.name}.list-${parts.map((part) => part.field).join('-')}`,
      what: `GET ${url}?${query}`,
      request: (row) => {
        const value = field === undefined ? null : (row[field.name] ?? null)
        if (filter !== null && value === null) return null
        const parameters = [...(filter === null ? [] : [`${filter}=${encodeURIComponent(value ?? '')}`]), ...(sort === '' ? [] : [sort])]
        return { method: 'GET', path: `${url}?${parameters.join('&')}`, body: null }
      },
    }
  })
}

function spelled({ field, descending }: IndexPart): string {
  return `${descending ? '-' : ''}${field}`
}

/** The parameter of a filter for a value of a row; null for types whose texts in the database are not those of requests. */
function filterOf({ name, type }: Field): string | null {
  if (type.kind === 'list') return `filter[${name}][contains]`
  const isPlain =
    type.kind === 'ref' ||
    type.kind === 'choice' ||
    (type.kind === 'scalar' && ['text', 'email', 'uuid', 'integer', 'boolean'].includes(type.scalar))
  return isPlain ? `filter[${name}]` : null
}

function writeOperation(
  model: Model,
  entity: Entity,
  { url, operation }: { readonly url: string; readonly operation: 'create' | 'patch' },
): LoadOperation {
  const isCreate = operation === 'create'
  return {
    ...{ entity, kind: 'write', ofRow: !isCreate },
    weight: isCreate && entity.name === model.identity?.entity ? WEIGHTS.account : WEIGHTS.write,
    id: `${entity.name}.${isCreate ? 'create' : 'update'}`,
    what: isCreate ? `POST ${url}` : `PATCH ${url}/{id}`,
    request: (row, n, rowOf) => {
      let hasAll = true
      const body = sampleRow(model, entity, {
        n,
        operation,
        idOf: (target) => {
          const id = rowOf(target.name)?.id ?? null
          if (id === null) hasAll = false
          return id ?? ''
        },
      })
      if (!hasAll || body === undefined || Object.keys(body as object).length === 0) return null
      return { method: isCreate ? 'POST' : 'PATCH', path: isCreate ? url : `${url}/${idOf(row)}`, body: JSON.stringify(body) }
    },
  }
}
