/**
 * A process that migrates and kills itself at its n-th statement, as with kill -9: before it sends the statement, or while the server runs
 * it.
 */

import { KILLED } from './migrate-killed.ts'
import { migrateTo } from './schema.ts'

const [url = '', at = '', moment = ''] = process.argv.slice(2)
let started = 0

await migrateTo(url, KILLED.new, {
  allowed: ['deletes-data'],
  onProgress: (event) => {
    if (event.kind !== 'statement-started' || ++started !== Number(at)) return
    if (moment === 'before') process.kill(process.pid, 'SIGKILL')
    else setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1)
  },
})
