/** The program of a hash thread: computes argon2id tags, one per message, below the priority of the process. */

import { argon2Sync } from 'node:crypto'
import { constants, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import type { TagWork, ThreadOptions } from './hash-threads.ts'

const { lowPriority }: ThreadOptions = workerData

if (lowPriority) {
  try {
    setPriority(0, constants.priority.PRIORITY_LOW)
  } catch {
    // The system forbids the call, for example by seccomp(2). The thread then keeps the priority of the process.
  }
}

// An error ends the thread, and its owner starts another one.
parentPort?.on('message', ({ message, salt, tagBytes, cost }: TagWork) => {
  const { lanes: parallelism, memory, passes } = cost
  const tag = argon2Sync('argon2id', { message, nonce: salt, parallelism, tagLength: tagBytes, memory, passes })
  message.fill(0)
  parentPort?.postMessage(tag)
})
