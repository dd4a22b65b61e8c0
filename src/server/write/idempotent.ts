/** The `Idempotency-Key` header: a write that takes effect once, and answers every repetition as it did the first time. */

import type { FastifyRequest } from 'fastify'
import { failure } from '../../base/failure.ts'
import type { Runner } from '../../base/sql/statement.ts'
import { type Caller, claimOf } from '../../model/caller.ts'
import type { PooledRunner } from '../../postgres/executor/execute.ts'
import { claimKey, type Fingerprint, findAnswer, fingerprint, type KeptAnswer, keepAnswer } from '../../services/idempotency/idempotency.ts'
import type { Answer } from '../http/answer.ts'
import { explained } from '../run/database-failure.ts'
import { finish, type Perform, type Performed } from './perform.ts'

const MOST_CHARACTERS = 255

/** A write in two steps: what can be done before its transaction, and what is done within it. */
export interface Write {
  readonly prepare: () => Promise<Perform>
  /** How long the transaction may take, if it is one anyway; null for as long as its statements may. */
  readonly withinMs: number | null
}

/** What the header makes of a request; null without it. @throws Failure `malformed_request` for what is no key. */
export function readKey(request: FastifyRequest, caller: Caller): Fingerprint | null {
  const key = request.headers['idempotency-key']
  if (key === undefined) return null
  if (typeof key !== 'string' || key.length > MOST_CHARACTERS || !/^[\x20-\x7e]+$/.test(key))
    throw failure('malformed_request', { what: `Idempotency-Key takes 1 to ${MOST_CHARACTERS} printable characters` })
  const [path = ''] = request.url.split('?', 1)
  const id = claimOf(caller, 'id')
  const { 'if-match': ifMatch = '', prefer = '' } = request.headers
  return fingerprint({
    key,
    scope: [id === null ? 'nobody' : `user ${id}`, request.method, path],
    payload: [request.url, String(ifMatch), String(prefer), Buffer.isBuffer(request.body) ? request.body : ''],
  })
}

/** Performs a write, once if it has a key. @throws Failure for whatever is refused or fails; of that nothing is kept. */
export async function performOnce(runner: PooledRunner, key: Fingerprint | null, { prepare, withinMs }: Write): Promise<Answer> {
  const limit = withinMs === null ? undefined : { withinMs }
  if (key === null) {
    const perform = await prepare()
    return finish(await (limit === undefined ? perform(runner) : runner.transaction(perform, limit)))
  }
  const kept = await findAnswer(explained(runner.run), key)
  if (kept !== null) return replay(kept)
  const perform = await prepare()
  return finish(await runner.transaction((within) => performKept(perform, key, within), limit))
}

async function performKept(perform: Perform, key: Fingerprint, runner: Runner): Promise<Performed> {
  const run = explained(runner.run)
  const kept = await claimKey(run, key)
  if (kept !== null) return { answer: replay(kept), after: async () => {} }
  const performed = await perform(runner)
  await keepAnswer(run, key, performed.answer)
  return performed
}

function replay({ status, headers, body }: KeptAnswer): Answer {
  return { status, headers: { ...headers, 'idempotency-replayed': 'true' }, body }
}
