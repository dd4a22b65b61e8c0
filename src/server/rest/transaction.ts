/** `POST /api/transaction`: runs several operations in order in one transaction, each like a separate request. */

import { Failure, failure, ofOperation } from '../../base/failure.ts'
import { parseJson } from '../../base/number/exact-json.ts'
import type { Runner } from '../../base/sql/statement.ts'
import type { BoundValues } from '../../design/expression/scope.ts'
import type { Caller } from '../../model/caller.ts'
import type { Answer } from '../http/answer.ts'
import type { Stack } from '../run/stack.ts'
import type { Perform, Performed } from '../write/idempotent.ts'
import { findTarget, noSuchAddress, SLASH_HINT } from './address.ts'
import { prepareAsked } from './perform.ts'
import { type Results, resolvePath, resolveValue } from './references.ts'
import { readIntent } from './rest-intent.ts'
import { readOperations, type TransactionOperation } from './transaction-body.ts'

/** An operation of the list. `perform` is null when the operation needs earlier answers, so it cannot be prepared in advance. */
interface Step {
  readonly operation: TransactionOperation
  readonly perform: Perform | null
}

/**
 * Prepares the operations that need no earlier answer. The result runs all operations on one runner, in one transaction.
 *
 * @throws Failure of the first operation that fails, with its index; the transaction then changes nothing.
 */
export async function prepareTransaction(
  stack: Stack,
  { caller, body }: { readonly caller: Caller; readonly body: unknown },
): Promise<Perform> {
  const steps: Step[] = []
  for (const [i, operation] of readOperations(body).entries()) {
    const perform = operation.references.length > 0 ? null : await asOperation(inBody(i), () => prepareOperation(stack, caller, operation))
    steps.push({ operation, perform })
  }
  return async (runner) => {
    const done = await runner.transaction((within) => runSteps(stack, { caller, steps }, within))
    return {
      answer: { status: 200, headers: {}, body: `{"results":[${done.map(({ answer }) => resultJson(answer)).join(',')}]}` },
      async after() {
        for (const performed of done) await performed.after()
      },
    }
  }
}

async function runSteps(
  stack: Stack,
  { caller, steps }: { readonly caller: Caller; readonly steps: readonly Step[] },
  runner: Runner,
): Promise<readonly Performed[]> {
  const done: Performed[] = []
  const results = new Map<string, unknown>()
  for (const [i, { operation, perform }] of steps.entries()) {
    const known = perform ?? (await prepareResolved(stack, caller, { operation, results, index: i }))
    const performed = await asOperation(inBody(i), () => known(runner))
    done.push(performed)
    const { body } = performed.answer
    if (operation.name !== null && body !== null) results.set(operation.name, parseJson(body))
  }
  return done
}

async function prepareResolved(
  stack: Stack,
  caller: Caller,
  { operation, results, index }: { readonly operation: TransactionOperation; readonly results: Results; readonly index: number },
): Promise<Perform> {
  const at = `/operations/${index}`
  const resolved = await asOperation({ operation: index, pointer: '' }, async () => ({
    ...operation,
    ...resolvePath(operation.path, results, `${at}/path`),
    body: resolveValue(operation.body, results, `${at}/body`),
  }))
  return asOperation(inBody(index), () => prepareOperation(stack, caller, resolved))
}

async function prepareOperation(
  stack: Stack,
  caller: Caller,
  { method, path, body, ifMatch, prefer, bound }: TransactionOperation & { readonly bound?: BoundValues },
): Promise<Perform> {
  const [address = '', ...query] = path.split('?')
  const [, , name = '', id = null, ...more] = address.split('/')
  if (more.length > 0) throw failure('route_not_found', { hint: more.join('') === '' ? SLASH_HINT : '' })
  const named = { path: decoded(name), id: id === null ? null : decoded(id) }
  const target = findTarget(stack.model, named)
  if (target === null) throw noSuchAddress(stack, caller, named)
  const intent = readIntent({ method, ...target, query: query.join('?'), ifMatch, prefer, body, ...(bound && { bound }) })
  return prepareAsked(stack, { caller, intent, framing: { url: path, ifNoneMatch: null, ifMatch } })
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw failure('malformed_request', { what: 'the address has a broken percent encoding' })
  }
}

/** The failed operation, and the pointer at which its problems begin. */
type Place = Parameters<typeof ofOperation>[1]

function inBody(index: number): Place {
  return { operation: index, pointer: `/operations/${index}/body` }
}

async function asOperation<T>(place: Place, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof Failure ? ofOperation(error, place) : error
  }
}

function resultJson({ status, headers, body }: Answer): string {
  const shown = Object.keys(headers).length === 0 ? '' : `,"headers":${JSON.stringify(headers)}`
  return `{"status":${status}${shown}${body === null ? '' : `,"body":${body}`}}`
}
