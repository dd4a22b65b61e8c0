import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { startEmbedded } from '../../src/postgres/embedded/embedded.ts'
import type { EmbeddedEvent } from '../../src/postgres/embedded/event.ts'
import { RUN_SEED, randomFrom } from '../support/random.ts'
import {
  homeOf,
  isAlive,
  keeperPid,
  killAtOnce,
  plinthProcess,
  preparedFolder,
  projectFolder,
  query,
  serverPid,
  untilGone,
} from './embedded-fixture.ts'

/** A smaller run than with `PLINTH_FULL=1`: a process takes two seconds of processor time to start. */
const [WRITES, VISITS] = process.env.PLINTH_FULL === '1' ? [10_000, 12] : [2_000, 5]
const template = await projectFolder({ after })
before(async () => (await startEmbedded({ folder: template })).stop())

test('after Plinth is killed the server shuts down, and the next start finds all committed data', async (t) => {
  const folder = await preparedFolder(t, template)
  const plinth = plinthProcess(t, folder)
  const { url, pid } = await plinth.ready
  await query(url, 'create table post (id int)', 'insert into post select generate_series(1, 1000)')
  await plinth.kill()
  await untilGone(pid)
  assert.match(await readFile(join(await homeOf(folder), 'server.log'), 'utf8'), /fast shutdown request[\s\S]*database system is shut down/)

  const again = await startEmbedded({ folder })
  assert.deepEqual(await query(again.url, 'select count(*)::int from post'), [1000])
  await again.stop()
})

test(`${WRITES} acknowledged writes survive killing the server, its keeper and Plinth during writes`, async (t) => {
  const folder = await preparedFolder(t, template)
  const plinth = plinthProcess(t, folder)
  const { url, pid } = await plinth.ready
  await query(url, 'create table ack (id int primary key)')
  let next = 0
  const acknowledged: number[] = []
  const writers = Array.from({ length: 16 }, async () => {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => {})
    await client.connect()
    for (;;) {
      const id = next++
      const done = await client.query({ name: 'ack', text: 'insert into ack values ($1)', values: [id] }).catch(() => undefined)
      if (done === undefined) return
      acknowledged.push(id)
    }
  })
  while (acknowledged.length < WRITES) await sleep(5)
  await killAtOnce(plinth, (await keeperPid(folder)) ?? 0, pid)
  await Promise.all(writers)

  const events: EmbeddedEvent[] = []
  const again = await startEmbedded({ folder, onProgress: (event) => events.push(event) })
  assert.deepEqual(
    events.map((event) => event.kind),
    ['recovering', 'ready'],
  )
  const present = new Set(await query(again.url, 'select id from ack'))
  assert.deepEqual(
    acknowledged.filter((id) => !present.has(id)),
    [],
  )
  await again.stop()
})

test('the next Plinth takes over a server whose keeper and Plinth were killed, and stops it at its end', async (t) => {
  const folder = await preparedFolder(t, template)
  const plinth = plinthProcess(t, folder)
  const { pid } = await plinth.ready
  await killAtOnce(plinth, (await keeperPid(folder)) ?? 0)
  assert.equal(isAlive(pid), true)

  const again = await startEmbedded({ folder })
  assert.equal(again.pid, pid)
  assert.deepEqual(await query(again.url, 'select 1'), [1])
  await again.stop()
  assert.equal(isAlive(pid), false)
})

test('the server survives the death of its keeper, and still stops after Plinth is killed', async (t) => {
  const folder = await preparedFolder(t, template)
  const plinth = plinthProcess(t, folder)
  const { url, pid } = await plinth.ready
  const keeper = (await keeperPid(folder)) ?? 0
  process.kill(keeper, 'SIGKILL')
  await untilGone(keeper)
  await plinth.saw('attached')
  assert.notEqual(await keeperPid(folder), keeper)
  assert.deepEqual(await query(url, 'select 1'), [1])
  await plinth.kill()
  await untilGone(pid)
})

test('a crashed server is restarted at the same address', async (t) => {
  const folder = await preparedFolder(t, template)
  const events: EmbeddedEvent[] = []
  const embedded = await startEmbedded({ folder, onProgress: (event) => events.push(event) })
  const { url, pid } = embedded
  await query(url, 'create table post (id int)', 'insert into post values (1)')
  process.kill(pid, 'SIGKILL')
  while (embedded.pid === pid) await sleep(10)
  assert.deepEqual(await query(url, 'select id from post'), [1])
  assert.deepEqual(events.at(-1), { kind: 'restarted', pid: embedded.pid })
  await embedded.stop()
  assert.equal(isAlive(embedded.pid), false)
})

test('a server that another program stops is reported as lost and not restarted', async (t) => {
  const folder = await preparedFolder(t, template)
  const lost = Promise.withResolvers<EmbeddedEvent>()
  const embedded = await startEmbedded({ folder, onProgress: (event) => event.kind === 'lost' && lost.resolve(event) })
  process.kill(embedded.pid, 'SIGINT')
  assert.deepEqual(await lost.promise, { kind: 'lost', reason: 'another program stopped the embedded PostgreSQL' })
  await embedded.stop()
})

test('processes that start, stop and die at random share one server and lose no committed row', async (t) => {
  const folder = await preparedFolder(t, template)
  const setup = await startEmbedded({ folder })
  await query(setup.url, 'create table visit (id int generated always as identity, pid int)')
  await setup.stop()
  t.diagnostic(`seed ${RUN_SEED} (SEED=${RUN_SEED} repeats it)`)
  const random = randomFrom(RUN_SEED)
  let committed = 0
  const visits = Array.from({ length: VISITS }, () => ({ after: random.below(1_500), stay: random.below(300), way: random.below(2) }))
  await Promise.all(
    visits.map(async ({ after, stay, way }) => {
      await sleep(after)
      const plinth = plinthProcess(t, folder)
      const { url, pid } = await plinth.ready
      assert.deepEqual(
        await query(
          url,
          `insert into visit (pid) values (${pid}) returning (select count(*)::int from pg_stat_activity where backend_type = 'checkpointer')`,
        ),
        [1],
      )
      committed++
      await sleep(stay)
      await (way === 0 ? plinth.stop() : plinth.kill())
    }),
  )
  const last = await startEmbedded({ folder })
  assert.deepEqual(await query(last.url, 'select count(*)::int from visit'), [committed])
  assert.equal(committed, visits.length)
  await last.stop()
})

test('a stale postmaster.pid does not block the start, even if another process of the user now has its process id', async (t) => {
  const folder = await preparedFolder(t, template)
  const data = join(await homeOf(folder), 'data')
  const { uid } = await stat(data)
  const other = spawn('sleep', ['600'], uid === process.geteuid?.() ? {} : { uid })
  t.after(() => other.kill('SIGKILL'))
  await writeFile(join(data, 'postmaster.pid'), `${other.pid}\n${data}\n1795355787\n5432\n/nowhere\n\n  1  1\nready   \n`)
  const embedded = await startEmbedded({ folder })
  assert.notEqual(embedded.pid, other.pid)
  assert.equal(isAlive(other.pid ?? 0), true)
  await embedded.stop()
})

test('an initialisation that is killed starts again from the beginning', async (t) => {
  const folder = await projectFolder(t)
  const plinth = plinthProcess(t, folder)
  await plinth.saw('initialising')
  const home = await homeOf(folder)
  while (!(await readdir(home)).some((name) => name.startsWith('data.new-'))) await sleep(10)
  await killAtOnce(plinth, (await keeperPid(folder)) ?? 0)
  assert.deepEqual(
    (await readdir(home)).filter((name) => name.startsWith('data')).map((name) => name.slice(0, 9)),
    ['data.new-'],
  )

  const embedded = await startEmbedded({ folder })
  assert.deepEqual(await query(embedded.url, 'select current_database()'), ['plinth'])
  assert.deepEqual(
    (await readdir(home)).filter((name) => name.startsWith('data')),
    ['data'],
  )
  await embedded.stop()
})

test('after Plinth is killed during the initialisation, no process of it continues', async (t) => {
  const folder = await projectFolder(t)
  const plinth = plinthProcess(t, folder)
  await plinth.saw('initialising')
  const keeper = await keeperPid(folder)
  await plinth.kill()
  await untilGone(keeper ?? 0)
  assert.equal(await serverPid(folder), undefined)
  await (await startEmbedded({ folder })).stop()
})
