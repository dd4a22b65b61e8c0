/** Starts and controls the processes of a load: the generator, and the bare server beside it. */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type {
  BatchJob,
  BatchResult,
  ClosedJob,
  ClosedResult,
  FromGenerator,
  LoadJob,
  OpenJob,
  OpenResult,
  ToGenerator,
} from './load-job.ts'

/** A running load generator. One job runs at a time. */
export interface Generator {
  /** Sets the requests of the next jobs: texts in HTTP/1.1, in Latin-1. */
  readonly use: (texts: readonly string[]) => void
  /** @throws Error when the server accepts no connection, or the process has ended. */
  readonly open: (job: Omit<OpenJob, 'kind'>) => Promise<OpenResult>
  /** @throws Error as `open`. */
  readonly closed: (job: Omit<ClosedJob, 'kind'>) => Promise<ClosedResult>
  /** @throws Error as `open`. */
  readonly batch: (job: Omit<BatchJob, 'kind'>) => Promise<BatchResult>
  readonly stop: () => Promise<void>
}

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/** Starts the load generator. */
export function startGenerator(): Generator {
  const child = start('load-process')
  const tell = (message: ToGenerator): void => void child.send(message)
  const run = async (job: LoadJob): Promise<FromGenerator> => {
    const answer = messageOf<FromGenerator>(child)
    tell(job)
    const result = await answer
    if (result.kind === 'failed') throw new Error(`the load generator: ${result.message}`)
    return result
  }
  return {
    use: (texts) => tell({ kind: 'requests', texts }),
    open: async (job) => (await run({ kind: 'open', ...job })) as OpenResult,
    closed: async (job) => (await run({ kind: 'closed', ...job })) as ClosedResult,
    batch: async (job) => (await run({ kind: 'batch', ...job })) as BatchResult,
    stop: () => end(child),
  }
}

/** A server that always answers the same. */
export interface BareServer {
  readonly port: number
  readonly stop: () => Promise<void>
}

/** Starts a bare server. @param answer its body, and the media type. */
export async function startBare(answer: { readonly body: string; readonly type: string }): Promise<BareServer> {
  const child = start('bare-process')
  const port = messageOf<number>(child)
  child.send(answer)
  return { port: await port, stop: () => end(child) }
}

function start(name: string): ChildProcess {
  const program = fileURLToPath(new URL(`./${name}.${EXTENSION}`, import.meta.url))
  return fork(program, [], { serialization: 'advanced', execArgv: [], env: {} })
}

async function messageOf<T>(child: ChildProcess): Promise<T> {
  const done = new AbortController()
  const message = once(child, 'message', { signal: done.signal })
  const died = once(child, 'exit', { signal: done.signal }).then(() => {
    throw new Error('a process of the load has ended')
  })
  try {
    return ((await Promise.race([message, died])) as [T])[0]
  } finally {
    message.catch(() => {})
    died.catch(() => {})
    done.abort()
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
