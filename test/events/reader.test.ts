/** Notices between processes, and what is said when no process reads the log. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { test } from 'node:test'
import { type Channel, openNotices } from '../../src/postgres/notices.ts'
import type { EventsObservation } from '../../src/services/events/observation.ts'
import { watchReader } from '../../src/services/events/watch-reader.ts'
import { INSERT, openEngineWorld as open } from './engine-world.ts'
import { until } from './events-world.ts'

test('a connection on which LISTEN fails is closed', async (t) => {
  const world = await open(t)
  const url = new URL(world.databaseUrl)
  const [path, server] = [`${url.searchParams.get('host')}/.s.PGSQL.${url.port}`, createServer()]
  let [opened, stillOpen] = [0, 0]
  server.on('connection', (socket) => {
    opened++
    stillOpen++
    const inner = connect(path)
    socket.pipe(inner).pipe(socket)
    inner.on('error', () => socket.destroy())
    socket.on('error', () => inner.destroy())
    socket.on('close', () => {
      stillOpen--
      inner.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const over = new URL(url)
  over.searchParams.delete('host')
  over.hostname = '127.0.0.1'
  over.port = String((server.address() as AddressInfo).port)
  const notices = openNotices(over.href, 'no channel' as Channel, () => {})
  t.after(() => notices.close())
  await until('three connections', () => (opened >= 3 ? true : null))
  assert.ok(stillOpen <= 1, `${stillOpen} of ${opened} connections are open`)
})

test('a process that runs no reactions says so when no other one reads the log', async (t) => {
  const world = await open(t)
  const observed: EventsObservation[] = []
  const unwatch = watchReader(world.executor.run, (one) => void observed.push(one), 20)
  t.after(unwatch)
  let looks = 0
  const looked = watchReader(
    (statement, values) => {
      looks++
      return world.executor.run(statement, values)
    },
    () => {},
    20,
  )
  t.after(looked)
  await until('looks at an empty log', () => (looks > 6 ? true : null))
  assert.deepEqual(observed, [])
  await world.sql(INSERT, [1])
  await until('the observation', () => (observed.length > 0 ? true : null))
  assert.deepEqual(observed[0], { kind: 'no-reader' })
  const engine = world.start(async () => {})
  await until('the lease', () => (engine.leads() ? true : null))
  const [before, at] = [observed.length, looks]
  await until('further looks', () => (looks > at + 25 ? true : null))
  assert.ok(observed.length <= before + 1)
})
