/** What the handler of a route gets about its request: the caller, the tables and a transaction. */

import { LIMITS } from '../../base/limits.ts'
import type { RouteContext } from '../../design/authoring/context-types.ts'
import type { Caller, ClaimValue } from '../../model/caller.ts'
import type { ServiceClients } from '../../services/http/services.ts'
import { type CodeTables, openTables } from '../code/database.ts'
import { type CommonContext, claimsOf, clientsOf, logOf, type NamedCode, runCode, WHILE_OPEN } from '../code/run-code.ts'
import { openDeferredChecks } from '../run/deferred-checks.ts'
import type { Stack } from '../run/stack.ts'
import { openSingleCalls } from './single-calls.ts'

/** A request to a route of code. */
export interface RouteCall {
  /** The stack of this request. */
  readonly stack: Stack
  readonly caller: Caller
  readonly as: 'caller' | 'system'
  /** For messages: `route GET /invoices/:id`. */
  readonly name: string
  /** Aborted when the client has gone, or has its answer. */
  readonly signal: AbortSignal
}

/** The context of a request. The types of `db` and `caller` follow from the design. */
export type OpenedContext = RouteContext<CodeTables, Readonly<Record<string, ClaimValue>>, ServiceClients>

/** Opens the context of a request. Services can be called by it, but not while a transaction of the request is open. */
export function openRouteContext(call: RouteCall): OpenedContext {
  const { stack, caller, as, name, signal } = call
  let open = 0
  return Object.freeze({
    db: openTables({ stack, caller, calls: openSingleCalls(stack.executor), writes: true }, as),
    caller: claimsOf(stack.model, caller),
    log: logOf(stack, name),
    signal,
    // A handler has no time limit of its own, so each call has that of its service.
    services: clientsOf(call, { signal, ends: Number.POSITIVE_INFINITY, refusal: () => (open > 0 ? WHILE_OPEN : null) }),
    async transaction<T>(work: (ctx: CommonContext) => T | Promise<T>): Promise<T> {
      open += 1
      try {
        return (await runTransaction(call, work)) as T
      } finally {
        open -= 1
      }
    },
  })
}

/** Runs work in a transaction, and gives its value after the commit. After a deadlock the work runs again. */
async function runTransaction({ stack, caller, as, name }: RouteCall, work: NamedCode['code']): Promise<unknown> {
  const limitMs = LIMITS.transactionMs
  const ends = performance.now() + limitMs * stack.patience
  const { value, after } = await stack.executor.transaction(
    async (runner) => {
      const deferred = openDeferredChecks(stack.model)
      const within = {
        stack: { ...stack, deferred },
        caller,
        runner,
        writes: true,
        as,
        now: new Date(),
        withinMs: ends - performance.now(),
      }
      const ran = await runCode({ name, code: work }, within, {})
      await deferred.judge(runner)
      return ran
    },
    { withinMs: limitMs },
  )
  await after()
  return value
}
