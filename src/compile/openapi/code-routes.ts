/** The routes that the code of a design adds, in the OpenAPI document: those with a schema. */

import { isObject } from '../../base/is-object.ts'
import type { CodeRoutes, DeclaredRoute, RouteSchema } from '../../model/address/code-routes.ts'
import { type JsonObject, prose } from './component-names.ts'
import { errorResponses } from './errors.ts'
import type { Scope } from './scope.ts'
import { anyone } from './security.ts'

/** The methods that an OpenAPI document can describe (OpenAPI 3.1, section 4.8.9). */
const METHODS: ReadonlySet<string> = new Set(['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])

/** The tag of routes without tags of their own. */
export const ROUTES_TAG = 'routes'

/** The paths of the routes with a schema. `operationIds` has all ids; those of the routes are added. */
export function codeRoutePaths(scope: Scope, operationIds: Set<string>): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {}
  for (const route of described(scope.model.routes)) {
    const path = templateOf(route.path)
    for (const method of route.methods.filter((one) => METHODS.has(one))) {
      const at = paths[path] ?? {}
      at[method.toLowerCase()] = operationOf(scope, { method, path, schema: route.schema }, operationIds)
      paths[path] = at
    }
  }
  return paths
}

type Described = DeclaredRoute & { readonly schema: RouteSchema }

function described(routes: CodeRoutes | null): readonly Described[] {
  return (routes?.declared ?? []).filter((route): route is Described => route.schema !== null && route.schema.hide !== true)
}

/** Whether a route needs the tag. */
export function hasUntaggedRoutes({ model }: Scope): boolean {
  return described(model.routes).some(({ schema }) => tagsOf(schema) === null)
}

/** `/invoices/{id}` for `/invoices/:id(^\\d+$)`. */
function templateOf(path: string): string {
  return path.replaceAll(/:([A-Za-z_]\w*)(\([^)]*\))?\??/g, '{$1}').replace(/\*$/, '{wildcard}')
}

interface RouteOperation {
  readonly method: string
  readonly path: string
  readonly schema: RouteSchema
}

function operationOf(scope: Scope, { method, path, schema }: RouteOperation, operationIds: Set<string>): JsonObject {
  const parameters = [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
      in: 'path',
      name,
      required: true,
      schema: propertyOf(schema.params, name),
    })),
    ...listed('query', schema.querystring ?? schema.query),
    ...listed('header', schema.headers),
  ]
  return {
    operationId: idOf(schema, { method, path }, operationIds),
    ...(typeof schema.summary === 'string' ? { summary: prose(schema.summary) } : {}),
    ...(typeof schema.description === 'string' ? { description: prose(schema.description) } : {}),
    ...(schema.deprecated === true ? { deprecated: true } : {}),
    tags: tagsOf(schema) ?? [ROUTES_TAG],
    security: anyone(scope),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(isObject(schema.body) ? { requestBody: { required: true, content: contentOf(schema.body, schema.consumes) } } : {}),
    responses: {
      ...answersOf(schema),
      ...errorResponses(isObject(schema.body) ? [400, 401, 413, 415, 429, 500, 503] : [400, 401, 429, 500, 503]),
    },
  }
}

/** The id that the schema gives, or one of method and path; with a number if it is taken. */
function idOf({ operationId }: RouteSchema, { method, path }: Pick<RouteOperation, 'method' | 'path'>, taken: Set<string>): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  const made = `${method.toLowerCase()}${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}`
  const wanted = typeof operationId === 'string' && operationId !== '' ? operationId : made
  let id = wanted
  for (let n = 2; taken.has(id); n++) id = `${wanted}${n}`
  taken.add(id)
  return id
}

function tagsOf({ tags }: RouteSchema): readonly string[] | null {
  return Array.isArray(tags) && tags.length > 0 && tags.every((tag) => typeof tag === 'string') ? tags : null
}

/** The parameters of an object schema, or of the map of schemas that Fastify also takes. */
function listed(place: 'query' | 'header', schema: unknown): readonly JsonObject[] {
  const required = isObject(schema) && Array.isArray(schema.required) ? schema.required : []
  return Object.entries(propertiesOf(schema)).map(([name, one]) => ({
    in: place,
    name,
    ...(required.includes(name) ? { required: true } : {}),
    schema: isObject(one) ? one : {},
  }))
}

function propertiesOf(schema: unknown): Readonly<Record<string, unknown>> {
  if (!isObject(schema)) return {}
  if (isObject(schema.properties)) return schema.properties
  return typeof schema.type === 'string' ? {} : schema
}

function propertyOf(schema: unknown, name: string): JsonObject {
  const property = propertiesOf(schema)[name]
  return isObject(property) ? property : { type: 'string' }
}

function contentOf(schema: JsonObject, types: unknown): JsonObject {
  const media = Array.isArray(types) ? types.filter((type) => typeof type === 'string') : []
  return media.length === 0 ? { 'application/json': { schema } } : Object.fromEntries(media.map((type) => [type, { schema }]))
}

/** The answers of the schema by status. `2xx` is `2XX` in OpenAPI. */
function answersOf({ response, produces }: RouteSchema): JsonObject {
  const answers = isObject(response) ? Object.entries(response).filter(([status]) => /^([1-5]\d\d|[1-5]xx|default)$/i.test(status)) : []
  if (answers.length === 0) return { 200: { description: 'Done.' } }
  return Object.fromEntries(
    answers.map(([status, schema]) => {
      const { description = 'The answer.', content, ...rest } = isObject(schema) ? schema : {}
      const has = isObject(content) ? { content } : Object.keys(rest).length === 0 ? {} : { content: contentOf(rest, produces) }
      return [status.toLowerCase() === 'default' ? 'default' : status.toUpperCase(), { description: String(description), ...has }]
    }),
  )
}
