/** `POST /api/transaction`: runs several operations in order in one transaction, each like a separate request. */

import { Failure, failure, invalid, ofOperation } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import { parseJson } from '../../base/number/exact-json.ts'
import type { Runner } from '../../base/sql/statement.ts'
import { viewOf } from '../../compile/rules/view.ts'
import { answerRoomStatement } from '../../compile/statements/answer-meter.ts'
import type { BoundValues } from '../../design/expression/scope.ts'
import { restBase } from '../../model/address/served.ts'
import type { Caller } from '../../model/caller.ts'
import type { TextAnswer } from '../http/answer.ts'
import { ALONE } from '../plan/plan-write.ts'
import { tooManyBytes } from '../run/answer-size.ts'
import { openDeferredChecks } from '../run/deferred-checks.ts'
import type { CollectedAnswer } from '../run/large-answers.ts'
import type { Stack } from '../run/stack.ts'
import { inTurns } from '../run/turns.ts'
import type { Perform, Performed } from '../write/idempotent.ts'
import { findTarget, noSuchAddress, SLASH_HINT } from './address.ts'
import { prepareAsked } from './perform.ts'
import { openReferenceRoom } from './reference-room.ts'
import { type Resolving, resolvePath, resolveValue } from './references.ts'
import { readIntent } from './rest-intent.ts'
import { readOperations, type TransactionOperation } from './transaction-body.ts'

/** An operation of the list. `perform` is null when the operation needs earlier answers, so it cannot be prepared in advance. */
interface Step {
  readonly operation: TransactionOperation
  readonly perform: Perform | null
}

/** The request for a transaction. */
export interface AskedTransaction {
  readonly caller: Caller
  readonly body: unknown
  /** Begins to count the bytes of the answer, which is made before anything is committed. */
  readonly collect: () => CollectedAnswer
}

/**
 * Prepares the operations that need no earlier answer. The result runs all operations on one runner, in one transaction, and then judges
 * the checks over relations.
 *
 * @throws Failure of the first operation that fails, with its index; the transaction then changes nothing.
 */
export async function prepareTransaction(whole: Stack, { caller, body, collect }: AskedTransaction): Promise<Perform> {
  const deferred = openDeferredChecks(whole.model)
  const stack = { ...whole, deferred }
  const steps: Step[] = []
  await inTurns(readOperations(body, restBase(stack.model)), async (operation, i) => {
    const perform = operation.references.length > 0 ? null : await asOperation(inBody(i), () => prepareOperation(stack, caller, operation))
    steps.push({ operation, perform })
  })
  return async (runner) => {
    const { afters, results } = await runner.transaction(async (within) => {
      const collected = collect()
      try {
        const ran = await runSteps(stack, { caller, steps, body, collected }, within)
        await deferred.judge(within)
        return ran
      } finally {
        collected.end()
      }
    })
    return {
      answer: { status: 200, headers: {}, body: bodyOf(results) },
      async after() {
        for (const after of afters) await after()
      },
    }
  }
}

/** When the answer has more bytes than this, each further statement gets the remaining room as its limit. */
const NEGLIGIBLE_BYTES = 65_536

/** The work of the operations for after the commit, and the JSON of their results. The answers themselves are not kept: they are large. */
interface Done {
  readonly afters: readonly Performed['after'][]
  readonly results: readonly string[]
}

/** One run of the operations. */
interface Run {
  readonly caller: Caller
  readonly steps: readonly Step[]
  readonly body: unknown
  readonly collected: CollectedAnswer
}

/** Runs the operations in order. @throws Failure of the first that fails; `answer_too_large` and `overloaded` when the results together
 * are too large, alone or with other answers under way. */
async function runSteps(stack: Stack, { caller, steps, body: sent, collected }: Run, runner: Runner): Promise<Done> {
  const afters: Performed['after'][] = []
  const results: string[] = []
  const named = new Map<string, unknown>()
  const resolving: Resolving | null = steps.every(({ perform }) => perform !== null)
    ? null
    : { results: named, room: openReferenceRoom(sent) }
  // The first result has no comma before it.
  let room = LIMITS.answerBytes - bodyOf([]).length + 1
  for (const [i, { operation, perform }] of steps.entries()) {
    const known = perform ?? (await prepareResolved(stack, caller, { operation, resolving, index: i }))
    const { answer, after } = await asOperation(inBody(i), async () => {
      if (LIMITS.answerBytes - room > NEGLIGIBLE_BYTES) await runner.run(answerRoomStatement, { bytes: room })
      const ran = await known(runner)
      const result = resultJson(ran.answer)
      const bytes = Buffer.byteLength(result) + 1
      room -= bytes
      if (room < 0) throw tooManyBytes()
      collected.add(bytes)
      results.push(result)
      return ran
    })
    afters.push(after)
    if (operation.name !== null && answer.body !== null) named.set(operation.name, parseJson(answer.body))
  }
  return { afters, results }
}

async function prepareResolved(
  stack: Stack,
  caller: Caller,
  {
    operation,
    resolving,
    index,
  }: { readonly operation: TransactionOperation; readonly resolving: Resolving | null; readonly index: number },
): Promise<Perform> {
  if (resolving === null) throw new Error('an operation without references is prepared before')
  const at = `/operations/${index}`
  const resolved = await asOperation({ operation: index, pointer: '' }, async () => ({
    ...operation,
    ...resolvePath(operation.path, resolving, `${at}/path`),
    body: resolveValue(operation.body, resolving, `${at}/body`),
  }))
  return asOperation(inBody(index), () => prepareOperation(stack, caller, resolved))
}

/** The segment of the addresses of actions of the design. No entity can have it. */
const ACTIONS = 'actions'
const ACTION_HINT = '; the operations of a transaction are on rows, and an action is called by itself'

async function prepareOperation(
  stack: Stack,
  caller: Caller,
  { method, path, body, ifMatch, prefer, bound }: TransactionOperation & { readonly bound?: BoundValues },
): Promise<Perform> {
  const [address = '', ...query] = path.split('?')
  const [, , name = '', id = null, ...more] = address.split('/')
  if (more.length > 0) throw failure('route_not_found', { hint: more.join('') === '' ? SLASH_HINT : ACTION_HINT })
  if (name === ACTIONS) throw failure('route_not_found', { hint: ACTION_HINT })
  const named = { path: decoded(name), id: id === null ? null : decoded(id) }
  const target = findTarget(stack.model, named)
  if (target === null) throw noSuchAddress(stack, caller, named)
  const own = viewOf(stack.context.viewFor(caller).view, target.entity.name)
  if (method === 'POST' && own.hidesTakenLogin) throw invalid([{ pointer: '', rule: 'alone', message: ALONE }])
  const intent = readIntent({ method, ...target, query: query.join('?'), ifMatch, prefer, body, ...(bound && { bound }) })
  // With bound values, the path has words that mean something in this transaction alone.
  const url = bound === undefined || bound.size === 0 ? path : null
  return prepareAsked(stack, { caller, intent, framing: { url, ifNoneMatch: null, ifMatch } })
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

function bodyOf(results: readonly string[]): string {
  return `{"results":[${results.join(',')}]}`
}

function resultJson({ status, headers, body }: TextAnswer): string {
  const shown = Object.keys(headers).length === 0 ? '' : `,"headers":${JSON.stringify(headers)}`
  return `{"status":${status}${shown}${body === null ? '' : `,"body":${body}`}}`
}
