/** The `Idempotency-Key` header: a write with a key takes effect once, and each repetition gets an answer about the same rows. */

import { failure } from '../../base/failure.ts'
import type { Runner, TransactionOptions } from '../../base/sql/statement.ts'
import { type MaybePromise, whenReady } from '../../base/waiting/when-ready.ts'
import { type Caller, claimOf } from '../../model/caller.ts'
import { claimKey, type Fingerprint, findAnswer, fingerprint, type KeptAnswer, keepAnswer } from '../../services/idempotency/idempotency.ts'
import type { TextAnswer } from '../http/answer.ts'
import type { HttpRequest } from '../http/request.ts'
import { explained } from '../run/database-failure.ts'
import { openJournal } from '../run/journal.ts'
import type { Stack } from '../run/stack.ts'

const MAX_CHARACTERS = 255

/** The answer of the work, and its follow-ups, which run after the commit. */
export interface Performed {
  readonly answer: TextAnswer
  /** The secrets in the answer. A repetition gets null in place of each. */
  readonly secrets?: readonly string[]
  readonly after: () => MaybePromise<void>
}

/** Runs prepared work on a runner. @throws Failure when the work is refused or fails. */
export type Perform = (runner: Runner) => Promise<Performed>

/** Work in two steps: a step without the database, and a step in the transaction. */
export interface Work extends Pick<TransactionOptions, 'isolation' | 'access'> {
  readonly prepare: () => MaybePromise<Perform>
  /** The timeout of the transaction in milliseconds; null when only its statements have timeouts. */
  readonly withinMs: number | null
  /** Judges a repetition before it is answered. @throws Failure when the caller may no longer make such a request. */
  readonly judgeRepetition?: () => void
}

/**
 * Reads the key of a request; null without the header. `inputs` are headers, in lower case, that are a part of what is asked.
 *
 * @throws Failure `malformed_request` for an invalid key.
 */
export function readKey(request: HttpRequest, caller: Caller, inputs: readonly string[] = []): Fingerprint | null {
  const key = request.headers['idempotency-key']
  if (key === undefined) return null
  if (typeof key !== 'string' || key.length > MAX_CHARACTERS || !/^[\x20-\x7e]+$/.test(key))
    throw failure('malformed_request', { what: `Idempotency-Key takes 1 to ${MAX_CHARACTERS} printable characters` })
  const [path = '', ...query] = request.url.split('?')
  const address = oneSpelling(path)
  const { 'if-match': ifMatch = '', prefer = '' } = request.headers
  return fingerprint({
    key,
    scope: [scopeOf(caller), request.method, address],
    payload: [
      [address, ...query].join('?'),
      String(ifMatch),
      String(prefer),
      request.body ?? '',
      ...inputs.map((name) => String(request.headers[name] ?? '')),
    ],
  })
}

/** The owner of the keys. Callers do not share keys. */
function scopeOf(caller: Caller): string {
  if (caller.backend !== undefined) return `backend ${caller.backend}`
  const id = claimOf(caller, 'id')
  return id === null ? 'nobody' : `user ${id}`
}

/** The decoded path. `/api/%73ecrets` equals `/api/secrets`, so a key has the same meaning for both. */
function oneSpelling(path: string): string {
  return path.split('/').map(oneSegment).join('/')
}

/** Decodes a segment of a path. A segment with an invalid percent encoding stays unchanged, because no path contains it. */
function oneSegment(segment: string): string {
  try {
    return encodeURIComponent(decodeURIComponent(segment))
  } catch {
    return segment
  }
}

/** The stack for a request with a key: it records the writes, so that a repetition can read their rows again. */
export function keyedStack(stack: Stack, key: Fingerprint | null): Stack {
  return key === null ? stack : { ...stack, journal: openJournal() }
}

/**
 * Performs work and then its follow-ups; with a key only once. A repetition performs the work again, but reads the written rows instead of
 * writing them; without a journal it gets the kept answer.
 *
 * @throws Failure when the work is refused or fails; nothing is then stored under the key.
 */
export function performOnce(stack: Keeping, key: Fingerprint | null, work: Work): MaybePromise<TextAnswer> {
  const { withinMs, isolation, access } = work
  const options: TransactionOptions = { withinMs: withinMs ?? undefined, isolation, access }
  if (key !== null) return performWithKey({ ...work, stack, key }, options)
  return whenReady(work.prepare(), (perform) =>
    (withinMs === null ? perform(stack.executor) : stack.executor.transaction(perform, options)).then(finish),
  )
}

async function performWithKey(keeping: KeyedWork, options: TransactionOptions): Promise<TextAnswer> {
  const { executor: runner } = keeping.stack
  const kept = await findAnswer(explained(runner.run), keeping.key)
  if (kept !== null) return runner.transaction((within) => replay(keeping, kept, within), options)
  const perform = await keeping.prepare()
  return finish(await runner.transaction((within) => performKept(keeping, perform, within), options))
}

/** The parts of a stack that a write with a key uses. */
type Keeping = Pick<Stack, 'executor' | 'journal' | 'cipher'>

interface KeyedWork extends Pick<Work, 'prepare' | 'judgeRepetition'> {
  readonly stack: Keeping
  readonly key: Fingerprint
}

function finish({ answer, after }: Performed): MaybePromise<TextAnswer> {
  return whenReady(after(), () => answer)
}

async function performKept(keeping: KeyedWork, perform: Perform, runner: Runner): Promise<Performed> {
  const run = explained(runner.run)
  const { key, stack } = keeping
  stack.journal?.begin()
  const kept = await claimKey(run, key)
  if (kept !== null) return { answer: await replay(keeping, kept, runner), after: async () => {} }
  const performed = await perform(runner)
  const answer = withoutSecrets(performed)
  const writes = stack.journal === undefined || answer.body === null ? null : stack.journal.kept()
  await keepAnswer(
    run,
    key,
    writes === null ? { ...answer, body: sealedBody(stack, answer.body), writes } : { ...answer, body: null, writes },
  )
  return performed
}

/** The answer with null in place of the secrets. A secret is random, so no other part of the answer is equal to it. */
function withoutSecrets({ answer, secrets = [] }: Performed): TextAnswer {
  if (answer.body === null) return answer
  return { ...answer, body: secrets.reduce((text, secret) => text.replaceAll(JSON.stringify(secret), 'null'), answer.body) }
}

const REPLAYED = 'idempotency-replayed'

/** An answer may show encrypted fields, so a design with such fields keeps no answer in clear text. */
function sealedBody({ cipher }: Keeping, body: string | null): string | null {
  return body === null || cipher === null ? body : cipher.seal(body, { context: KEPT, row: null })
}

/** @throws Failure `value_unreadable` when the key has been removed meanwhile. */
function openedBody({ cipher }: Keeping, body: string | null): string | null {
  if (body === null || cipher === null) return body
  const opened = cipher.open(body, { context: KEPT, row: '' })
  if (!opened.ok) throw failure('value_unreadable', { what: 'a kept answer' }, opened.why)
  return opened.clear
}

/** What kept answers are bound to; no field has such a name. */
const KEPT = 'plinth.answers'

async function replay({ stack, ...work }: KeyedWork, kept: KeptAnswer, runner: Runner): Promise<TextAnswer> {
  work.judgeRepetition?.()
  const { status, headers, writes } = kept
  const { journal } = stack
  const body = openedBody(stack, kept.body)
  if (journal === undefined) return { status, headers: { ...headers, [REPLAYED]: 'true' }, body }
  // A body without the list of writes was kept by an earlier version. It may hold what the caller may no longer read.
  if (writes === null) return { status, headers: { ...headers, [REPLAYED]: 'true' }, body: null }
  journal.replay(writes)
  const { answer } = await (await work.prepare())(runner)
  return { ...answer, headers: { ...answer.headers, [REPLAYED]: 'true' } }
}

/** Whether an answer is the stored answer of an earlier request. */
export function isReplayed({ headers }: TextAnswer): boolean {
  return headers[REPLAYED] === 'true'
}
