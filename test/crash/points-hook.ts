/**
 * A module for `--import`: it inserts points into the modules of the write path while they are loaded, and kills the process with SIGKILL
 * at the point that a message of the parent process names. The product itself has no such code.
 */

import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'
import { insertPoints } from './insert-points.ts'
import type { FromInstance, ToInstance } from './messages.ts'
import { isPointed } from './pointed-modules.ts'

/** The place of each point: `src/server/write/run-write.ts:33`. */
const places: string[] = []
/** Points that were reached since the last message `record`. */
let seen: Set<string> | null = null
let armed: string | null = null

function reach(key: string): void {
  seen?.add(key)
  if (key === armed) process.kill(process.pid, 'SIGKILL')
}

const failpoint = {
  before: (point: number): void => reach(`before ${places[point]}`),
  after: (point: number, _before: undefined, value: unknown): unknown => {
    reach(`after ${places[point]}`)
    return value
  },
}
Object.assign(globalThis, { failpoint })

registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith('file:') || !isPointed(url)) return nextLoad(url, context)
    const file = fileURLToPath(url)
    const { text, lines } = insertPoints(stripTypeScriptTypes(readFileSync(file, 'utf8')), places.length)
    const short = file.slice(file.indexOf('src/'))
    const columns = new Map<number, number>()
    for (const line of lines) {
      const before = columns.get(line) ?? 0
      columns.set(line, before + 1)
      places.push(`${short}:${line}${before === 0 ? '' : `#${before + 1}`}`)
    }
    return { format: 'module', source: text, shortCircuit: true }
  },
})

process.on('message', (message: ToInstance) => {
  if (message.kind === 'arm') armed = message.point
  if (message.kind === 'record') seen = new Set()
  if (message.kind === 'recorded') {
    const recorded: FromInstance = { kind: 'recorded', points: [...(seen ?? [])] }
    process.send?.(recorded)
    seen = null
  }
})
