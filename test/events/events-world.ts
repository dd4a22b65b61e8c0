/** Waiting for what reactions do. */

import { setTimeout as sleep } from 'node:timers/promises'
import { processorWait } from '../support/processor-wait.ts'

/** Milliseconds to wait, beside those in which other processes of the machine have run. */
const LONGEST_MS = 30_000

/** Waits until `look` gives something else than null. @throws Error when it does not. */
export async function until<T>(what: string, look: () => Promise<T | null> | T | null): Promise<T> {
  const waited = processorWait()
  const began = performance.now()
  for (;;) {
    const found = await look()
    if (found !== null) return found
    if (performance.now() - began > LONGEST_MS + waited()) throw new Error(`waited in vain for ${what}`)
    await sleep(10)
  }
}
