/** The settings of the connections on which workers, reactions and the sender of webhooks read their tables. */

/**
 * These tables are empty most of the time. A plan that PostgreSQL makes then would read the whole table, also later when it is large.
 */
export const ENGINE_SETTINGS = { enable_seqscan: 'off', enable_bitmapscan: 'off' } as const
