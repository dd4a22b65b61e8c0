/** Liveness and readiness. */

import { sql } from '../../base/sql/sql.ts'
import type { Statement } from '../../base/sql/statement.ts'
import type { Executor } from '../../postgres/executor/execute.ts'
import type { Answer } from '../http/answer.ts'

/** The answers to health checks. */
export interface Health {
  /** Liveness: the process runs. It does not check the database, because restarting this process would not repair the database. */
  live(): Answer
  /** Readiness: the database answers. (While the process stops, the server answers instead of the backend.) */
  ready(): Promise<Answer>
}

const PING: Statement = { name: 'ping', sql: sql`select 1` }

/** The health endpoints of a server with this executor. */
export function openHealth(executor: Executor): Health {
  return {
    live: () => state(200, 'live'),
    async ready() {
      try {
        await executor.runReserved(PING, {})
        return state(200, 'ready')
      } catch {
        return state(503, 'database_unavailable')
      }
    },
  }
}

function state(status: number, text: string): Answer {
  return { status, headers: status === 503 ? { 'retry-after': '1' } : {}, body: JSON.stringify({ status: text }) }
}
