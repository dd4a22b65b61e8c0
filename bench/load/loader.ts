/** Starts and controls the load generator's process. */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Sample } from '../requests/request.ts'
import type { Counted, Job, ToLoad } from './load.ts'

/** A running load generator. */
export interface Loader {
  /** Sets the samples of the next jobs, by the name that a job gives in `sample`. */
  use(samples: Readonly<Record<string, Sample>>): void
  run(job: Omit<Job, 'kind'>): Promise<Counted>
}

/** Starts the load generator, lends it to `work`, and ends it. */
export async function withLoader<T>(work: (loader: Loader) => Promise<T>): Promise<T> {
  const child = fork(join(import.meta.dirname, 'load.ts'), { serialization: 'advanced' })
  const tell = (message: ToLoad): void => {
    child.send(message)
  }
  try {
    return await work({
      use: (samples) => tell({ kind: 'samples', samples }),
      async run(job) {
        const answer = nextMessage(child)
        tell({ kind: 'job', ...job })
        return answer
      },
    })
  } finally {
    child.kill()
  }
}

type FromLoad = Counted | { readonly kind: 'failed'; readonly message: string }

async function nextMessage(child: ChildProcess): Promise<Counted> {
  const ended = new AbortController()
  const message = once(child, 'message', { signal: ended.signal })
  const died = once(child, 'exit', { signal: ended.signal }).then(() => {
    throw new Error('the load generator ended')
  })
  try {
    const [answer] = (await Promise.race([message, died])) as [FromLoad]
    if (answer.kind === 'failed') throw new Error(`the load generator: ${answer.message}`)
    return answer
  } finally {
    message.catch(() => {})
    died.catch(() => {})
    ended.abort()
  }
}
