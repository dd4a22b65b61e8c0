/** The schemas of an OpenAPI document that belong to no entity. */

import { restBase } from '../../model/address/served.ts'
import type { IdentityModel } from '../../model/model.ts'
import { type EntityView, viewOf } from '../rules/view.ts'
import { answeredSchema } from '../values/schemas.ts'
import { componentRef, type JsonObject } from './component-names.ts'
import { idOf, isOpen, type Scope } from './scope.ts'

/**
 * The signed-in user, with the fields that this user may read. The reader of the document may not be signed in yet, so only the document
 * of all callers names the fields.
 */
export function userSchema(scope: Scope, entity: EntityView): JsonObject {
  const { type } = idOf(entity.entity)
  if (scope.showRules && isOpen(entity, 'read')) return componentRef('schemas', scope.componentOf(entity.entity, ''))
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
    token: text(`Access token, to be sent as \`Authorization: ${identity.token.scheme} <token>\`.`),
    expiresIn: { type: 'integer', description: 'Seconds until the access token expires.' },
    refreshToken: text('To get new tokens after the access token has expired; works once.'),
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
      properties: { refreshToken: text('The refresh token that came with the access token.') },
      required: ['refreshToken'],
      additionalProperties: false,
    },
    KeySet: { type: 'object', properties: { keys: { type: 'array', items: jwk } }, required: ['keys'] },
  }
}

/** If the design hides the whole row from the user, the answer has only the id. */
function ownRow(scope: Scope, identity: IdentityModel): JsonObject {
  const entity = viewOf(scope.view, identity.entity)
  const row = userSchema(scope, entity)
  return '$ref' in row ? { anyOf: [row, componentRef('schemas', scope.componentOf(entity.entity, 'Reference'))] } : row
}

/** Schemas of `POST /api/transaction`. */
export function transactionSchemas({ limits, model }: Scope): JsonObject {
  if (model.served.rest === null) return {}
  const base = restBase(model)
  const text = (description: string): JsonObject => ({ type: 'string', description })
  return {
    Transaction: {
      type: 'object',
      properties: {
        operations: {
          type: 'array',
          items: componentRef('schemas', 'TransactionOperation'),
          minItems: 1,
          maxItems: limits.transactionOperations,
        },
      },
      required: ['operations'],
      additionalProperties: false,
    },
    TransactionOperation: {
      type: 'object',
      properties: {
        method: { type: 'string', enum: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'] },
        path: { ...text(`Address of rows, with its query: \`${base}/…\`.`), pattern: `^${base.replaceAll('.', '[.]')}/` },
        body: { description: 'The body; for POST, PATCH and PUT alone.' },
        name: { ...text('The name by which later operations refer to the answer.'), pattern: '^[A-Za-z_][A-Za-z0-9_-]{0,49}$' },
        ifMatch: text('Like the header If-Match.'),
        prefer: text('Like the header Prefer.'),
      },
      required: ['method', 'path'],
      additionalProperties: false,
    },
    TransactionResults: {
      type: 'object',
      properties: { results: { type: 'array', items: componentRef('schemas', 'TransactionResult') } },
      required: ['results'],
    },
    TransactionResult: {
      type: 'object',
      properties: {
        status: { type: 'integer', description: 'The same as for the operation alone.' },
        headers: {
          type: 'object',
          description: 'The headers that describe the answer, in lower case: `etag`, `location`, `link`, `preference-applied`.',
          additionalProperties: { type: 'string' },
        },
        body: { description: 'The same as for the operation alone; absent if there is no body.' },
      },
      required: ['status'],
    },
  }
}
