import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Service } from '../services/service.ts'
import type { Observation } from './http/observe.ts'
import { startSweeping } from './sweep.ts'

test('each service deletes all its expired rows, and a failing service does not stop the next', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const calls: string[] = []
  const observations: Observation[] = []
  const service = (name: string, sweep: Service['sweep']): Service => ({ name, isUsedBy: () => true, tables: [], sweep })
  const left = [2000, 5, 0]
  const services = [
    service('failing', () => Promise.reject(new Error('no connection'))),
    service('working', async () => {
      calls.push('working')
      return left.shift() ?? 0
    }),
  ]
  const stop = startSweeping(services, {
    run: () => Promise.reject(new Error('no database')),
    now: () => 0,
    observe: (seen) => observations.push(seen),
  })
  t.mock.timers.tick(3_600_000)
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  assert.deepEqual(calls, ['working', 'working', 'working'])
  assert.deepEqual(observations, [{ kind: 'sweep-failed', service: 'failing', note: 'Error: no connection' }])
  stop()
  t.mock.timers.tick(3_600_000)
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  assert.equal(calls.length, 3)
})
