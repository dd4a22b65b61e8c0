/**
 * Runs code of a design inside a transaction. The code gets a context whose `db` is the transaction. The code is ended when its time
 * limit is over. Its context cannot be used after the code has ended, so that no call reaches the connection then.
 */

import { failure } from '../../base/failure.ts'
import type { Runner } from '../../base/sql/statement.ts'
import type { CodeLog, TransactionContext } from '../../design/authoring/context-types.ts'
import type { Caller, ClaimValue } from '../../model/caller.ts'
import { claimOf } from '../../model/caller.ts'
import type { Model } from '../../model/model.ts'
import type { ServiceClients, ServiceRun } from '../../services/http/services.ts'
import { newTraceId } from '../http/trace-id.ts'
import type { Stack } from '../run/stack.ts'
import { openCodeCalls } from './code-calls.ts'
import { type CodeTables, openTables } from './database.ts'
import { codeFailure, defect, type FailedCode } from './failures.ts'
import { openJobCalls } from './job-calls.ts'

/** A function of a design, with a name for messages such as `action checkout`. */
export interface NamedCode {
  readonly name: string
  readonly code: (context: never) => unknown
}

/** Where code runs, and for whom. */
export interface CodeCall {
  readonly stack: Stack
  readonly caller: Caller
  /** A runner in the transaction. */
  readonly runner: Runner
  /** Whether it may write. */
  readonly writes: boolean
  /** With `system`, `db.system` has the tables without rules. */
  readonly as: 'caller' | 'system'
  readonly now: Date
  /** Milliseconds until the code is ended. */
  readonly withinMs: number
}

/** What code has returned. */
export interface RanCode {
  readonly value: unknown
  /** Runs the follow-ups of its writes. Call it after the commit. @throws Failure when the database fails; the writes stay. */
  readonly after: () => Promise<void>
}

/** The members of a context that all code has. */
export type CommonContext = TransactionContext<CodeTables, Readonly<Record<string, ClaimValue>>>

/**
 * Runs code and waits for its end. `parts` are the members of its context besides those that all code has.
 *
 * @throws Failure of a thrown problem, of the first refused write (even if the code catches it), and of the time limit; `internal_error`
 * for any other error, with the place in the project in its note.
 */
export async function runCode({ name, code }: NamedCode, called: CodeCall, parts: object): Promise<RanCode> {
  const { stack, caller, runner } = called
  const failed: FailedCode = { name, model: stack.model, explains: stack.context.explainDenials }
  const calls = openCodeCalls(runner)
  const ending = new AbortController()
  const common: CommonContext = {
    db: openTables({ stack, caller, calls, writes: called.writes }, called.as),
    jobs: openJobCalls({ stack, caller, calls, writes: called.writes }),
    caller: claimsOf(stack.model, caller),
    now: called.now,
    log: logOf(stack, name),
    signal: signalOf(stack, ending),
  }
  const limit = limitOf(called.withinMs)
  const ended = stack.runningCode.begin(name)
  try {
    const context = Object.freeze({ ...common, ...parts })
    const value = await Promise.race([call(code as (context: object) => unknown, context), limit.over])
    if (calls.isBusy()) throw new Error('the code returned before a call of ctx.db had ended: await each call')
    const refused = calls.refused()
    if (refused !== null) throw refused.error
    return { value, after: calls.after }
  } catch (error) {
    const known = calls.refused()?.error ?? error
    throw known === limit.reached ? failure('statement_timeout', {}, `${name} did not end in time`) : codeFailure(failed, known)
  } finally {
    ended()
    limit.clear()
    ending.abort()
    await calls.end()
  }
}

/** Where code runs that opens its transaction itself. */
export interface OwnCall extends Pick<CodeCall, 'stack' | 'caller' | 'now' | 'withinMs'> {
  /** Runs work of the code in the transaction, and gives its value after the commit. */
  readonly transact: (work: NamedCode['code'], withinMs: number) => Promise<unknown>
}

/**
 * Runs code outside of a transaction, and waits for its end. `ctx.transaction` opens the transaction, at most once. It cannot be opened
 * after the end of the code. `ctx.services` calls other systems, but not while the transaction is open.
 *
 * @throws Failure of a thrown problem, of the transaction, and of the time limit; `internal_error` for any other error.
 */
export async function runOwnCode({ name, code }: NamedCode, called: OwnCall, parts: object): Promise<unknown> {
  const { stack, caller, now } = called
  const ends = performance.now() + called.withinMs
  const ending = new AbortController()
  const opened: Promise<unknown>[] = []
  let isOpen = false
  const transaction = async (work: NamedCode['code']): Promise<unknown> => {
    if (ending.signal.aborted) throw new Error('ctx.transaction was used after the code had ended')
    if (opened.length > 0) throw new Error('ctx.transaction may be used once: one action has one transaction')
    isOpen = true
    const result = called.transact(work, ends - performance.now()).finally(() => {
      isOpen = false
    })
    // If the code does not wait for it, its rejection is not unhandled.
    result.catch(() => {})
    opened.push(result)
    return result
  }
  const signal = signalOf(stack, ending)
  const context = Object.freeze({
    caller: claimsOf(stack.model, caller),
    now,
    log: logOf(stack, name),
    signal,
    services: clientsOf(called, {
      signal,
      ends,
      refusal: () => (ending.signal.aborted ? AFTER_END : isOpen ? WHILE_OPEN : null),
    }),
    ...parts,
    transaction,
  })
  const limit = limitOf(called.withinMs)
  const ended = stack.runningCode.begin(name)
  try {
    const value = await Promise.race([call(code as (context: object) => unknown, context), limit.over])
    if (isOpen) throw new Error('the code returned before ctx.transaction had ended: await it')
    return value
  } catch (error) {
    const failed: FailedCode = { name, model: stack.model, explains: stack.context.explainDenials }
    throw error === limit.reached ? failure('statement_timeout', {}, `${name} did not end in time`) : codeFailure(failed, error)
  } finally {
    ended()
    limit.clear()
    ending.abort()
    await Promise.allSettled(opened)
  }
}

const AFTER_END = 'it was used after the code had ended'
/** Why no service can be called in a transaction. */
export const WHILE_OPEN = 'no service can be called while the transaction is open, because the call cannot be undone with it'

/** The clients of the services of the design. */
export function clientsOf(
  { stack, caller }: Pick<OwnCall, 'stack' | 'caller'>,
  run: Pick<ServiceRun, 'signal' | 'ends' | 'refusal'>,
): ServiceClients {
  return stack.services?.clientsFor({ ...run, caller, traceId: stack.traceId ?? newTraceId() }) ?? NO_SERVICES
}

const NO_SERVICES: ServiceClients = Object.freeze({})

/** The failure for an answer of code that does not fit the design. */
export function wrongAnswer(stack: Stack, name: string, why: string) {
  return defect({ name, model: stack.model, explains: stack.context.explainDenials }, new TypeError(why))
}

/** Calls code. An error that it throws before its first `await` is a rejection too. */
async function call(code: (context: object) => unknown, context: object): Promise<unknown> {
  return code(context)
}

interface Limit {
  /** Rejects with `reached` after the time. */
  readonly over: Promise<never>
  readonly reached: Error
  readonly clear: () => void
}

function limitOf(withinMs: number): Limit {
  const reached = new Error('the time limit of the code')
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => {})
  const timer = setTimeout(() => reject(reached), Math.max(0, withinMs))
  return { over: promise, reached, clear: () => clearTimeout(timer) }
}

/** The claims of a caller, as code gets them. */
export function claimsOf(model: Model, caller: Caller): Readonly<Record<string, ClaimValue>> {
  const claims: Record<string, ClaimValue> = Object.create(null)
  for (const { name } of model.claims) claims[name] = claimOf(caller, name)
  return Object.freeze(claims)
}

/** Aborted at the end of the code, and when the job that it belongs to must end. */
function signalOf({ cancelled }: Stack, { signal }: AbortController): AbortSignal {
  return cancelled === undefined ? signal : AbortSignal.any([signal, cancelled])
}

/** The log of code. */
export function logOf({ logCode }: Stack, name: string): CodeLog {
  const write = (level: 'info' | 'warn' | 'error') => (message: string, fields?: object) =>
    logCode?.({ level, code: name, message: String(message), fields: { ...fields } })
  return Object.freeze({ info: write('info'), warn: write('warn'), error: write('error') })
}
