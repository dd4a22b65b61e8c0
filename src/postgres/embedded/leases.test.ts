import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { KeeperState } from './event.ts'
import { openLeases } from './leases.ts'

const WELCOME = '{"kind":"welcome"}\n'

async function opened(t: TestContext) {
  const here = await mkdtemp(join(tmpdir(), 'plinth-leases-'))
  t.after(() => rm(here, { recursive: true }))
  const leases = await openLeases(here, here)
  const state = JSON.parse(await readFile(join(here, 'keeper.json'), 'utf8')) as KeeperState
  return { here, leases, token: `${state.token}\n`, endpoint: String(state.endpoint) }
}

/** Connects and sends `word`, if given, after the server has accepted. `heard` is all that the server sends until the connection ends. */
async function knock(endpoint: string, word?: string): Promise<{ socket: Socket; heard: Promise<string> }> {
  const socket = connect({ path: endpoint, allowHalfOpen: true })
  socket.on('error', () => {})
  const heard = new Promise<string>((resolve) => {
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString()
    })
    socket.on('close', () => resolve(text))
    socket.on('end', () => socket.end())
  })
  await once(socket, 'connect')
  if (word !== undefined) {
    socket.write(word)
    if (word.length > 10) await once(socket, 'data')
  }
  return { socket, heard }
}

test('`abandoned` is aborted when the last holder ends its lease or dies', async (t) => {
  const { leases, token, endpoint } = await opened(t)
  const first = await knock(endpoint, token)
  const second = await knock(endpoint, token)
  first.socket.destroy()
  await first.heard
  await nextTurn()
  assert.equal(leases.abandoned.aborted, false)
  second.socket.end()
  await once(leases.abandoned, 'abort')
  await leases.close()
  assert.equal(await second.heard, WELCOME)
})

test('the connection of the last holder closes when the server has stopped; earlier ones close at once', async (t) => {
  const { leases, token, endpoint } = await opened(t)
  const first = await knock(endpoint, token)
  const last = await knock(endpoint, token)
  first.socket.end()
  assert.equal(await first.heard, WELCOME)
  last.socket.end()
  await once(leases.abandoned, 'abort')
  assert.equal(last.socket.readableEnded, false)
  await leases.close()
  await last.heard
})

test('a later holder first receives the latest message', async (t) => {
  const { leases, token, endpoint } = await opened(t)
  const first = await knock(endpoint, token)
  leases.announce({ kind: 'progress', event: { kind: 'starting' } })
  leases.announce({ kind: 'failed', message: 'no', hint: 'yes' })
  const late = await knock(endpoint, token)
  await leases.close()
  assert.equal(await late.heard, `${WELCOME}{"kind":"failed","message":"no","hint":"yes"}\n`)
  assert.equal(
    await first.heard,
    `${WELCOME}{"kind":"progress","event":{"kind":"starting"}}\n{"kind":"failed","message":"no","hint":"yes"}\n`,
  )
})

test('a client that sends its token after the last holder has left gets no lease', async (t) => {
  const { leases, token, endpoint } = await opened(t)
  const holder = await knock(endpoint, token)
  const slow = await knock(endpoint)
  holder.socket.end()
  await once(leases.abandoned, 'abort')
  slow.socket.write(token)
  assert.equal(await slow.heard, '')
  await leases.close()
})

test('a wrong token is refused, and only the owner can read the file with the token', async (t) => {
  const { here, leases, token, endpoint } = await opened(t)
  const stranger = await knock(endpoint, 'guess\n')
  assert.equal(await stranger.heard, '')
  const holder = await knock(endpoint, token)
  assert.equal((await stat(join(here, 'keeper.json'))).mode & 0o777, 0o600)
  assert.equal((await stat(endpoint)).mode & 0o777, 0o600)
  await leases.close()
  await holder.heard
})

test('a new request after a failure does not get the old answer', async (t) => {
  const { leases, token, endpoint } = await opened(t)
  const first = await knock(endpoint, token)
  const again = await knock(endpoint)
  leases.announce({ kind: 'failed', message: 'no', hint: 'yes' })
  const closed = leases.close()
  again.socket.write(token)
  assert.match(await first.heard, /failed/)
  assert.equal(await again.heard, '')
  await closed
})
