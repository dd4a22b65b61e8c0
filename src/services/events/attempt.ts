/** One attempt of a reaction, and what follows a failed one. */

import { Failure } from '../../base/failure.ts'
import { type Delivery, type EventReaction, GiveUp, NotNow } from './delivery.ts'
import { FIRST_PAUSE_MS, MOST_ATTEMPTS, pauseAfter } from './pauses.ts'
import type { FailedAttempt } from './waiting.ts'

/** Milliseconds for one attempt. */
export const ATTEMPT_MS = 60_000

/** The longest pause after a failure that is not caused by the event, in milliseconds. */
const LONGEST_MS = 60_000

/** The most characters of an error that are kept. */
const ERROR_CHARACTERS = 2_000

/** An attempt of a reaction. Gives null when it succeeds. Never rejects. */
export async function attemptOf(
  reaction: EventReaction,
  delivery: Omit<Delivery, 'signal'>,
  { signal, random }: { readonly signal: AbortSignal; readonly random: () => number },
): Promise<FailedAttempt | null> {
  const ending = new AbortController()
  const over = Promise.withResolvers<never>()
  const end = (why: string) => () => {
    ending.abort()
    over.reject(new Error(why))
  }
  const timer = setTimeout(end(`the reaction did not end within ${ATTEMPT_MS / 1_000} s`), ATTEMPT_MS)
  const stopped = end('the process stopped')
  signal.addEventListener('abort', stopped, { once: true })
  try {
    await Promise.race([perform(reaction, { ...delivery, signal: ending.signal }), over.promise])
    return null
  } catch (error) {
    if (error instanceof NotNow && !signal.aborted) return waitsFor(error, delivery, random)
    const { attempt } = delivery
    // A stop is not the fault of the reaction: the attempt does not count.
    const isLast = !signal.aborted && (error instanceof GiveUp || attempt >= MOST_ATTEMPTS)
    return {
      attempt: signal.aborted ? attempt - 1 : attempt,
      retryInMs: isLast ? null : signal.aborted ? 0 : pauseAfter(attempt, random),
      held: isLast && reaction.onDead === 'hold',
      error: messageOf(error),
    }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stopped)
  }
}

/**
 * What follows a failure that is not caused by the event: another attempt, always, without a warning. The attempt does not count. The pause
 * is a quarter of the age of the event.
 */
function waitsFor(error: NotNow, { attempt, event }: Pick<Delivery, 'attempt' | 'event'>, random: () => number): FailedAttempt {
  const ageMs = Date.now() - Date.parse(event.at)
  const pauseMs = Math.min(LONGEST_MS, Math.max(FIRST_PAUSE_MS, ageMs / 4))
  return {
    attempt: attempt - 1,
    retryInMs: Math.round(pauseMs * (0.75 + random() / 2)),
    held: false,
    error: messageOf(error),
    quiet: true,
  }
}

/** An error that is thrown before the first `await` is a rejection too. */
async function perform(reaction: EventReaction, delivery: Delivery): Promise<void> {
  await reaction.perform(delivery)
}

function messageOf(error: unknown): string {
  const text = error instanceof Failure ? failureText(error) : error instanceof Error ? error.message : String(error)
  // PostgreSQL stores no zero bytes, and no half of a surrogate pair.
  return text.replaceAll('\0', '').slice(0, ERROR_CHARACTERS).toWellFormed()
}

/** What a failure says, and its note if that says more: the note of a fault has all that its message says to people, and the cause. */
function failureText({ code, status, message, note }: Failure): string {
  if (note === undefined) return message
  return status >= 500 ? `${code}: ${note}` : `${message} (${note})`
}
