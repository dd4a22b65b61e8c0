/** Keeps the process alive when code of a design rejects a promise that nothing waits for. Node would end the process. */

import type { Io } from '../terminal/command.ts'
import { describeError } from '../terminal/describe-error.ts'

/** Reports such rejections to the log, with file and line, until the returned function is called. */
export function reportStrayRejections({ observe }: Pick<Io, 'observe'>): () => void {
  const report = (error: unknown): void => {
    const stack = error instanceof Error && typeof error.stack === 'string' ? error.stack : describeError(error).message
    observe({ kind: 'logged', level: 'error', message: 'a promise was rejected that nothing waits for', fields: { err: stack } })
  }
  process.on('unhandledRejection', report)
  return () => void process.off('unhandledRejection', report)
}
