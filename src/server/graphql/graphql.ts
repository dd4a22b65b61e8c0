/** The GraphQL door: `/graphql` as GraphQL over HTTP has it (draft of the GraphQL Foundation), with the rules, names and limits of REST. */

import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import { printSchema, type VariableValues } from 'graphql'
import { Failure, failure } from '../../base/failure.ts'
import type { GraphqlEndpointName } from '../../compile/endpoints/page-endpoints.ts'
import type { GraphqlApi } from '../../compile/graphql/schema.ts'
import type { GraphqlSchemas } from '../../compile/graphql/schemas.ts'
import { type Caller, claimOf } from '../../model/caller.ts'
import type { Fingerprint } from '../../services/idempotency/idempotency.ts'
import { requireAcceptable } from '../http/accept.ts'
import type { Answer } from '../http/answer.ts'
import { authenticate } from '../http/authenticate.ts'
import { parseBody } from '../http/body.ts'
import type { Observe } from '../http/observe.ts'
import type { HandlersOf } from '../http/route.ts'
import type { Variant } from '../plan/planning.ts'
import { runnerFor } from '../run/client-gone.ts'
import type { Stack } from '../run/stack.ts'
import { type Perform, performOnce, readKey } from '../write/idempotent.ts'
import { errorAnswer, type Framing, mediaOf, outcomeAnswer } from './answers.ts'
import { type CompiledOperation, compileDocument, openDocumentCache, operationOf, type Telling, variablesOf } from './documents/document.ts'
import { GraphqlRefusal, graphqlRefusal } from './documents/problem.ts'
import { explorerPage } from './explorer.ts'
import { type MutationOutcome, type PreparedMutation, prepareMutation } from './mutation.ts'
import { openQueryCaches, type RunningOperation, runQuery } from './query.ts'
import { type GraphqlRequest, readGet, readPost } from './request.ts'

/** What the GraphQL endpoints are made from. */
export interface GraphqlOptions {
  readonly stack: Stack
  readonly mode: 'development' | 'production'
  /** The only documents that are answered, by their id; null answers any. */
  readonly documents: ReadonlyMap<string, string> | null
  readonly observe: Observe
}

/** A document for a page that nobody has written on yet. */
const FIRST_QUERY =
  '# Write a document here; the schema is below.\n\n{\n  __schema {\n    queryType {\n      fields {\n        name\n        description\n      }\n    }\n  }\n}\n'

/** The handlers of GraphQL's endpoints. */
export function graphqlHandlers(options: GraphqlOptions, { forVariant }: GraphqlSchemas): HandlersOf<GraphqlEndpointName> {
  const { stack, mode } = options
  const listed = new Set(options.documents?.values())
  const door: Door = { ...options, listed, apiOf: forVariant, ...openQueryCaches(), compiled: openDocumentCache() }
  return {
    getGraphql: (request) =>
      mode === 'development' && wantsPage(request)
        ? Promise.resolve(explorerPage(FIRST_QUERY))
        : answering(door, request, () => readGet(request.url)),
    postGraphql: (request) => answering(door, request, () => readPost(jsonBody(request))),
    getGraphqlSchema: async (request) => schemaAnswer(door, await callerOf(stack, request)),
  }
}

interface Door extends GraphqlOptions {
  /** The texts of `documents`. */
  readonly listed: ReadonlySet<string>
  readonly apiOf: (variant: Variant) => GraphqlApi
  readonly statements: RunningOperation['statements']
  readonly introspections: RunningOperation['introspections']
  readonly compiled: ReturnType<typeof openDocumentCache>
}

function schemaAnswer({ stack, apiOf }: Door, caller: Caller): Answer {
  const { schema } = apiOf(stack.context.viewFor(caller))
  return { status: 200, headers: {}, body: JSON.stringify({ sdl: printSchema(schema) }) }
}

/** The same door, working for a client who may hang up. */
function doorFor(door: Door, request: FastifyRequest, caller: Caller): Door {
  const { stack } = door
  return { ...door, stack: { ...stack, executor: { ...stack.executor, ...runnerFor(stack, request, caller) } } }
}

function wantsPage(request: FastifyRequest): boolean {
  return !request.url.includes('?') && /\btext\/html\b/.test(request.headers.accept ?? '')
}

function callerOf(stack: Stack, request: FastifyRequest): Promise<Caller> {
  return authenticate(stack.identity, request.headers.authorization)
}

function jsonBody(request: FastifyRequest): unknown {
  if (!Buffer.isBuffer(request.body))
    throw failure('malformed_request', { what: 'the body is missing; send a JSON object as application/json' })
  return parseBody(request.body)
}

/**
 * How long the refusal of a document waits. Reading it has cost the process more than its sender; whoever sends one after the other
 * leaves the process to everybody else meanwhile.
 */
const REFUSAL_PAUSE_MS = 10

/** Refuses the document itself, before any SQL. */
function isBadDocument(error: unknown): boolean {
  return (error instanceof GraphqlRefusal || error instanceof Failure) && error.status === 400
}

/** Reads, runs and answers; whatever fails on the way is answered in GraphQL's form too. */
async function answering(door: Door, request: FastifyRequest, read: () => GraphqlRequest): Promise<Answer> {
  const media = mediaOf(request.headers.accept)
  try {
    requireAcceptable(request.headers.accept)
    const caller = await callerOf(door.stack, request)
    const framing = { media, traceId: request.id }
    const own = doorFor(door, request, caller)
    const operation = readOperation(own, caller, read())
    return await carryOut({ door: own, framing, key: readKey(request, caller) }, operation).catch((error: unknown) => {
      if (isRefusedUnbegun(error)) throw error
      return errorAnswer(door.observe, { error, reached: 'execution' }, framing)
    })
  } catch (error) {
    const answer = errorAnswer(door.observe, { error, reached: 'request' }, { media, traceId: request.id })
    if (isBadDocument(error)) await pause(REFUSAL_PAUSE_MS)
    return answer
  }
}

/** A refusal that was found late: nothing was carried out. */
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

/** The operation that is asked for, valid and with its variables. @throws GraphqlRefusal, Failure. */
function readOperation(door: Door, caller: Caller, asked: GraphqlRequest): Operation {
  const { stack, mode } = door
  const variant = stack.context.viewFor(caller)
  const telling: Telling = mode === 'development' || claimOf(caller, 'id') !== null ? 'all' : 'least'
  const text = textOf(door, asked)
  const document = compileDocument(door.compiled, { text, apiOf: () => door.apiOf(variant), variant: variant.key, telling })
  const api = door.apiOf(variant)
  const operation = operationOf(document, asked.operationName)
  const kind = operation.node.operation
  if (asked.method === 'GET' && kind !== 'query') throw failure('method_not_allowed', { allow: 'POST for mutations' })
  const variables = variablesOf(api, operation, asked.variables, telling)
  const running: RunningOperation = {
    stack,
    api,
    caller,
    variant,
    telling,
    statements: door.statements,
    introspections: door.introspections,
  }
  return { kind: kind === 'mutation' ? 'mutation' : 'query', running, compiled: operation, variables }
}

async function carryOut(carrying: Carrying, operation: Operation): Promise<Answer> {
  if (operation.kind === 'mutation') return mutate(carrying, operation)
  const { running, compiled, variables } = operation
  const data = await runQuery(running, compiled, variables)
  return outcomeAnswer(carrying.door.observe, { data, problems: [], defects: [] }, carrying.framing)
}

interface Carrying {
  readonly door: Door
  readonly framing: Framing
  /** Of `Idempotency-Key`. */
  readonly key: Fingerprint | null
}

/** Carries out a mutation; with a key, once, as REST's writes are. @throws GraphqlRefusal, Failure. */
async function mutate({ door, framing, key }: Carrying, { running, compiled, variables }: Operation): Promise<Answer> {
  const { executor } = door.stack
  const prepare = () => prepareMutation(running, compiled, variables)
  if (key === null) {
    const { outcome, after } = await (await prepare()).run(executor)
    await after()
    return outcomeAnswer(door.observe, outcome, framing)
  }
  try {
    return await performOnce(executor, key, {
      prepare: async () => performing(door, requireWhole(await prepare()), framing),
      withinMs: null,
    })
  } catch (error) {
    if (error instanceof Undone) return outcomeAnswer(door.observe, error.outcome, framing)
    throw error
  }
}

/** An outcome with errors, which nothing is kept of: thrown, it ends the transaction. */
class Undone extends Error {
  readonly outcome: MutationOutcome

  constructor(outcome: MutationOutcome) {
    super('a mutation was refused')
    this.outcome = outcome
  }
}

function performing(door: Door, { run }: PreparedMutation, framing: Framing): Perform {
  return async (runner) => {
    const { outcome, after } = await run(runner)
    if (outcome.problems.length > 0) throw new Undone(outcome)
    return { answer: outcomeAnswer(door.observe, outcome, framing), after }
  }
}

/** @throws GraphqlRefusal for several mutations that stand each for itself: an answer is kept by the one transaction that it is about. */
function requireWhole(prepared: PreparedMutation): PreparedMutation {
  if (prepared.whole) return prepared
  throw graphqlRefusal(failure('malformed_request', { what: 'with Idempotency-Key, several mutations of one document need @atomic' }))
}

/** The text of the document. With a list, a document is named by its id or is on the list itself. */
function textOf({ documents, listed: texts }: Door, { query, documentId }: GraphqlRequest): string {
  const listed = documentId === null ? undefined : documents?.get(documentId)
  if (listed !== undefined) return listed
  if (documents !== null && (query === null || !texts.has(query))) throw failure('unknown_document', { hasList: true })
  if (query === null)
    throw documentId === null
      ? failure('malformed_request', { what: 'query is missing; send the document as a text' })
      : failure('unknown_document', { hasList: false })
  return query
}
