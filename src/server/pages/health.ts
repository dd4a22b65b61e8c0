/** Whether the process runs, and whether it can do its work. */

import { sql } from '../../base/sql/sql.ts'
import type { Statement } from '../../base/sql/statement.ts'
import type { Executor } from '../../postgres/executor/execute.ts'
import type { Answer } from '../http/answer.ts'

/** The answers to health checks. */
export interface Health {
  /** The process runs; says nothing of the database, so that an orchestrator does not restart what a restart cannot mend. */
  live(): Answer
  /** Requests can be served: the database answers. (While the process stops, the server answers in its stead.) */
  ready(): Promise<Answer>
}

const PING: Statement = { name: 'ping', sql: sql`select 1` }

/** Health of a server over an executor. */
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
