import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openMetrics } from './metrics.ts'

const LOAD = { connections: 10, busy: 1, waiting: 0 }

test('what waits is read at most every five seconds, and absent where it cannot be read', async () => {
  let now = 1_000_000
  let reads = 0
  let isDown = false
  const metrics = openMetrics(() => now)
  const value = async (name: string): Promise<string | undefined> => {
    const { body } = await metrics.text()
    return new RegExp(`^${name} (.*)$`, 'm').exec(body)?.[1]
  }
  assert.equal(await value('plinth_events_undelivered'), undefined)
  metrics.watch({
    load: () => LOAD,
    async backlog() {
      reads++
      if (isDown) throw new Error('no database')
      return { undelivered: { events: 3, oldestSeconds: 7 } }
    },
  })
  assert.equal(await value('plinth_events_undelivered'), '3')
  assert.equal(await value('plinth_events_undelivered_oldest_seconds'), '7')
  assert.equal(reads, 1)
  isDown = true
  now += 5_000
  assert.equal(await value('plinth_events_undelivered'), undefined)
  assert.equal(await value('plinth_backlog_unreadable'), '1')
  assert.equal(await value('plinth_database_connections_busy'), '1')
  isDown = false
  now += 5_000
  assert.equal(await value('plinth_events_undelivered'), '3')
  assert.equal(await value('plinth_backlog_unreadable'), '0')
})
