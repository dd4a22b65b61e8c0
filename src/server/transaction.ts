/** `POST /api/transaction`: several operations, in order, in one transaction, each as if it had been sent alone. */

import { Failure, failure, ofOperation } from '../base/failure.ts'
import type { Runner } from '../base/statement.ts'
import type { Caller } from '../model/caller.ts'
import type { Entity } from '../model/model.ts'
import type { Answer } from './answer.ts'
import { type Asked, carryOut, type Performed, prepareAsked, type Stack } from './handle.ts'
import { LIMITS } from './limits.ts'
import type { Planned } from './planning.ts'
import { type Results, resolveText, resolveValue } from './references.ts'
import { readIntent } from './rest.ts'
import { type Operation, readOperations } from './transaction-body.ts'

interface Ready {
  readonly asked: Asked
  readonly planned: Planned
}

/** One operation with what is known of it before any has run: null when it depends on the answers of others. */
interface Step {
  readonly operation: Operation
  readonly ready: Ready | null
}

/**
 * Plans what can be planned, then runs the operations over a runner that is, or begins, one transaction.
 *
 * @throws Failure of the first operation that fails, with its index; nothing has then taken place.
 */
export async function performTransaction(
  stack: Stack,
  { caller, body }: { readonly caller: Caller; readonly body: unknown },
  runner: Pick<Stack['executor'], 'transaction'> = stack.executor,
): Promise<Performed> {
  const steps: Step[] = []
  for (const [i, operation] of readOperations(body).entries()) {
    const ready = operation.references.length > 0 ? null : await asOperation(inBody(i), () => prepareOperation(stack, caller, operation))
    steps.push({ operation, ready })
  }
  const done = await runner.transaction((within) => runSteps(stack, { caller, steps }, within), { withinMs: LIMITS.transactionMs })
  return {
    answer: { status: 200, headers: {}, body: `{"results":[${done.map(({ answer }) => resultJson(answer)).join(',')}]}` },
    async after() {
      for (const performed of done) await performed.after()
    },
  }
}

async function runSteps(
  stack: Stack,
  { caller, steps }: { readonly caller: Caller; readonly steps: readonly Step[] },
  runner: Runner,
): Promise<readonly Performed[]> {
  const done: Performed[] = []
  const results = new Map<string, unknown>()
  for (const [i, { operation, ready }] of steps.entries()) {
    const known = ready ?? (await prepareResolved(stack, caller, { operation, results, index: i }))
    const performed = await asOperation(inBody(i), () => carryOut(stack, known.asked, { planned: known.planned, runner }))
    done.push(performed)
    const { body } = performed.answer
    if (operation.name !== null && body !== null) results.set(operation.name, JSON.parse(body))
  }
  return done
}

async function prepareResolved(
  stack: Stack,
  caller: Caller,
  { operation, results, index }: { readonly operation: Operation; readonly results: Results; readonly index: number },
): Promise<Ready> {
  const at = `/operations/${index}`
  const resolved = await asOperation({ operation: index, pointer: '' }, async () => ({
    ...operation,
    path: resolveText(operation.path, results, `${at}/path`),
    body: resolveValue(operation.body, results, `${at}/body`),
  }))
  return asOperation(inBody(index), () => prepareOperation(stack, caller, resolved))
}

async function prepareOperation(stack: Stack, caller: Caller, { method, path, body, ifMatch, prefer }: Operation): Promise<Ready> {
  const [address = '', ...query] = path.split('?')
  const [, , name = '', id = null, ...more] = address.split('/')
  const entity: Entity | undefined = stack.model.entities.find((e) => e.path === decoded(name))
  if (entity === undefined || more.length > 0) throw failure('route_not_found', {})
  const intent = readIntent({ method, entity, id: id === null ? null : decoded(id), query: query.join('?'), ifMatch, prefer, body })
  const asked: Asked = { caller, intent, framing: { url: path, ifNoneMatch: null } }
  return { asked, planned: await prepareAsked(stack, asked) }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw failure('malformed_request', { what: 'the address has a broken percent encoding' })
  }
}

/** Which operation fails, and where the pointers of its problems begin. */
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
