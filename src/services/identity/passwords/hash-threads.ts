/**
 * Computes argon2id tags on worker threads, so that the thread pool of libuv stays free for files and host names. The threads belong to the
 * process: each starts when the others are busy, and idle threads do not keep the process alive.
 */

import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { failure } from '../../../base/failure.ts'
import type { HashCost } from './phc.ts'

const MAX_THREADS = 3

/**
 * Whether the threads get the lowest priority, so that requests that need no hash run first (docs/decisions/0039-hash-threads.md). Only
 * Linux has a priority for each thread (sched(7)); elsewhere the call would change the whole process. With one processor, a busy server
 * would leave hashes too little of it.
 */
const LOW_PRIORITY = process.platform === 'linux' && availableParallelism() > 1

/** The maximum number of threads. */
export const HASH_THREADS = Math.min(availableParallelism(), MAX_THREADS)

/** The number of tags to compute at a time beside other requests. One processor then stays free for these, if there are several. */
const BESIDE_REQUESTS = Math.max(1, Math.min(availableParallelism() - 1, MAX_THREADS))

/** After this many milliseconds without another request, hashes may use every processor. */
const QUIET_MS = 250

/** How many tags to compute at a time. `quietMs`: the milliseconds since the last statement of a request other than a login. */
export function tagsAtOnce(quietMs: number): number {
  return quietMs < QUIET_MS ? BESIDE_REQUESTS : HASH_THREADS
}

/** What a thread is started with. */
export interface ThreadOptions {
  /** Whether it lowers its priority. */
  readonly lowPriority: boolean
}

/** The input of one tag. */
export interface TagWork {
  /** The password. */
  readonly message: Uint8Array
  readonly salt: Uint8Array
  /** The length of the tag. */
  readonly tagBytes: number
  readonly cost: HashCost
}

/** Threads that compute tags. */
export interface HashThreads {
  /** Returns the tag. Work waits in order while all threads are busy. @throws Failure internal_error when the thread ends first. */
  readonly compute: (work: TagWork) => Promise<Buffer>
}

/** Work with the functions that settle its promise. */
interface Task {
  readonly work: TagWork
  readonly resolve: (tag: Buffer) => void
  readonly reject: (error: Error) => void
}

interface Thread {
  readonly worker: Worker
  /** The task that the thread computes; undefined while it is idle. */
  task: Task | undefined
}

/** The compiled package has JavaScript beside this file, the repository has TypeScript. */
const PROGRAM = new URL(import.meta.url.endsWith('.ts') ? './hash-thread.ts' : './hash-thread.js', import.meta.url)

/** The program needs neither the options nor the environment of the process, which may hold secrets. */
function startWorker(program: URL): Worker {
  const workerData: ThreadOptions = { lowPriority: LOW_PRIORITY }
  return new Worker(program, { name: 'plinth-hash', workerData, execArgv: [], env: {} })
}

/**
 * Opens threads; none starts before the first work.
 *
 * @param program the program of a thread: it answers each `TagWork` with the tag.
 */
export function openHashThreads(most: number, program: URL = PROGRAM): HashThreads {
  const threads = new Set<Thread>()
  const waiting: Task[] = []

  function give(thread: Thread, task: Task): void {
    thread.task = task
    thread.worker.ref()
    // Copies: small buffers are parts of one large buffer, and a message would hold all of it.
    const message = new Uint8Array(task.work.message)
    thread.worker.postMessage({ ...task.work, message, salt: new Uint8Array(task.work.salt) }, [message.buffer])
  }

  function start(task: Task): void {
    let worker: Worker
    try {
      worker = startWorker(program)
    } catch (error) {
      task.reject(ended(error))
      startNext()
      return
    }
    const thread: Thread = { worker, task: undefined }
    threads.add(thread)
    worker.on('message', (tag: Uint8Array) => {
      const done = thread.task
      const next = waiting.shift()
      thread.task = undefined
      if (next === undefined) worker.unref()
      else give(thread, next)
      done?.resolve(Buffer.from(tag))
    })
    let cause: unknown
    worker.on('error', (error) => {
      cause = error
    })
    worker.on('exit', () => {
      threads.delete(thread)
      thread.task?.reject(ended(cause))
      startNext()
    })
    give(thread, task)
  }

  function startNext(): void {
    const next = waiting.shift()
    if (next !== undefined) start(next)
  }

  return {
    compute: (work) =>
      new Promise((resolve, reject) => {
        const task = { work, resolve, reject }
        const idle = [...threads].find((thread) => thread.task === undefined)
        if (idle !== undefined) give(idle, task)
        else if (threads.size < most) start(task)
        else waiting.push(task)
      }),
  }
}

/** The log gets the name of the error alone, because its text could hold what the thread worked on. */
function ended(cause: unknown): Error {
  const code = cause instanceof Error && 'code' in cause ? ` ${cause.code}` : ''
  return failure(
    'internal_error',
    {},
    `a thread that hashes passwords has ended: ${cause instanceof Error ? cause.name : 'stopped'}${code}`,
  )
}

/** The threads of this process. All backends of a process share them, so that they do not need more memory together. */
export const hashThreads: HashThreads = openHashThreads(HASH_THREADS)
