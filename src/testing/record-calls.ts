/** Records which parts of a backend tests have called, for `plinth verify`. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Observe } from '../server/http/observe.ts'
import { CALLS_FOLDER } from '../verify/review/calls-variable.ts'

const folder = process.env[CALLS_FOLDER] ?? ''
const called = new Set<string>()
/** The most calls that are kept. */
const MOST = 5_000

if (folder !== '')
  process.once('exit', () => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify([...called]))
  })

function record(call: string): void {
  if (called.size < MOST) called.add(call)
}

/** An observer that also records the routes of requests: `POST /api/orders/:id/pay`. */
export function recordingCalls(observe: Observe): Observe {
  if (folder === '') return observe
  return (observation) => {
    if (observation.kind === 'request') record(`${observation.method} ${observation.route}`)
    observe(observation)
  }
}

/** Records the names in a GraphQL document, in which the names of its fields are. */
export function recordDocument(body: unknown): void {
  if (folder === '' || typeof body !== 'object' || body === null || !('query' in body) || typeof body.query !== 'string') return
  for (const [name] of body.query.matchAll(/[A-Za-z_]\w*/g)) record(`graphql ${name}`)
}
