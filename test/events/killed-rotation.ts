/** Empties the old part of a log, and kills itself before a statement. Arguments: URL, name of the statement. */

import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { emptyOldPart } from '../../src/services/events/rotation.ts'

const [url = '', last = ''] = process.argv.slice(2)
const executor = openExecutor({
  url,
  connections: 1,
  statementTimeoutMs: 30_000,
  onStatement: (name) => {
    if (name === last) process.kill(process.pid, 'SIGKILL')
  },
})
await emptyOldPart(executor)
