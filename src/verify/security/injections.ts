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
export const TOO_LONG_MS = 3_000
