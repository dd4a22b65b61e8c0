/** The operations of an entity in an OpenAPI document. */

import { restBase } from '../../model/address/served.ts'
import type { Operation } from '../../model/expression.ts'
import { fileFieldsOf } from '../../model/files/file-fields.ts'
import { isAlways } from '../../model/predicate.ts'
import { BULK_PATH, COLLECTION_PATH, ROW_ENDPOINTS, ROW_PATH, type RowEndpoint, type RowEndpointName } from '../endpoints/row-endpoints.ts'
import type { EntityView } from '../rules/view.ts'
import { nestingsOf } from '../values/nesting.ts'
import { answeredSchema } from '../values/schemas.ts'
import { createdAnswers, REPLAYED } from './account-answers.ts'
import { code, componentRef, freeName, type JsonObject, pascal, prose } from './component-names.ts'
import { errorResponses } from './errors.ts'
import { type EntityParameters, headerParameters } from './parameters.ts'
import { bodyExample, rowExample } from './row-schemas.ts'
import { bodyOf, idOf, isOpen, isOpenToAnyone, type Scope } from './scope.ts'
import { anyone, signedIn } from './security.ts'
import { createsOf, unwrittenHooks } from './unwritten-code.ts'

/** The parts from which the paths of an entity are made. */
export interface PathContext {
  readonly scope: Scope
  readonly entity: EntityView
  readonly parameters: EntityParameters
  /** All operation ids of the document so far. */
  readonly operationIds: Set<string>
}

/** The path items of an entity: its collection and its rows, with the operations that the scope leaves open. */
export function entityPaths(context: PathContext): JsonObject {
  const { entity } = context
  const path = `${restBase(context.scope.model)}/${encodeURIComponent(entity.entity.path)}`
  const collection = operationsAt(context, COLLECTION_PATH)
  const bulk = operationsAt(context, BULK_PATH)
  const row = operationsAt(context, ROW_PATH)
  return {
    ...(collection === null ? {} : { [path]: collection }),
    ...(bulk === null ? {} : { [`${path}/bulk`]: bulk }),
    ...(row === null ? {} : { [`${path}/{id}`]: { parameters: [idParameter(entity)], ...row } }),
  }
}

/** How each endpoint for rows is described for an entity. */
const OPERATIONS: Readonly<Record<RowEndpointName, (context: PathContext) => JsonObject>> = {
  listRows: listOperation,
  createRows: createOperation,
  createManyRows: createManyOperation,
  getRow: getOperation,
  updateRow: (context) => updateOperation(context, 'patch'),
  replaceRow: (context) => updateOperation(context, 'put'),
  deleteRow: deleteOperation,
}

/** The open operations at a path; null where there are none. */
function operationsAt(context: PathContext, path: string): JsonObject | null {
  const operations: Record<string, JsonObject> = {}
  const of = path === COLLECTION_PATH ? 'collection' : 'row'
  for (const [name, endpoint] of Object.entries(ROW_ENDPOINTS) as readonly [RowEndpointName, RowEndpoint][]) {
    if (endpoint.path !== path || !isOpen(context.entity, endpoint.operation)) continue
    if (name === 'createManyRows' && context.entity.hidesTakenLogin) continue
    const operation = OPERATIONS[name](context)
    operations[endpoint.method.toLowerCase()] = operation
    if (endpoint.method === 'GET') operations.head = headOf(context, operation, of)
  }
  if (Object.keys(operations).length === 0) return null
  return path === BULK_PATH ? operations : { ...operations, options: optionsOperation(context, of) }
}

/** The parameter of a path that names a row. */
export function idParameter({ entity }: EntityView): JsonObject {
  return { name: 'id', in: 'path', required: true, description: `Id of the ${entity.name}.`, schema: answeredSchema(idOf(entity).type) }
}

interface Described {
  readonly verb: string
  readonly summary: string
  readonly about: string
  readonly rule: { readonly operation: Operation; readonly sources: readonly Operation[] } | null
}

/** The parts that every operation has: id, texts, tag and permitted callers. */
function described({ scope, entity, operationIds }: PathContext, { verb, summary, about, rule }: Described): JsonObject {
  const { source } = entity.entity.access
  const rules = (rule?.sources ?? []).flatMap((name) => {
    const text = source[name]
    return text === null || !scope.showRules ? [] : [`Who may ${name}: ${code(text)}.`]
  })
  return {
    operationId: freeName(operationIds, verb),
    summary,
    description: [about, ...rules].join(' '),
    tags: [entity.entity.name],
    security: rule === null || isOpenToAnyone(scope, entity.entity, rule.operation) ? anyone(scope) : signedIn(scope),
  }
}

function listOperation(context: PathContext): JsonObject {
  const { scope, entity, parameters } = context
  const row = rowExample(entity)
  const content = json(componentRef('schemas', scope.componentOf(entity.entity, 'List')), row && { data: [row], page: { next: null } })
  return {
    ...described(context, {
      verb: `list${pascal(entity.entity.path)}`,
      summary: `List ${label(entity)} rows`,
      about: 'A page of the rows that you may read.',
      rule: { operation: 'read', sources: ['read'] },
    }),
    parameters: [...headerParameters(ROW_ENDPOINTS.listRows), ...parameters.list, ...parameters.selection],
    responses: {
      200: {
        description: 'A page of rows; with `fields`, only these fields of each row.',
        headers: { Link: componentRef('headers', 'Link') },
        content,
      },
      ...errorResponses(ROW_ENDPOINTS.listRows.failures),
    },
  }
}

function getOperation(context: PathContext): JsonObject {
  const { scope, entity, parameters } = context
  const content = json(componentRef('schemas', scope.componentOf(entity.entity, '')), rowExample(entity))
  const headers = { ETag: componentRef('headers', 'ETag') }
  return {
    ...described(context, {
      verb: `get${entity.entity.name}`,
      summary: `Read one ${label(entity)}`,
      about: 'A row that you may not read gets the same answer as a row that does not exist.',
      rule: { operation: 'read', sources: ['read'] },
    }),
    parameters: [...headerParameters(ROW_ENDPOINTS.getRow), ...parameters.selection],
    responses: {
      200: { description: 'The row; with `fields`, only these fields of it.', headers, content },
      304: { description: 'Not changed since the version in If-None-Match.', headers },
      ...errorResponses(ROW_ENDPOINTS.getRow.failures),
    },
  }
}

/** HEAD has the parameters of GET and the same answer without a body (RFC 9110 section 9.3.2). Reference pages need not list it. */
function headOf(context: PathContext, get: JsonObject, of: 'collection' | 'row'): JsonObject {
  const { entity, operationIds } = context
  const responses = get.responses as Readonly<Record<string, JsonObject>>
  const { content: _, ...ok } = responses[200] ?? {}
  const name = of === 'collection' ? `List${pascal(entity.entity.path)}` : entity.entity.name
  return {
    ...get,
    operationId: freeName(operationIds, `head${name}`),
    summary: `${of === 'collection' ? `List ${label(entity)} rows` : `Read one ${label(entity)}`}, headers only`,
    'x-scalar-ignore': true,
    responses: { ...responses, 200: { ...ok, description: 'As for GET, without the body.' } },
  }
}

function optionsOperation(context: PathContext, of: 'collection' | 'row'): JsonObject {
  const { entity } = context
  const name = of === 'collection' ? pascal(entity.entity.path) : entity.entity.name
  return {
    ...described(context, {
      verb: `options${of === 'collection' ? 'List' : ''}${name}`,
      summary: 'The methods of this address',
      about: 'Lists the methods of the address, for every caller.',
      rule: null,
    }),
    'x-scalar-ignore': true,
    responses: {
      204: { description: 'No content.', headers: { Allow: { description: 'The methods.', schema: { type: 'string' } } } },
      ...errorResponses([431, 500, 503]),
    },
  }
}

function createOperation(context: PathContext): JsonObject {
  const { scope, entity, parameters } = context
  const row = componentRef('schemas', scope.componentOf(entity.entity, 'Create'))
  const headers = { Location: componentRef('headers', 'Location'), ...WRITTEN_HEADERS }
  return {
    ...described(context, {
      verb: `create${entity.entity.name}`,
      summary: `Create one ${label(entity)}`,
      about: entity.hidesTakenLogin
        ? 'One account at a time.'
        : `Another operation creates many rows, all or none.${nestedRowsText(context)}`,
      rule: { operation: 'create', sources: ['create'] },
    }),
    parameters: [...headerParameters(ROW_ENDPOINTS.createRows), ...parameters.selection],
    requestBody: { required: true, content: json(row, bodyExample(bodyOf(entity, 'create'))) },
    responses: {
      ...createdAnswers(context.scope, entity, {
        description: 'The row; no body with `Prefer: return=minimal`.',
        headers,
        content: json(writtenRow(context), rowExample(entity)),
      }),
      ...errorResponses(ROW_ENDPOINTS.createRows.failures),
      ...unwrittenHooks(scope.model, createsOf(scope.view, entity)),
    },
  }
}

function createManyOperation(context: PathContext): JsonObject {
  const { scope, entity, parameters } = context
  const rows = (items: JsonObject, bounds: JsonObject) => ({ type: 'array', items, ...bounds })
  const sent = rows(componentRef('schemas', scope.componentOf(entity.entity, 'Create')), { minItems: 1, maxItems: scope.limits.bulkRows })
  const [body, row] = [bodyExample(bodyOf(entity, 'create')), rowExample(entity)]
  const { 'Preference-Applied': applied, 'Idempotency-Replayed': replayed } = WRITTEN_HEADERS
  return {
    ...described(context, {
      verb: `createMany${pascal(entity.entity.path)}`,
      summary: `Create many ${label(entity)} rows`,
      about: `All of them or none. An array that is sent to the address without \`/bulk\` does the same.${nestedRowsText(context)}`,
      rule: { operation: 'create', sources: ['create'] },
    }),
    parameters: [...headerParameters(ROW_ENDPOINTS.createManyRows), ...parameters.selection],
    requestBody: { required: true, content: json(sent, body && [body]) },
    responses: {
      201: {
        description: 'The rows in the order in which they were sent; no body with `Prefer: return=minimal`.',
        headers: { 'Preference-Applied': applied, 'Idempotency-Replayed': replayed },
        content: json(rows(writtenRow(context), {}), row && [row]),
      },
      ...errorResponses(ROW_ENDPOINTS.createManyRows.failures),
      ...unwrittenHooks(scope.model, createsOf(scope.view, entity)),
    },
  }
}

const WRITTEN_HEADERS = {
  ETag: componentRef('headers', 'ETag'),
  'Preference-Applied': componentRef('headers', 'PreferenceApplied'),
  ...REPLAYED,
}

function nestedRowsText({ scope, entity }: PathContext): string {
  const names = [...nestingsOf(scope.view, entity).keys()].map(code)
  return names.length === 0 ? '' : ` The body and the answer may contain rows that refer to it: ${names.join(', ')}.`
}

/** The answer to a write: the row, or its id alone if the caller may not read the row. */
export function writtenRow({ scope, entity }: Pick<PathContext, 'scope' | 'entity'>): JsonObject {
  const row = componentRef('schemas', scope.componentOf(entity.entity, ''))
  return isAlways(entity.read) ? row : { anyOf: [row, componentRef('schemas', scope.componentOf(entity.entity, 'Reference'))] }
}

function updateOperation(context: PathContext, operation: 'patch' | 'put'): JsonObject {
  const { scope, entity, parameters } = context
  const endpoint = operation === 'patch' ? ROW_ENDPOINTS.updateRow : ROW_ENDPOINTS.replaceRow
  const schema = componentRef('schemas', scope.componentOf(entity.entity, operation === 'patch' ? 'Patch' : 'Put'))
  const words = operation === 'patch' ? 'Change some fields of one' : 'Replace all fields of one'
  const responses = {
    200: {
      description: 'The row as it is now.',
      headers: { ETag: componentRef('headers', 'ETag'), ...REPLAYED },
      content: json(writtenRow(context), rowExample(entity)),
    },
    204: { description: 'Written, with `Prefer: return=minimal`.', headers: WRITTEN_HEADERS },
  }
  const unwritten = unwrittenHooks(scope.model, [{ operation: 'update', entity: entity.entity.name }])
  return {
    ...described(context, {
      verb: `${operation === 'patch' ? 'update' : 'replace'}${entity.entity.name}`,
      summary: `${words} ${label(entity)}`,
      about:
        operation === 'patch'
          ? 'Fields that are not sent stay the same.'
          : `Fields that are not sent get their default or null, except passwords${fileFieldsOf(entity.entity).length > 0 ? ' and files' : ''}.`,
      rule: { operation: 'update', sources: ['update'] },
    }),
    parameters: [...headerParameters(endpoint), ...parameters.selection],
    requestBody: { required: true, content: json(schema, bodyExample(bodyOf(entity, operation))) },
    responses: { ...responses, ...errorResponses(endpoint.failures), ...unwritten },
  }
}

function deleteOperation(context: PathContext): JsonObject {
  const { scope, entity } = context
  return {
    ...described(context, {
      verb: `delete${entity.entity.name}`,
      summary: `Delete one ${label(entity)}`,
      about: 'The design decides whether rows that refer to it are deleted too, lose the reference, or prevent the deletion.',
      rule: { operation: 'delete', sources: ['delete'] },
    }),
    parameters: headerParameters(ROW_ENDPOINTS.deleteRow),
    responses: {
      204: { description: 'Deleted.', headers: REPLAYED },
      ...errorResponses(ROW_ENDPOINTS.deleteRow.failures),
      ...unwrittenHooks(scope.model, [{ operation: 'delete', entity: entity.entity.name }]),
    },
  }
}

/** JSON content of a schema, with an example if there is one. */
export function json(schema: JsonObject, example: unknown): JsonObject {
  return { 'application/json': { schema, ...(example === undefined ? {} : { example }) } }
}

/** The name of an entity in a sentence. */
export function label({ entity }: EntityView): string {
  return prose(entity.name)
}
