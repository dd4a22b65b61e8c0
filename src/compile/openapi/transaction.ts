/** `POST /api/transaction` in an OpenAPI document. */

import { type JsonObject, ref } from './component-names.ts'
import { errorResponses } from './errors.ts'
import { anyone, json, REPLAYED } from './paths.ts'
import { documentedEntities, type Scope } from './scope.ts'

/** The path; none where there is nothing to do. */
export function transactionPath(scope: Scope): JsonObject {
  const [entity] = documentedEntities(scope)
  if (entity === undefined) return {}
  const example = { operations: [{ method: 'GET', path: `/api/${entity.entity.path}` }] }
  const { transactionOperations } = scope.limits
  const operation = {
    operationId: 'runTransaction',
    summary: 'Several operations in one transaction',
    description: [
      'All of them take place, in order, or none. Each is a request of its own, under its own rules, and sees what those before it have done.',
      'A value `{ "$ref": "name.field" }` in a body, and `${name.field}` in an address, stand for a value of the answer to the earlier operation of that name.',
      'The first failure is the answer: its `operation` is the index, and its pointers begin with `/operations/<index>/body`.',
      `At most ${transactionOperations} operations.`,
    ].join(' '),
    tags: ['service'],
    security: anyone(scope),
    parameters: [ref('parameters', 'IdempotencyKey')],
    requestBody: { required: true, content: json(ref('schemas', 'Transaction'), example) },
    responses: {
      200: {
        description: 'All of it is done; one result an operation.',
        headers: REPLAYED,
        content: json(ref('schemas', 'TransactionResults'), undefined),
      },
      ...errorResponses([400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 431, 500, 503]),
    },
  }
  return { '/api/transaction': { post: operation } }
}

/** Schemas that the path refers to. */
export function transactionSchemas({ limits }: Scope): JsonObject {
  const text = (description: string): JsonObject => ({ type: 'string', description })
  return {
    Transaction: {
      type: 'object',
      properties: {
        operations: { type: 'array', items: ref('schemas', 'TransactionOperation'), minItems: 1, maxItems: limits.transactionOperations },
      },
      required: ['operations'],
      additionalProperties: false,
    },
    TransactionOperation: {
      type: 'object',
      properties: {
        method: { type: 'string', enum: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'] },
        path: { ...text('Address of rows, with its query: `/api/…`.'), pattern: '^/api/' },
        body: { description: 'The body; for POST, PATCH and PUT alone.' },
        name: { ...text('By which later operations refer to the answer.'), pattern: '^[A-Za-z_][A-Za-z0-9_-]{0,49}$' },
        ifMatch: text('As the header If-Match.'),
        prefer: text('As the header Prefer.'),
      },
      required: ['method', 'path'],
      additionalProperties: false,
    },
    TransactionResults: {
      type: 'object',
      properties: { results: { type: 'array', items: ref('schemas', 'TransactionResult') } },
      required: ['results'],
    },
    TransactionResult: {
      type: 'object',
      properties: {
        status: { type: 'integer', description: 'As the operation alone would have had.' },
        headers: {
          type: 'object',
          description: 'Those that are about the answer, in lower case: `etag`, `location`, `link`, `preference-applied`.',
          additionalProperties: { type: 'string' },
        },
        body: { description: 'As the operation alone would have had; absent where there is none.' },
      },
      required: ['status'],
    },
  }
}
