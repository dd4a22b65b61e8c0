/**
 * Makes requests to one address cost more processor time, in the process that serves one design. Loaded with `--import` by all processes of
 * `run-gate.ts`; all others stay as they are.
 */

import { Server } from 'node:http'
import { resolve } from 'node:path'

const { PLANTED_DESIGN: design = '', PLANTED_PATH: path = '', PLANTED_MS: ms = '0' } = process.env
/** How long the speed of this processor is measured: the clock of a thread is no finer than some milliseconds. */
const MEASURED_MS = 200
const STEPS = 200_000

/** Kept, so that no step is optimized away. */
let state = 1

function use(steps: number): void {
  let next = state
  for (let i = 0; i < steps; i++) next = (Math.imul(next, 1_664_525) + 1_013_904_223) | 0
  state = next
}

/** How many steps take a millisecond of processor time. */
function stepsOfMillisecond(): number {
  // First the loop is compiled.
  for (const until = performance.now() + MEASURED_MS; performance.now() < until; ) use(STEPS)
  const since = process.threadCpuUsage()
  for (let steps = STEPS; ; steps += STEPS) {
    use(STEPS)
    const { user, system } = process.threadCpuUsage(since)
    if ((user + system) / 1_000 >= MEASURED_MS) return (steps * 1_000) / (user + system)
  }
}

if (process.argv.includes('serve') && design !== '' && Number(ms) > 0 && resolve(process.argv.at(-1) ?? '').startsWith(design)) {
  const steps = Math.round(stepsOfMillisecond() * Number(ms))
  const emit = Server.prototype.emit
  Server.prototype.emit = function (this: Server, name: string, ...rest: readonly unknown[]): boolean {
    const [request] = rest as readonly { readonly url?: string; readonly method?: string }[]
    if (name === 'request' && `${request?.method} ${request?.url}`.startsWith(path)) use(steps)
    return emit.call(this, name, ...rest)
  } as typeof emit
}
