/** The OpenAPI 3.1 document of a design: everything that its REST interface takes and answers. */

import type { Caller } from '../../model/caller.ts'
import type { ErrorTree } from '../../model/errors/error-format.ts'
import type { Model } from '../../model/model.ts'
import { actionPaths, declaredCodes, ownOperationIds } from './action-paths.ts'
import { shapeComponents } from './answer-schemas.ts'
import { codeRoutePaths, hasUntaggedRoutes, ROUTES_TAG } from './code-routes.ts'
import { type JsonObject, prose } from './component-names.ts'
import { conditionSchemas } from './conditions.ts'
import { deliveryPathsOf } from './delivery-paths.ts'
import { errorComponents, HEADERS, problemSchemas } from './errors.ts'
import { filePathsOf } from './file-paths.ts'
import { entityParameters, sharedParameters } from './parameters.ts'
import { entityPaths } from './paths.ts'
import { PAGE_SCHEMA, rowComponents } from './row-schemas.ts'
import { type ApiLimits, documentedEntities, type Scope, scopeOf } from './scope.ts'
import { securitySchemes } from './security.ts'
import { serviceCodes } from './service-failures.ts'
import { SERVICE_TAGS, servicePaths } from './service-paths.ts'
import { serviceSchemas, transactionSchemas } from './service-schemas.ts'
import { errorSchema, shownComponents, shownPaths } from './shown-errors.ts'

/** The reader of a document, and the facts about the server in it. */
export interface OpenApiOptions {
  /** `all`, for development: every operation that is open to some caller, with its rules. A caller: only what that caller can reach. */
  readonly reach: 'all' | Caller
  /** Version of the API. */
  readonly version: string
  /** Address of the API without a slash at the end; relative to the document unless given. */
  readonly serverUrl?: string
  readonly limits: ApiLimits
}

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument {
  readonly openapi: string
  readonly paths: { readonly [path: string]: { readonly [method: string]: JsonObject } }
  readonly components: { readonly [section: string]: JsonObject }
  readonly [key: string]: unknown
}

/**
 * Describes the REST API of a model. It leaves out operations that no caller in `reach` can use, and names that they can never read or
 * write. The same model and options give the same document, key by key.
 */
export function openapi(model: Model, options: OpenApiOptions): OpenApiDocument {
  const { errors } = model
  const scope = scopeOf(model, options.reach, options.limits)
  const entities = documentedEntities(scope)
  const taken = new Set(Object.keys(sharedParameters(scope)))
  const service = servicePaths(scope)
  const operationIds = new Set(operationIdsOf(service))
  // The name of an action at its own address is the id of its operation, before other operations get theirs.
  const ids = ownOperationIds(scope, operationIds)
  const parameters = entities.map((entity) => entityParameters(scope, entity, taken))
  const plainPaths = Object.assign(
    {},
    ...entities.map((entity, i) => {
      const own = parameters[i]
      return own === undefined || model.served.rest === null
        ? {}
        : {
            ...entityPaths({ scope, entity, parameters: own, operationIds }),
            ...filePathsOf({ scope, entity, operationIds }),
            ...deliveryPathsOf({ scope, entity, operationIds }),
          }
    }),
    actionPaths(scope, ids, operationIds),
    codeRoutePaths(scope, operationIds),
    service,
  )
  const schemes = securitySchemes(model)
  const paths = errors === null ? plainPaths : shownPaths(plainPaths, errors)
  const components = {
    schemas: Object.assign(
      {},
      ...[...scope.view.entities.values()].map((e) => rowComponents(scope, e)),
      shapeComponents(scope),
      { PageInfo: PAGE_SCHEMA },
      serviceSchemas(scope),
      transactionSchemas(scope),
      conditionSchemas(scope),
      errors === null || errors.answer === null
        ? problemSchemas([...declaredCodes(model), ...serviceCodes(model)])
        : ownProblem(errors.answer),
    ),
    parameters: Object.assign({}, sharedParameters(scope), ...parameters.map((p) => p.components)),
    headers: HEADERS,
    responses: errors === null ? errorComponents(options.limits) : shownComponents(errors),
  }
  return {
    openapi: '3.1.1',
    info: infoOf(model, options),
    servers: [{ url: options.serverUrl ?? '/' }],
    tags: tagsOf(
      scope,
      entities.map(({ entity }) => entity),
    ),
    paths,
    components: {
      ...usedComponents(paths, components),
      ...(schemes === null ? {} : { securitySchemes: schemes }),
    },
    security: [],
  }
}

function ownProblem(answer: ErrorTree): JsonObject {
  return { Problem: { description: 'What went wrong.', ...errorSchema(answer) } }
}

function operationIdsOf(paths: JsonObject): readonly string[] {
  const operations = Object.values(paths).flatMap((item) => Object.values(item as JsonObject))
  return operations.map((operation) => String((operation as JsonObject).operationId))
}

function infoOf(model: Model, options: OpenApiOptions): JsonObject {
  const conventions = [
    model.errors === null || model.errors.answer === null
      ? 'Errors are `application/problem+json` (RFC 9457).'
      : 'All errors have one form.',
    'Lists come in pages: follow `page.next`.',
    'An unknown parameter or field is an error, never ignored.',
  ].join(' ')
  const description = model.description === null ? conventions : `${prose(model.description)}\n\n${conventions}`
  return { title: prose(model.name), version: options.version, description }
}

function tagsOf(scope: Scope, entities: readonly { readonly name: string; readonly description: string | null }[]): readonly JsonObject[] {
  const own = entities.map((entity) => ({ name: entity.name, description: prose(entity.description ?? `Rows of ${entity.name}.`) }))
  const { model } = scope
  const { authentication, service } = SERVICE_TAGS
  const signIn = model.identity === null ? [] : [{ name: 'authentication', description: authentication }]
  const actions = model.actions.some(({ entity }) => entity === null)
    ? [{ name: 'actions', description: 'Operations of this service.' }]
    : []
  const routes = hasUntaggedRoutes(scope) ? [{ name: ROUTES_TAG, description: 'Further operations of this service.' }] : []
  return [...own, ...actions, ...routes, ...signIn, { name: 'service', description: service }]
}

/** Drops the components to which nothing refers. Sections keep their order. */
function usedComponents(
  paths: JsonObject,
  components: { readonly [section: string]: JsonObject },
): { readonly [section: string]: JsonObject } {
  const used = new Set<string>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, inner] of Object.entries(value)) {
      if (key !== '$ref' || typeof inner !== 'string') visit(inner)
      else if (!used.has(inner)) {
        used.add(inner)
        const [, , section = '', name = ''] = inner.split('/')
        visit(components[section]?.[name])
      }
    }
  }
  visit(paths)
  const kept = Object.entries(components).map(([section, members]): [string, JsonObject] => [
    section,
    Object.fromEntries(Object.entries(members).filter(([name]) => used.has(`#/components/${section}/${name}`))),
  ])
  return Object.fromEntries(kept)
}
