/** Makes one valid sample request for every documented operation of a model, from the model and its document alone. */

import type { OpenApiDocument } from '../compile/openapi/openapi.ts'
import { inputOf, type WriteOperation } from '../compile/values/inputs.ts'
import { sampleValue } from '../compile/values/sample.ts'
import type { Action } from '../model/action.ts'
import type { ActionAddress, InputSource } from '../model/address/action-address.ts'
import { restBase } from '../model/address/served.ts'
import type { FieldType } from '../model/field-type.ts'
import { type Entity, entityNamed, type Field, fieldNamed, isToken, type Model } from '../model/model.ts'
import { isAlways } from '../model/predicate.ts'

/** What the samples need: rows that exist, and a user who can sign in. */
export interface Given {
  /** The first of a range of numbers, one per operation. Each number gives other values, so that unique values do not collide. */
  readonly n: number
  /** Id of a row of the entity. */
  readonly idOf: (entity: Entity) => string | number
  /** The value of a unique field of that row. */
  readonly uniqueOf: (entity: Entity, field: string) => string | number
  readonly credentials: Readonly<Record<string, string>>
  readonly refreshToken: string
}

/** A request for one operation of the document. */
export interface SampleRequest {
  readonly operationId: string
  /** Upper case. */
  readonly method: string
  /** As the document spells it: `/api/posts/{id}`. */
  readonly path: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Undefined when the operation takes none. */
  readonly body: unknown
}

/**
 * One request for every operation of the document, in its order. A create or a replacement sends only the required fields; a patch
 * sends one field that every caller may set, if there is one. An action at an address of its own gets its required inputs. An operation
 * with a value that has no sample (an unusual pattern, the secret of a token, a file) is left out.
 */
export function sampleRequests(model: Model, document: OpenApiDocument, given: Given): readonly SampleRequest[] {
  let { n } = given
  const base = restBase(model)
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, operation]): readonly SampleRequest[] => {
      if (method === 'parameters') return []
      const operationId = String(operation.operationId)
      const action = model.actions.find(({ address }) => isAt(address, { method, path }))
      if (action !== undefined) {
        const call = sampleCall(model, action, { ...given, n: n++ })
        return call === null ? [] : [{ operationId, ...call }]
      }
      const entity = model.entities.find(({ path: own }) => [`${base}/${own}`, `${base}/${own}/bulk`, `${base}/${own}/{id}`].includes(path))
      const one =
        'requestBody' in operation ? sampleBodyOf(model, { path, method, entity: entity ?? null }, { ...given, n: n++ }) : undefined
      if ('requestBody' in operation && one === undefined) return []
      const body = entity !== undefined && path.endsWith('/bulk') ? [one] : one
      const url = entity === undefined ? path : path.replace('{id}', encodeURIComponent(String(given.idOf(entity))))
      return [{ operationId, method: method.toUpperCase(), path, url, headers: {}, body }]
    }),
  )
}

function isAt(address: ActionAddress, { method, path }: { readonly method: string; readonly path: string }): boolean {
  return address.own && address.path === path && address.method === method.toUpperCase()
}

/** A call of an action at an address of its own, with its required inputs; null if one of them has no sample. */
function sampleCall(
  model: Model,
  action: Action,
  given: Pick<Given, 'n' | 'idOf' | 'uniqueOf'>,
): Omit<SampleRequest, 'operationId'> | null {
  const { address, entity, inputs } = action
  const { method, path, row } = address
  const parts = {
    path: new Map<string, unknown>(),
    query: new URLSearchParams(),
    header: new Map<string, string>(),
    body: new Map<string, unknown>(),
  }
  if (row !== null && entity !== null) parts.path.set(row.parameter, valueOfRow(model, { entity, by: row.by }, given))
  for (const { type, optional, default: preset, from } of inputs) {
    if (from.in !== 'path' && (optional || preset !== null)) continue
    const value = type.kind === 'reference' ? valueOfRow(model, type, given) : sampleOfType(type.type, given.n)
    if (value === undefined) return null
    if (from.in === 'query') for (const one of [value].flat()) parts.query.append(from.name, String(one))
    else if (from.in === 'header') parts.header.set(from.name, String(value))
    else if (from.in === 'body') setInBody(parts.body, from, value)
    else parts[from.in].set(from.name, value)
  }
  if ([...parts.path.values()].includes(undefined)) return null
  const url = path.replaceAll(/\{([^{}]+)\}/g, (_, name: string) => encodeURIComponent(String(parts.path.get(name))))
  const members = Object.fromEntries(parts.body)
  const hasBody = inputs.some(({ from }) => from.in === 'body')
  const body = hasBody ? members : undefined
  const query = parts.query.size === 0 ? '' : `?${parts.query}`
  return { method, path, url: `${url}${query}`, headers: Object.fromEntries(parts.header), body }
}

/** Sets a member of a body, or of the member of it that contains the input. */
function setInBody(body: Map<string, unknown>, { name, inside }: InputSource, value: unknown): void {
  if (inside === undefined) body.set(name, value)
  else body.set(inside, { ...(body.get(inside) as object | undefined), [name]: value })
}

/** The id or a unique value of a row that exists; undefined for the secret of a token. */
function valueOfRow(
  model: Model,
  { entity: name, by }: { readonly entity: string; readonly by: string },
  { idOf, uniqueOf }: Pick<Given, 'idOf' | 'uniqueOf'>,
): string | number | undefined {
  const entity = entityNamed(model, name)
  if (by === 'id') return idOf(entity)
  return isToken(fieldNamed(entity, by)) ? undefined : uniqueOf(entity, by)
}

interface Addressed {
  readonly path: string
  readonly method: string
  readonly entity: Entity | null
}

function sampleBodyOf(model: Model, { path, method, entity }: Addressed, given: Given): unknown {
  if (entity !== null)
    return sampleRow(model, entity, { ...given, operation: method === 'post' ? 'create' : method === 'put' ? 'put' : 'patch' })
  const base = restBase(model)
  switch (path) {
    case `${base}/auth/register`:
      return model.identity === null
        ? undefined
        : sampleRow(model, entityNamed(model, model.identity.entity), { ...given, operation: 'create' })
    case `${base}/auth/login`:
      return given.credentials
    case `${base}/auth/refresh`:
    case `${base}/auth/logout`:
      return { refreshToken: given.refreshToken }
    case `${base}/transaction`:
      return { operations: [{ method: 'GET', path: `${base}/${readable(model)?.path}` }] }
    default:
      return undefined
  }
}

/** An entity that has a row which some caller may read. */
function readable(model: Model): Entity | undefined {
  return model.entities.find(({ access }) => access.read.kind !== 'const' || access.read.value === true)
}

/** A body for a row of the entity, or undefined when some field has no sample. */
export function sampleRow(
  model: Model,
  entity: Entity,
  given: Pick<Given, 'n' | 'idOf'> & { readonly operation: WriteOperation },
): unknown {
  const input = inputOf(entity, { operation: given.operation, writable: entity.fields.map((field) => field.name) })
  const fields = [...input.fields.values()]
  const chosen = given.operation === 'patch' ? changeable(fields) : fields.filter((field) => input.required.includes(field.name))
  const values = chosen.map((field): [string, unknown] => [field.name, sampleOf(model, field, given)])
  return values.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(values)
}

/** A value of a type; undefined for a file, because only the ticket of a real upload is one. */
function sampleOfType(type: FieldType, n: number): unknown {
  return type.kind === 'file' ? undefined : sampleValue(type, n)
}

/** A field that every caller with the right to update the row may set. It is not a password, because a new password ends sessions. */
function changeable(fields: readonly Field[]): readonly Field[] {
  return fields.filter((field) => isAlways(field.write) && !['password', 'ref', 'file'].includes(field.type.kind)).slice(0, 1)
}

function sampleOf(model: Model, field: Field, given: Pick<Given, 'n' | 'idOf'>): unknown {
  return field.type.kind === 'ref' ? given.idOf(entityNamed(model, field.type.entity)) : sampleOfType(field.type, given.n)
}
