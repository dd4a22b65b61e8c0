/**
 * Makes requests to one address cost more processor time, in the process that serves one design. Loaded with `--import` by all processes of
 * `run-gate.ts`; all others stay as they are.
 */

import { Server } from 'node:http'
import { resolve } from 'node:path'
import { useProcessor } from './use-processor.ts'

const { PLANTED_DESIGN: design = '', PLANTED_PATH: path = '', PLANTED_MS: ms = '0' } = process.env

if (process.argv.includes('serve') && design !== '' && Number(ms) > 0 && resolve(process.argv.at(-1) ?? '').startsWith(design)) {
  const emit = Server.prototype.emit
  Server.prototype.emit = function (this: Server, name: string, ...rest: readonly unknown[]): boolean {
    const [request] = rest as readonly { readonly url?: string; readonly method?: string }[]
    if (name === 'request' && `${request?.method} ${request?.url}`.startsWith(path)) useProcessor(Number(ms))
    return emit.call(this, name, ...rest)
  } as typeof emit
}
