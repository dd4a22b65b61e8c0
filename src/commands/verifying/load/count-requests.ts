/** Counts what requests of an operation cost in statements and rows, in a backend with one connection. */

import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Model } from '../../../model/model.ts'
import type { Connection } from '../../../postgres/connect.ts'
import { readKeys } from '../../../services/identity/tokens/keys.ts'
import type { LoadStage } from '../../../verify/performance/measure/load-stage.ts'
import type { SentRequest } from '../../../verify/run/stage.ts'
import { openInProcess, sampleOutgoing } from '../open-benches.ts'
import type { OpenStage } from '../open-stage.ts'

/** A counter of one backend. */
export interface RequestCounter {
  /** Sends a request to the backend with one connection, whose reads are then not counted with those of others. */
  readonly ask: OpenStage['stage']['ask']
  readonly count: LoadStage['count']
  readonly close: () => Promise<void>
}

const REQUESTS = 20
/** A statement that is sent again and again gets its last plan after five times. */
const FIRST = 6
/** PostgreSQL tells the counts of a session at most once a second. */
const TOLD_AFTER_MS = 1_050
const SEED = 4_711
/** No server listens there. */
const NOWHERE = 'http://127.0.0.1:9'

/** Rows that statements have read, and entries of indexes, in the tables of the design. */
const READ = `select
  (select coalesce(sum(seq_tup_read), 0) from pg_stat_user_tables where schemaname = 'public')
  + (select coalesce(sum(idx_tup_read), 0) from pg_stat_user_indexes where schemaname = 'public') as read`

/** Rows of an answer: objects with an id, wherever they are. */
function rowsIn(text: string): number {
  let rows = 0
  try {
    JSON.parse(text, (_, value) => {
      if (typeof value === 'object' && value !== null && 'id' in value) rows++
      return value
    })
  } catch {
    // An answer without JSON has no rows.
  }
  return rows
}

function newPem(): string {
  return String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }))
}

/** Opens a backend that serves the same database. */
export async function openRequestCounter(model: Model, stage: OpenStage['stage'], client: Connection): Promise<RequestCounter> {
  const files = await mkdtemp(join(tmpdir(), 'plinth-verify-'))
  let statements = 0
  const backend = await openInProcess(model, {
    ...{ files, databaseUrl: stage.databaseUrl, outgoing: sampleOutgoing(model, NOWHERE), connections: 1 },
    keys: readKeys('AUTH_KEYS', stage.signing?.pem ?? newPem()),
    onStatement: () => {
      statements++
    },
  })
  const read = async (): Promise<number> => {
    // What this session itself has read would otherwise be told at any later time.
    await client.query('select pg_stat_force_next_flush()')
    const { rows } = await client.query<{ read: string }>(READ)
    return Number(rows[0]?.read ?? 0)
  }
  return {
    ask: backend.ask,
    async count(operation) {
      const requests = operation.requests(FIRST + REQUESTS + 2, SEED)
      const [first, others] = [requests.slice(0, FIRST), requests.slice(FIRST)]
      for (const request of first) await backend.ask(request)
      await wait(TOLD_AFTER_MS)
      const [flushing] = others
      if (flushing === undefined) return null
      await backend.ask(flushing)
      await read()
      const before = { statements, read: await read() }
      const counted = others.slice(1)
      const answers: string[] = []
      const send = async (all: readonly SentRequest[]): Promise<void> => {
        for (const request of all) answers.push((await backend.ask(request)).text)
      }
      await send(counted.slice(0, -1))
      await wait(TOLD_AFTER_MS)
      await send(counted.slice(-1))
      const of = (sum: number): number => Math.round((sum / counted.length) * 10) / 10
      const meanOf = (measured: (text: string) => number): number => of(answers.reduce((sum, text) => sum + measured(text), 0))
      return {
        ...{ statements: of(statements - before.statements), rowsRead: of((await read()) - before.read) },
        ...{ bytes: meanOf((text) => Buffer.byteLength(text)), answerRows: meanOf(rowsIn) },
      }
    },
    async close() {
      await backend.close()
      await rm(files, { recursive: true, force: true })
    },
  }
}
