import assert from 'node:assert/strict'
import { appendFile, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startEmbedded } from '../../src/postgres/embedded/embedded.ts'
import type { EmbeddedEvent } from '../../src/postgres/embedded/event.ts'
import {
  homeOf,
  isAlive,
  keeperPid,
  plinthProcess,
  preparedFolder,
  projectFolder,
  query,
  serverPid,
  untilGone,
} from './embedded-fixture.ts'

const template = await projectFolder({ after })
before(async () => (await startEmbedded({ folder: template })).stop())

test('the first start makes a database, the second finds its rows, and stop leaves no process', async (t) => {
  const folder = await projectFolder(t)
  const events: EmbeddedEvent[] = []
  const first = await startEmbedded({ folder, onProgress: (event) => events.push(event) })
  assert.deepEqual(
    events.map((event) => event.kind),
    ['initialising', 'starting', 'ready'],
  )
  assert.equal(first.shared, false)
  await query(first.url, 'create table post (title text)', "insert into post values ('kept')")
  const keeper = await keeperPid(folder)
  await first.stop()
  assert.equal(isAlive(first.pid), false)
  await untilGone(keeper ?? 0)

  const second = await startEmbedded({ folder, onProgress: (event) => events.push(event) })
  assert.deepEqual(await query(second.url, 'select title from post'), ['kept'])
  await second.stop()
  const [firstMs, secondMs] = events.flatMap((event) => (event.kind === 'ready' ? [event.ms] : []))
  t.diagnostic(`first start ${firstMs} ms, start on existing data ${secondMs} ms`)
})

test('the server is durable, small, in UTC and UTF-8, and refuses connections without the password', async (t) => {
  const folder = await preparedFolder(t, template)
  const { url, stop } = await startEmbedded({ folder })
  const names = [
    'fsync',
    'full_page_writes',
    'synchronous_commit',
    'jit',
    'shared_buffers',
    'max_connections',
    'TimeZone',
    'server_encoding',
    'listen_addresses',
  ]
  const values = await Promise.all(names.map(async (name) => (await query(url, `show ${name}`))[0]))
  assert.deepEqual(values, ['on', 'on', 'on', 'off', '128MB', '100', 'UTC', 'UTF8', ''])
  assert.deepEqual(await query(url, `select datlocprovider::text || datlocale from pg_database where datname = 'plinth'`), ['bC.UTF-8'])
  assert.deepEqual(await query(url, `select rolsuper from pg_roles where rolname = current_user`), [false])
  assert.deepEqual(await query(url, 'select split_part(rolpassword, chr(36), 1) from pg_authid').catch((error) => error.code), '42501')

  const wrong = new URL(url)
  wrong.password = 'guess'
  await assert.rejects(query(wrong.href, 'select 1'), { code: '28P01' })
  assert.equal((await stat(join(folder, '.plinth', 'postgres', 'password'))).mode & 0o777, 0o600)
  await stop()
})

test('the role can make and drop scratch databases and read statement statistics', async (t) => {
  const { url, stop } = await startEmbedded({ folder: await preparedFolder(t, template) })
  await query(url, 'create database scratch template plinth')
  await query(url, 'drop database scratch')
  const postgres = new URL(url)
  postgres.pathname = '/postgres'
  const [calls] = await query(postgres.href, `select calls from pg_stat_statements where query = 'drop database scratch'`)
  assert.equal(calls, '1')
  await stop()
})

test('two processes that start at once in an empty folder share one server, which stops with the last of them', async (t) => {
  const folder = await projectFolder(t)
  const [one, two] = [plinthProcess(t, folder), plinthProcess(t, folder)]
  const [first, second] = await Promise.all([one.ready, two.ready])
  assert.equal(first.pid, second.pid)
  assert.deepEqual([first.shared, second.shared].sort(), [false, true])
  const attached = [...one.events, ...two.events].filter((event) => event.kind === 'attached')
  assert.deepEqual(attached, [{ kind: 'attached', pid: first.pid }])

  await one.stop()
  assert.deepEqual(await query(second.url, 'select 1'), [1])
  await two.stop()
  assert.equal(isAlive(second.pid), false)
})

test('a configuration that could lose committed data is refused with the name of the setting', async (t) => {
  const folder = await preparedFolder(t, template)
  const data = join(await homeOf(folder), 'data')
  for (const { setting, file } of [
    { setting: 'fsync', file: 'postgresql.conf' },
    { setting: 'fsync', file: 'postgresql.auto.conf' },
    { setting: 'full_page_writes', file: 'postgresql.conf' },
    { setting: 'synchronous_commit', file: 'postgresql.conf' },
  ]) {
    const good = await readFile(join(data, file), 'utf8')
    await appendFile(join(data, file), `${setting} = off\n`)
    await assert.rejects(startEmbedded({ folder }), (error: Error & { hint: string }) => {
      assert.equal(error.name, 'EnvironmentError')
      assert.match(error.message, new RegExp(`configured with ${setting} = off`))
      assert.match(error.hint, /Remove the line/)
      return true
    })
    assert.equal(await serverPid(folder), undefined)
    await writeFile(join(data, file), good)
  }
  await (await startEmbedded({ folder })).stop()
})

test('a failed start shows the end of the log, and the next start works after the cause is removed', async (t) => {
  const folder = await preparedFolder(t, template)
  const hba = join(await homeOf(folder), 'data', 'pg_hba.conf')
  const good = await readFile(hba, 'utf8')
  await writeFile(hba, 'nonsense\n')
  await assert.rejects(startEmbedded({ folder }), {
    name: 'EnvironmentError',
    message: /did not start:[\s\S]*invalid connection type "nonsense"[\s\S]*could not load/,
  })
  await writeFile(hba, good)
  await (await startEmbedded({ folder })).stop()
})

test('a lost password is replaced without losing the data', async (t) => {
  const folder = await preparedFolder(t, template)
  const first = await startEmbedded({ folder })
  await query(first.url, 'create table post (id int)', 'insert into post values (1)')
  await first.stop()
  await rm(join(folder, '.plinth', 'postgres', 'password'))
  const second = await startEmbedded({ folder })
  assert.notEqual(new URL(second.url).password, new URL(first.url).password)
  assert.deepEqual(await query(second.url, 'select id from post'), [1])
  await second.stop()
})
