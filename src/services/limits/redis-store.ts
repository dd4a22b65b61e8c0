/** Counts in Redis, or in a server that speaks its protocol. */

/// <reference path="./redis-client.d.ts" />

import { setTimeout as wait } from 'node:timers/promises'
import { LIMIT_WINDOW_MS, type LimitStore } from './limit-store.ts'

/** Adds and reads in one step. A counter without an end, as after a crash between two commands, gets one. */
const SCRIPT = `local used = redis.call('INCRBY', KEYS[1], ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  left = tonumber(ARGV[2])
end
return {used, left}`

const CONNECT_MS = 2_000
const LONGEST_PAUSE_MS = 5_000

/**
 * Opens a store at an address such as `redis://:password@host:6379/0` or `rediss://…`. A server that does not answer keeps no backend from
 * starting: the store connects in the background, and again after each loss, and meanwhile its calls fail at once.
 *
 * @param prefix begins the name of every key, because several backends may use one server.
 */
export async function openRedisStore(url: string, prefix: string): Promise<LimitStore> {
  const { createClient } = await import('@redis/client')
  const client = createClient({
    url,
    // Calls of a lost connection would wait in memory, and take effect long after their answers.
    disableOfflineQueue: true,
    socket: { connectTimeout: CONNECT_MS, reconnectStrategy: (retries) => Math.min(2 ** retries * 100, LONGEST_PAUSE_MS) * Math.random() },
  })
  // Without a listener, a lost connection would end the process. Calls fail by themselves.
  client.on('error', () => {})
  const connected = client.connect().catch(() => {})
  await Promise.race([connected, wait(CONNECT_MS, undefined, { ref: false })])
  return {
    name: 'redis',
    async add(key, points) {
      const answer: unknown = await client.eval(SCRIPT, { keys: [`${prefix}${key}`], arguments: [String(points), String(LIMIT_WINDOW_MS)] })
      const [used, leftMs] = answer as readonly [number, number]
      return { used, leftMs }
    },
    close: () => client.destroy(),
  }
}
