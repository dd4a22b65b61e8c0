/**
 * Keeps the process alive when an error arrives that nothing catches: one thrown in a timer, a stream or a listener, or a rejected promise
 * that nothing waits for. Node would end the process. What had called the code gets no answer of it, so its own time limit ends it.
 */

import { placeInProject } from '../../server/run/project-files.ts'
import type { Io } from '../terminal/command.ts'
import { describeError } from '../terminal/describe-error.ts'

/** The time in which errors of one place are counted and not logged, in milliseconds. */
const COUNTED_MS = 60_000

/** At most so many places are told apart; the errors of all others are counted as one. */
const MOST_PLACES = 100

const MESSAGES = {
  uncaughtException: 'an error was thrown that nothing catches',
  unhandledRejection: 'a promise was rejected that nothing waits for',
} as const

type Stray = keyof typeof MESSAGES

/** Logs such errors with file and line, each place once a minute, and then how often it happened again. The result ends that. */
export function reportStrayErrors({ observe }: Pick<Io, 'observe'>): () => void {
  const places = new Map<string, () => void>()
  const counts = new Map<string, number>()
  const write = (message: string, fields: Readonly<Record<string, unknown>>): void =>
    observe({ kind: 'logged', level: 'error', message, fields })
  const report = (kind: Stray, error: unknown): void => {
    const { at, err } = describe(error)
    const calls = callsIn(err)
    const key = `${kind} ${places.size < MOST_PLACES ? calls : ''}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
    if (places.has(key)) return
    const where = at === null ? {} : { at }
    write(MESSAGES[kind], { ...where, err })
    const timer = setTimeout(() => over(), COUNTED_MS).unref()
    const over = (): void => {
      clearTimeout(timer)
      const times = (counts.get(key) ?? 0) - 1
      places.delete(key)
      counts.delete(key)
      if (times > 0) write(`${MESSAGES[kind]}, again`, { ...where, times })
    }
    places.set(key, over)
  }
  const thrown = (error: unknown): void => report('uncaughtException', error)
  const rejected = (error: unknown): void => report('unhandledRejection', error)
  process.on('uncaughtException', thrown).on('unhandledRejection', rejected)
  return () => {
    process.off('uncaughtException', thrown).off('unhandledRejection', rejected)
    for (const over of places.values()) over()
  }
}

/** The places of the calls that led to an error, without those inside of Node; without a stack, the message. */
function callsIn(err: string): string {
  const calls = err.split('\n').flatMap((line) => /^\s+at (?:.*\()?([^()]+?)\)?$/.exec(line)?.[1] ?? [])
  return calls.length === 0 ? err : calls.filter((place, i) => i === 0 || !place.includes('node:')).join('\n')
}

/** The place in code of the project, and the stack or, without one, the message. */
function describe(error: unknown): { readonly at: string | null; readonly err: string } {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return { at: null, err: describeError(error).message }
  return { at: placeInProject(error), err: error.stack }
}
