/** The GraphQL API: `/graphql` as in GraphQL over HTTP (draft of the GraphQL Foundation), with the rules, names and limits of REST. */

import { setTimeout as pause } from 'node:timers/promises'
import { printSchema, type VariableValues } from 'graphql'
import { Failure, failure } from '../../base/failure.ts'
import type { GraphqlEndpointName } from '../../compile/endpoints/page-endpoints.ts'
import type { GraphqlApi } from '../../compile/graphql/schema.ts'
import type { GraphqlSchemas } from '../../compile/graphql/schemas.ts'
import { type Caller, isKnown } from '../../model/caller.ts'
import type { Fingerprint } from '../../services/idempotency/idempotency.ts'
import { requireAcceptable } from '../http/accept.ts'
import type { Answer } from '../http/answer.ts'
import { parseBody } from '../http/body.ts'
import { callerOf } from '../http/caller/authenticate.ts'
import { takeRequest } from '../http/caller/take-request.ts'
import type { Observe } from '../http/observe.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HandlersOf } from '../http/route.ts'
import type { Variant } from '../plan/planning.ts'
import { signing } from '../run/cookies.ts'
import { stackForRequest } from '../run/for-client.ts'
import type { Stack } from '../run/stack.ts'
import { keyedStack, type Perform, performOnce, readKey } from '../write/idempotent.ts'
import { errorAnswer, type Framing, mediaOf, outcomeAnswer, type Reporting } from './answers.ts'
import {
  type CompiledOperation,
  compileDocument,
  openDocumentCache,
  operationOf,
  type Telling,
  variableValuesOf,
} from './documents/document.ts'
import { GraphqlRefusal, graphqlRefusal, type OperationOutcome } from './documents/problem.ts'
import { explorerPage } from './explorer.ts'
import { callsKeptActions, isolationOf, type PreparedMutation, prepareMutation } from './mutation.ts'
import { openQueryCaches, type RunningOperation, runQuery } from './query.ts'
import { type GraphqlRequest, readGet, readPost } from './request.ts'

/** Options of the GraphQL endpoints. */
export interface GraphqlOptions {
  readonly stack: Stack
  readonly mode: 'development' | 'production'
  /** The allowed documents, by their id; null allows every document. */
  readonly documents: ReadonlyMap<string, string> | null
  readonly observe: Observe
}

/** The first document in the editor of the page at `/graphql`. */
const FIRST_QUERY =
  '# Write a document here; the schema is below.\n\n' +
  '{\n  __schema {\n    queryType {\n      fields {\n        name\n        description\n      }\n    }\n  }\n}\n'

/** The handlers of GraphQL's endpoints. */
export function graphqlHandlers(options: GraphqlOptions, { forVariant }: GraphqlSchemas): HandlersOf<GraphqlEndpointName> {
  const { stack, mode } = options
  const listed = new Set(options.documents?.values())
  const serving: Serving = { ...options, listed, apiOf: forVariant, ...openQueryCaches(), compiled: openDocumentCache() }
  return {
    getGraphql: (request) =>
      mode === 'development' && wantsPage(request)
        ? Promise.resolve(explorerPage(FIRST_QUERY, stack.identity?.scheme ?? 'Bearer'))
        : answering(serving, request, () => readGet(request.url)),
    postGraphql: (request) => answering(serving, request, () => readPost(jsonBody(request))),
    getGraphqlSchema: async (request) => schemaAnswer(serving, await callerOf(stack, request)),
  }
}

interface Serving extends GraphqlOptions {
  /** The texts of `documents`. */
  readonly listed: ReadonlySet<string>
  readonly apiOf: (variant: Variant) => GraphqlApi
  readonly statements: RunningOperation['statements']
  readonly introspections: RunningOperation['introspections']
  readonly compiled: ReturnType<typeof openDocumentCache>
}

function schemaAnswer({ stack, apiOf }: Serving, caller: Caller): Answer {
  const { schema } = apiOf(stack.context.viewFor(caller))
  return { status: 200, headers: {}, body: JSON.stringify({ sdl: printSchema(schema) }) }
}

/** Whether a browser asks for the page rather than for the answer to a document. */
function wantsPage(request: HttpRequest): boolean {
  return !request.url.includes('?') && /\btext\/html\b/.test(request.headers.accept ?? '')
}

function jsonBody({ body }: HttpRequest): unknown {
  if (body === null) throw failure('malformed_request', { what: 'the body is missing; send a JSON object as application/json' })
  return parseBody(body)
}

/**
 * Milliseconds before the answer to a refused document. Reading a document costs the server more than the client, so a client that sends
 * many bad documents is slowed down.
 */
const REFUSAL_PAUSE_MS = 10

/** Whether a request was refused because of its document, before any SQL. */
function isBadDocument(error: unknown): boolean {
  return (error instanceof GraphqlRefusal || error instanceof Failure) && error.status === 400
}

/** Reads, runs and answers a request. Every failure is answered in GraphQL's form. */
async function answering(serving: Serving, request: HttpRequest, read: () => GraphqlRequest): Promise<Answer> {
  const { scheme = 'Bearer' } = serving.stack.identity ?? {}
  const framing: Framing = { media: mediaOf(request.headers.accept), traceId: request.traceId, scheme }
  try {
    requireAcceptable('json', request.headers.accept)
    const caller = await takeRequest(serving.stack.rateLimits, request, () => callerOf(serving.stack, request))
    const { stack, answered } = signing(stackForRequest(serving.stack, request, caller), request)
    const own = { ...serving, stack }
    const operation = readOperation(own, caller, read())
    const requireRoom = (bytes: number): void => own.stack.largeAnswers.require(bytes, request)
    const answer = carryOut({ serving: own, framing, key: readKey(request, caller), requireRoom }, operation)
    return answered(
      await answer.catch((error: unknown) => {
        if (isRefusedUnbegun(error)) throw error
        return errorAnswer(reporting(serving), { error, reached: 'execution' }, framing)
      }),
    )
  } catch (error) {
    const answer = errorAnswer(reporting(serving), { error, reached: 'request' }, framing)
    if (isBadDocument(error)) await pause(REFUSAL_PAUSE_MS)
    return answer
  }
}

function reporting({ observe, stack }: Serving): Reporting {
  return { observe, format: stack.model.errors }
}

/** Whether an error means that the execution had not begun. */
function isRefusedUnbegun(error: unknown): boolean {
  if (error instanceof GraphqlRefusal) return true
  return error instanceof Failure && (error.code === 'idempotency_in_flight' || error.code === 'idempotency_mismatch')
}

interface Operation {
  readonly kind: 'query' | 'mutation'
  readonly running: RunningOperation
  readonly compiled: CompiledOperation
  readonly variables: VariableValues
}

/** Validates the document of a request and reads its operation and variables. @throws GraphqlRefusal, Failure. */
function readOperation(serving: Serving, caller: Caller, asked: GraphqlRequest): Operation {
  const { stack, mode } = serving
  const variant = stack.context.viewFor(caller)
  const telling: Telling = mode === 'development' || isKnown(caller) ? 'all' : 'least'
  const text = textOf(serving, asked)
  const document = compileDocument(serving.compiled, { text, apiOf: () => serving.apiOf(variant), variant: variant.key, telling })
  const api = serving.apiOf(variant)
  const operation = operationOf(document, asked.operationName)
  const kind = operation.node.operation
  if (asked.method === 'GET' && kind !== 'query') throw failure('method_not_allowed', { allow: 'POST for mutations' })
  const variables = variableValuesOf(api, operation, asked.variables, telling)
  const running: RunningOperation = {
    stack,
    api,
    caller,
    variant,
    telling,
    statements: serving.statements,
    introspections: serving.introspections,
  }
  return { kind: kind === 'mutation' ? 'mutation' : 'query', running, compiled: operation, variables }
}

async function carryOut(carrying: Carrying, operation: Operation): Promise<Answer> {
  if (operation.kind === 'mutation') return mutate(carrying, operation)
  const { running, compiled, variables } = operation
  const outcome = await runQuery(running, compiled, variables)
  carrying.requireRoom(outcome.data.length)
  return outcomeAnswer(reporting(carrying.serving), outcome, carrying.framing)
}

interface Carrying {
  readonly serving: Serving
  readonly framing: Framing
  /** Of `Idempotency-Key`. */
  readonly key: Fingerprint | null
  /** Checks that there is room for the answer to a query. @throws Failure `overloaded`. */
  readonly requireRoom: (bytes: number) => void
}

/** Runs a mutation. With an `Idempotency-Key` it runs once, like writes of REST. @throws GraphqlRefusal, Failure. */
async function mutate({ serving, framing, key }: Carrying, { running, compiled, variables }: Operation): Promise<Answer> {
  const { executor } = serving.stack
  // The answer of an action as system is kept for a repetition.
  const stack = callsKeptActions(running, compiled, variables) ? running.stack : keyedStack(running.stack, key)
  const prepare = () => prepareMutation({ ...running, stack }, compiled, variables)
  if (key === null) {
    const { outcome, after } = await (await prepare()).run(executor)
    await after()
    return outcomeAnswer(reporting(serving), outcome, framing)
  }
  try {
    return await performOnce(stack, key, {
      prepare: async () => performing(serving, requireWhole(await prepare()), framing),
      withinMs: null,
      isolation: isolationOf(running, compiled, variables),
    })
  } catch (error) {
    if (error instanceof Undone) return outcomeAnswer(reporting(serving), error.outcome, framing)
    throw error
  }
}

/** An outcome with errors. It is thrown so that the transaction rolls back and stores no answer. */
class Undone extends Error {
  readonly outcome: OperationOutcome

  constructor(outcome: OperationOutcome) {
    super('a mutation was refused')
    this.outcome = outcome
  }
}

function performing(serving: Serving, { run }: PreparedMutation, framing: Framing): Perform {
  return async (runner) => {
    const { outcome, ...rest } = await run(runner)
    if (outcome.problems.length > 0) throw new Undone(outcome)
    return { answer: outcomeAnswer(reporting(serving), outcome, framing), ...rest }
  }
}

/**
 * Refuses several mutations without `@atomic`: they have a transaction each, and one transaction must store the answer. @throws
 * GraphqlRefusal.
 */
function requireWhole(prepared: PreparedMutation): PreparedMutation {
  if (prepared.whole) return prepared
  throw graphqlRefusal(failure('malformed_request', { what: 'with Idempotency-Key, several mutations of one document need @atomic' }))
}

/** The text of the document. When there is a list of documents, the request gives an id of the list or a text that the list contains. */
function textOf({ documents, listed: texts }: Serving, { query, documentId }: GraphqlRequest): string {
  const listed = documentId === null ? undefined : documents?.get(documentId)
  if (listed !== undefined) return listed
  if (documents !== null && (query === null || !texts.has(query))) throw failure('unknown_document', { hasList: true })
  if (query === null)
    throw documentId === null
      ? failure('malformed_request', { what: 'query is missing; send the document as a text' })
      : failure('unknown_document', { hasList: false })
  return query
}
