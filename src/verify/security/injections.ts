/** Texts with which injections are tried: into SQL, LIKE, JSON paths, searches, and shells. */

/** A text, and whether a backend that runs it would take long. */
export const INJECTIONS: readonly string[] = [
  ...["'", "''", '"', '`', "' OR '1'='1", "' OR 1=1 --", '1 OR 1=1', "') OR ('1'='1", "'; DROP TABLE users; --", "'/**/OR/**/1=1"],
  ...[
    "' UNION SELECT NULL --",
    "' UNION SELECT version() --",
    "' AND 1=CAST(version() AS int) --",
    "'||(select 1)||'",
    '$1',
    '$$',
    '$tag$x$tag$',
    '\\',
    "\\'",
    '%27%20OR%201=1',
  ],
  ...[
    "'; SELECT pg_sleep(5); --",
    '1; SELECT pg_sleep(5)',
    "'||pg_sleep(5)||'",
    '(select pg_sleep(5))',
    "x' AND (select pg_sleep(5)) IS NULL --",
  ],
  ...['%', '_', '%%%', '\\%', 'a:*', '!', '&', '|', '<->', "a' & b:*"],
  ...['{"$gt":""}', '$.*', '{{7*7}}', '${7*7}', '; ls', '| cat /etc/passwd', '../../etc/passwd', '\r\nX-Injected: 1'],
]

/** Milliseconds within which a harmless request and one with `pg_sleep(5)` must both be answered. */
const TOO_LONG_MS = 3_000
/** The milliseconds of `pg_sleep(5)`. */
const SLEEP_MS = 5_000
/** How often a request is asked again that was answered late. */
const MOST_REPEATS = 2

/**
 * What is wrong with the time of an answer; null if it took no longer, or takes no longer when it is asked again: a machine that is busy
 * answers late now and then, and a statement that sleeps does so each time.
 *
 * @param ms how long the answer took, in milliseconds.
 * @param again asks once more; null where that would change something. Then the answer must have taken as long as the sleep.
 * @param mostMs the milliseconds that an answer may take.
 */
export async function lateness(ms: number, again: (() => Promise<unknown>) | null, mostMs = TOO_LONG_MS): Promise<string | null> {
  let least = ms
  if (again === null) return ms > SLEEP_MS ? `an answer after ${Math.round(ms)} ms` : null
  for (let n = 0; n < MOST_REPEATS && least > mostMs; n++) {
    const began = performance.now()
    await again()
    least = Math.min(least, performance.now() - began)
  }
  return least > mostMs ? `an answer after ${Math.round(least)} ms` : null
}
