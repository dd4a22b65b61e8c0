/** The operations of an OpenAPI document that are not about rows: transactions, signing in, keys, health, the document itself. */

import { unreachable } from '../../base/unreachable.ts'
import { restBase } from '../../model/address/served.ts'
import { entityNamed, type IdentityModel, type Model } from '../../model/model.ts'
import { AUTH_ENDPOINTS } from '../endpoints/auth-endpoints.ts'
import type { Description, Endpoint } from '../endpoints/endpoint.ts'
import { servedPath } from '../endpoints/endpoints.ts'
import { SERVICE_ENDPOINTS, TRANSACTION_ENDPOINTS } from '../endpoints/service-endpoints.ts'
import { viewOf } from '../rules/view.ts'
import { sampleValue } from '../values/sample.ts'
import { ACCEPTED, REPLAYED } from './account-answers.ts'
import { componentRef, type JsonObject } from './component-names.ts'
import { errorResponses } from './errors.ts'
import { headerParameters } from './parameters.ts'
import { json } from './paths.ts'
import { bodyExample, rowExample } from './row-schemas.ts'
import { bodyOf, documentedEntities, hidesFromSome, isOpen, isOpenToAnyone, type Scope } from './scope.ts'
import { anyone, signedIn } from './security.ts'
import { userSchema } from './service-schemas.ts'
import { createsOf, unwrittenHooks } from './unwritten-code.ts'

/** Names of tags. The tag of an entity starts with a capital letter if it could be confused with one of these. */
export const SERVICE_TAGS: Readonly<Record<Description['tag'], string>> = {
  authentication: 'Signing up, signing in and staying signed in.',
  service: 'Several operations at once, health of the service, and this document.',
}

const DESCRIBED = { ...TRANSACTION_ENDPOINTS, ...AUTH_ENDPOINTS, ...SERVICE_ENDPOINTS }

type DescribedName = keyof typeof DESCRIBED

/** What the design adds to the description of an endpoint. */
interface Particulars {
  readonly security?: readonly JsonObject[]
  readonly request?: { readonly schema?: JsonObject; readonly example?: JsonObject | undefined }
  readonly answer?: { readonly schema: JsonObject; readonly example?: JsonObject | undefined; readonly headers?: JsonObject }
  /** The successful answers instead of the one in the table of endpoints. */
  readonly instead?: JsonObject
  /** Responses in addition to the answer and the failures. */
  readonly responses?: JsonObject
}

/** By endpoint. Null: the document leaves the endpoint out for this reader. */
const PARTICULARS: { readonly [Name in DescribedName]?: (scope: Scope) => Particulars | null } = {
  runTransaction,
  register,
  login,
  getMe: me,
  getReadiness: () => ({ responses: { 503: UNAVAILABLE } }),
  getOpenApi: () => ({ security: [], answer: { schema: DOCUMENT } }),
}

/** Paths of the endpoints that have a description of their own; endpoints for signing in only where the design has an identity. */
export function servicePaths(scope: Scope): JsonObject {
  const paths: Record<string, JsonObject> = {}
  for (const [name, endpoint] of Object.entries(DESCRIBED) as readonly [DescribedName, (typeof DESCRIBED)[DescribedName]][]) {
    if (endpoint.presence === 'with-identity' && scope.model.identity === null) continue
    const path = servedPath(scope.model, endpoint.path)
    if (path.startsWith('/api/') && scope.model.served.rest === null) continue
    const of = PARTICULARS[name]
    const particulars = of === undefined ? {} : of(scope)
    if (particulars === null) continue
    paths[path] = { [endpoint.method.toLowerCase()]: operationOf(scope, { ...endpoint, name }, particulars) }
  }
  return paths
}

type Described = Endpoint & { readonly name: DescribedName; readonly description: Description }

function operationOf(scope: Scope, endpoint: Described, { security, request, answer, instead, responses }: Particulars): JsonObject {
  const { name, description, body, idempotent, failures } = endpoint
  const requestSchema = request?.schema ?? schemaRef(description.request)
  const answerSchema = answer?.schema ?? schemaRef(description.answer.schema)
  const headers = answer?.headers ?? (idempotent ? REPLAYED : null)
  const parameters = headerParameters(endpoint)
  return {
    operationId: name,
    summary: description.summary,
    description: description.text,
    tags: [description.tag],
    security: security ?? securityOf(scope, endpoint),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(requestSchema === null ? {} : { requestBody: { required: body === 'required', content: json(requestSchema, request?.example) } }),
    responses: {
      ...(instead ?? {
        [description.answer.status]: {
          description: description.answer.text,
          ...(headers === null ? {} : { headers }),
          ...(answerSchema === null ? {} : { content: contentOf(description.answer.media, answerSchema, answer?.example) }),
        },
      }),
      ...errorResponses(failures),
      ...responses,
    },
  }
}

function schemaRef(name: string | null): JsonObject | null {
  return name === null ? null : componentRef('schemas', name)
}

function securityOf(scope: Scope, { auth }: Described): readonly JsonObject[] {
  switch (auth) {
    case 'none':
      return []
    case 'optional':
      return anyone(scope)
    case 'required':
      return signedIn(scope)
    default:
      return unreachable(auth)
  }
}

function contentOf(media: Description['answer']['media'], schema: JsonObject, example: JsonObject | undefined): JsonObject {
  return media === 'application/json' ? json(schema, example) : { [media]: { schema } }
}

const DOCUMENT = { type: 'object', properties: { openapi: { type: 'string' } }, required: ['openapi'] }

const UNAVAILABLE = {
  description: 'The database cannot be reached, or this instance is shutting down.',
  headers: { 'Retry-After': componentRef('headers', 'RetryAfter') },
  content: {
    ...json(componentRef('schemas', 'HealthStatus'), undefined),
    'application/problem+json': { schema: componentRef('schemas', 'Problem') },
  },
}

/** Left out where no operation on rows is open. */
function runTransaction(scope: Scope): Particulars | null {
  const [entity] = documentedEntities(scope)
  if (entity === undefined) return null
  const operations = ['create', 'update', 'delete'] as const
  const writes = documentedEntities(scope).flatMap(({ entity: { name } }) => operations.map((operation) => ({ operation, entity: name })))
  const example = { operations: [{ method: 'GET', path: `${restBase(scope.model)}/${entity.entity.path}` }] }
  return { request: { example }, responses: unwrittenHooks(scope.model, writes) }
}

/** Left out when no caller in reach may create a user. */
function register(scope: Scope): Particulars | null {
  const entity = viewOf(scope.view, identityIn(scope).entity)
  if (!isOpen(entity, 'create')) return null
  const unwritten = unwrittenHooks(scope.model, createsOf(scope.view, entity))
  return {
    ...(entity.hidesTakenLogin ? { instead: ACCEPTED } : {}),
    responses: { ...(!entity.hidesTakenLogin && hidesFromSome(scope, entity.entity) ? ACCEPTED : {}), ...unwritten },
    security: isOpenToAnyone(scope, entity.entity, 'create') ? anyone(scope) : signedIn(scope),
    request: {
      schema: componentRef('schemas', scope.componentOf(entity.entity, 'Create')),
      example: bodyExample(bodyOf(entity, 'create')),
    },
  }
}

function me(scope: Scope): Particulars {
  const entity = viewOf(scope.view, identityIn(scope).entity)
  const example = scope.showRules && isOpen(entity, 'read') ? rowExample(entity) : undefined
  return { answer: { schema: userSchema(scope, entity), example, headers: { ETag: componentRef('headers', 'ETag') } } }
}

function login(scope: Scope): Particulars {
  return { request: { example: credentialsExample(identityIn(scope), scope.model) } }
}

function credentialsExample(identity: IdentityModel, model: Model): JsonObject | undefined {
  const fields = entityNamed(model, identity.entity).fields.filter((f) => f.name === identity.login || f.name === identity.password)
  const example = Object.fromEntries(fields.map((field) => [field.name, sampleValue(field.type)]))
  return Object.values(example).includes(undefined) ? undefined : example
}

/** @throws Error for a design without an identity (a defect of the caller). */
function identityIn({ model }: Scope): IdentityModel {
  if (model.identity === null) throw new Error('this design has no identity')
  return model.identity
}
