/**
 * Makes requests to one address cost more processor time, in the process that serves one design. Loaded with `--import` by all processes of
 * `run-gate.ts`; all others stay as they are. It writes what the work has cost there to a file, a line for some hundred requests.
 */

import { appendFileSync } from 'node:fs'
import { Server } from 'node:http'
import { resolve } from 'node:path'
import { work } from './planted-work.ts'

const { PLANTED_DESIGN: design = '', PLANTED_PATH: path = '', PLANTED_TIMES = '0', PLANTED_SEEN: seen = '' } = process.env
const times = Number(PLANTED_TIMES)
const LINE = 200

if (process.argv.includes('serve') && design !== '' && times > 0 && resolve(process.argv.at(-1) ?? '').startsWith(design)) {
  const took: number[] = []
  const plant = (): void => {
    const began = performance.now()
    work(times)
    took.push(performance.now() - began)
    if (took.length < LINE) return
    // The median: who was interrupted took longer, and did not work longer.
    const [ms] = took
      .splice(0)
      .toSorted((a, b) => a - b)
      .slice(LINE / 2)
    appendFileSync(seen, `${ms}\n`)
  }
  const emit = Server.prototype.emit
  Server.prototype.emit = function (this: Server, name: string, ...rest: readonly unknown[]): boolean {
    const [request] = rest as readonly { readonly url?: string; readonly method?: string }[]
    if (name === 'request' && `${request?.method} ${request?.url}`.startsWith(path)) plant()
    return emit.call(this, name, ...rest)
  } as typeof emit
}
