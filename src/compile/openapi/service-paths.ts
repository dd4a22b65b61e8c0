/** The operations of an OpenAPI document that are not about rows: signing in, keys, health, the document itself. */

import { entityNamed, type Identity, type Model } from '../../model/model.ts'
import { viewOf } from '../rules/view.ts'
import { sampleValue } from '../values/sample.ts'
import { answeredSchema } from '../values/schemas.ts'
import { type JsonObject, ref } from './component-names.ts'
import { type ErrorStatus, errorResponses } from './errors.ts'
import { anyone, CREATE_ERRORS, json } from './paths.ts'
import { bodyExample, rowExample } from './row-schemas.ts'
import { bodyOf, idOf, isOpen, isOpenToAnyone, type Scope } from './scope.ts'

/** Names of tags; entities begin with a capital letter wherever they can be mistaken for these. */
export const SERVICE_TAGS = {
  authentication: 'Signing up, signing in and staying signed in.',
  service: 'Several operations at once, health of the service, and this document.',
} as const

const PLAIN_ERRORS: readonly ErrorStatus[] = [406, 431, 500, 503]
const SIGN_IN_ERRORS: readonly ErrorStatus[] = [400, 401, 406, 413, 415, 429, 431, 500, 503]

/** Paths of the service; those of signing in only where the design has an identity. */
export function servicePaths(scope: Scope): JsonObject {
  const { identity } = scope.model
  return { ...(identity === null ? {} : identityPaths(scope, identity)), ...healthPaths() }
}

function healthPaths(): JsonObject {
  const health = json(ref('schemas', 'HealthStatus'), undefined)
  const unavailable = {
    description: 'The database cannot be reached, or this instance is shutting down.',
    headers: { 'Retry-After': ref('headers', 'RetryAfter') },
    content: { ...health, 'application/problem+json': { schema: ref('schemas', 'Problem') } },
  }
  const live = {
    operationId: 'getLiveness',
    summary: 'Whether the process runs',
    description: 'Says nothing of the database.',
    tags: ['service'],
    security: [],
  }
  const ready = {
    operationId: 'getReadiness',
    summary: 'Whether requests can be served',
    description: 'Whether the database answers and this instance takes requests.',
    tags: ['service'],
    security: [],
  }
  const self = {
    operationId: 'getOpenApi',
    summary: 'This document, as far as the caller may know it',
    description: 'In production, what the caller cannot reach is not in it.',
    tags: ['service'],
    security: [],
  }
  const document = json({ type: 'object', properties: { openapi: { type: 'string' } }, required: ['openapi'] }, undefined)
  return {
    '/health/live': { get: { ...live, responses: { 200: { description: 'It runs.', content: health }, ...errorResponses([406, 431]) } } },
    '/health/ready': {
      get: { ...ready, responses: { 200: { description: 'They can.', content: health }, ...errorResponses([406, 431]), 503: unavailable } },
    },
    '/openapi.json': {
      get: {
        ...self,
        responses: { 200: { description: 'An OpenAPI 3.1 document.', content: document }, ...errorResponses([401, ...PLAIN_ERRORS]) },
      },
    },
  }
}

function identityPaths(scope: Scope, identity: Identity): JsonObject {
  const refreshToken = json(ref('schemas', 'RefreshToken'), undefined)
  const refresh = {
    operationId: 'refreshSession',
    summary: 'Exchange a refresh token for new tokens',
    description: 'A refresh token works once; using it again ends the session.',
    tags: ['authentication'],
    security: [],
    requestBody: { required: true, content: refreshToken },
    responses: {
      200: { description: 'New tokens.', content: json(ref('schemas', 'Tokens'), undefined) },
      ...errorResponses(SIGN_IN_ERRORS),
    },
  }
  const logout = {
    operationId: 'logout',
    summary: 'End the session',
    description: 'The session of the access token, or that of the refresh token in the body.',
    tags: ['authentication'],
    security: anyone(scope),
    requestBody: { required: false, content: refreshToken },
    responses: { 204: { description: 'The session is over.' }, ...errorResponses(SIGN_IN_ERRORS) },
  }
  return {
    ...registration(scope, identity),
    '/api/auth/login': { post: login(identity, scope.model) },
    '/api/auth/refresh': { post: refresh },
    '/api/auth/logout': { post: logout },
    '/api/auth/me': { get: me(scope, identity) },
    '/.well-known/jwks.json': { get: keys() },
  }
}

function registration(scope: Scope, identity: Identity): JsonObject {
  const entity = viewOf(scope.view, identity.entity)
  if (!isOpen(entity, 'create')) return {}
  const schema = ref('schemas', scope.componentOf(entity.entity, 'Create'))
  const created = { description: 'The new user, signed in.', content: json(ref('schemas', 'SignedIn'), undefined) }
  return {
    '/api/auth/register': {
      post: {
        operationId: 'register',
        summary: 'Sign up',
        description: 'Creates a user and signs in as that user.',
        tags: ['authentication'],
        security: isOpenToAnyone(scope, entity.entity, 'create') ? anyone(scope) : [{ bearer: [] }],
        requestBody: { required: true, content: json(schema, bodyExample(bodyOf(entity, 'create'))) },
        responses: { 201: created, ...errorResponses([...CREATE_ERRORS, 429]) },
      },
    },
  }
}

function login(identity: Identity, model: Model): JsonObject {
  const fields = entityNamed(model, identity.entity).fields.filter((f) => f.name === identity.login || f.name === identity.password)
  const example = Object.fromEntries(fields.map((field) => [field.name, sampleValue(field.type)]))
  const isWhole = !Object.values(example).includes(undefined)
  return {
    operationId: 'login',
    summary: 'Sign in',
    description: 'A wrong password and an unknown account get the same answer.',
    tags: ['authentication'],
    security: [],
    requestBody: { required: true, content: json(ref('schemas', 'Credentials'), isWhole ? example : undefined) },
    responses: {
      200: { description: 'Signed in.', content: json(ref('schemas', 'SignedIn'), undefined) },
      ...errorResponses(SIGN_IN_ERRORS),
    },
  }
}

function me(scope: Scope, identity: Identity): JsonObject {
  const entity = viewOf(scope.view, identity.entity)
  return {
    operationId: 'getMe',
    summary: 'Your own row',
    description: 'The signed-in user, as that user may see it.',
    tags: ['authentication'],
    security: [{ bearer: [] }],
    responses: {
      200: {
        description: 'The row.',
        headers: { ETag: ref('headers', 'ETag') },
        content: json(userSchema(scope, identity), ownExample(scope, entity)),
      },
      ...errorResponses([400, 401, 403, 404, ...PLAIN_ERRORS]),
    },
  }
}

function ownExample(scope: Scope, entity: ReturnType<typeof viewOf>): JsonObject | undefined {
  return scope.showRules && isOpen(entity, 'read') ? rowExample(entity) : undefined
}

function keys(): JsonObject {
  const content = { 'application/jwk-set+json': { schema: ref('schemas', 'KeySet') } }
  return {
    operationId: 'getKeys',
    summary: 'The public keys that access tokens are signed with (RFC 7517)',
    description: 'For services that check access tokens themselves.',
    tags: ['authentication'],
    security: [],
    responses: { 200: { description: 'The keys.', content }, ...errorResponses(PLAIN_ERRORS) },
  }
}

/**
 * The user who signs in, as that user will see it. The reader of the document may not be signed in yet, so only a document of everything names
 * the fields.
 */
function userSchema(scope: Scope, identity: Identity): JsonObject {
  const entity = viewOf(scope.view, identity.entity)
  const { type } = idOf(entity.entity)
  if (scope.showRules && isOpen(entity, 'read')) return ref('schemas', scope.componentOf(entity.entity, ''))
  return { type: 'object', properties: { id: answeredSchema(type) } }
}

/** Schemas that the paths of the service refer to. */
export function serviceSchemas(scope: Scope): JsonObject {
  const { identity } = scope.model
  const status = { type: 'string', enum: ['live', 'ready', 'database_unavailable'] }
  const health = { HealthStatus: { type: 'object', properties: { status }, required: ['status'] } }
  if (identity === null) return health
  const text = (description: string): JsonObject => ({ type: 'string', description })
  const tokens = {
    token: text('Access token, to be sent as `Authorization: Bearer <token>`.'),
    expiresIn: { type: 'integer', description: 'Seconds until the access token expires.' },
    refreshToken: text('For new tokens once the access token has expired; works once.'),
  }
  const required = ['token', 'expiresIn', 'refreshToken']
  const jwk = {
    type: 'object',
    properties: { kty: { type: 'string' }, kid: { type: 'string' }, alg: { type: 'string' } },
    required: ['kty', 'kid'],
  }
  return {
    ...health,
    SignedIn: { type: 'object', properties: { user: ownRow(scope, identity), ...tokens }, required: ['user', ...required] },
    Tokens: { type: 'object', properties: tokens, required },
    Credentials: {
      type: 'object',
      properties: {
        [identity.login]: text('Name of the account.'),
        [identity.password]: { type: 'string', format: 'password', writeOnly: true },
      },
      required: [identity.login, identity.password],
      additionalProperties: false,
    },
    RefreshToken: {
      type: 'object',
      properties: { refreshToken: text('As it came with the access token.') },
      required: ['refreshToken'],
      additionalProperties: false,
    },
    KeySet: { type: 'object', properties: { keys: { type: 'array', items: jwk } }, required: ['keys'] },
  }
}

/** A design may hide the whole row from the user; then the id is what is left. */
function ownRow(scope: Scope, identity: Identity): JsonObject {
  const entity = viewOf(scope.view, identity.entity)
  const row = userSchema(scope, identity)
  return '$ref' in row ? { anyOf: [row, ref('schemas', scope.componentOf(entity.entity, 'Reference'))] } : row
}
