/** Callers that are known by their `Authorization` header are known for no longer than by their token and their session. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { authenticate } from '../../src/server/http/caller/authenticate.ts'
import { type Garden, openGarden } from './instances.ts'

const SESSION_FRESH_MS = 5_000
/** With the leeway for clocks that differ. */
const TOKEN_MS = (900 + 30) * 1000

let garden: Garden
before(async () => {
  garden = await openGarden()
})
after(() => garden.close())

let users = 0
/** A signed-in user whose header is known. */
async function known() {
  users += 1
  const id = await garden.addUser(`recall${users}@example.org`, 'otter lantern')
  const clock = { now: Date.UTC(2030, 0, 1) }
  const { identity } = garden.instance({ clock })
  const session = await identity.startSession(id)
  const header = `Bearer ${session.token}`
  const prove = () => identity.authenticate(session.token, header)
  assert.equal(identity.recall(header), null, 'not known before it was proved')
  const caller = await prove()
  assert.equal(identity.recall(header), caller)
  return { id, clock, identity, session, header, prove, caller }
}

test('a header is known for five seconds after its session was read', async () => {
  const { clock, identity, header, prove, caller } = await known()
  clock.now += SESSION_FRESH_MS - 1
  assert.equal(identity.recall(header), caller)
  clock.now += 1
  assert.equal(identity.recall(header), null)
  assert.deepEqual(await prove(), caller)
  assert.deepEqual(identity.recall(header), caller)
  clock.now -= 60_000
  assert.equal(identity.recall(header), null, 'the clock was set back')
})

test('a header in an unusual spelling is not remembered', async () => {
  const { identity, session, header } = await known()
  const spelled = `Bearer   ${session.token}`
  assert.equal((await authenticate({ identity, backends: null }, spelled)).session, session.sessionId)
  assert.equal(identity.recall(spelled), null)
  assert.notEqual(identity.recall(header), null)
})

test('a header is not known after the token has expired, though its session is', async () => {
  const { clock, identity, header, prove } = await known()
  clock.now = Date.UTC(2030, 0, 1) + TOKEN_MS - 1
  await prove()
  assert.notEqual(identity.recall(header), null)
  clock.now += 1
  assert.equal(identity.recall(header), null)
  await assert.rejects(prove(), { code: 'invalid_token' })
})

for (const [what, end] of [
  ['a logout', ({ identity, session }) => identity.logout({ session: session.sessionId })],
  ['a logout by the refresh token', ({ identity, session }) => identity.logout({ refreshToken: session.refreshToken })],
  ['the end of all sessions of the user', ({ identity, id }) => identity.revokeUser(id, 'administrator')],
] satisfies readonly (readonly [string, (of: Awaited<ReturnType<typeof known>>) => Promise<void>])[]) {
  test(`a header is not known after ${what}`, async () => {
    const of = await known()
    await end(of)
    assert.equal(of.identity.recall(of.header), null)
    await assert.rejects(of.prove(), { code: 'invalid_token' })
    assert.equal(of.identity.recall(of.header), null)
  })
}

test('a header is not known after its user was changed, until the user was read again', async () => {
  const { id, identity, header, prove } = await known()
  identity.forgetUser(id)
  assert.equal(identity.recall(header), null)
  const caller = await prove()
  assert.equal(identity.recall(header), caller)
})

test('only the header that was proved is known', async () => {
  const { identity, session, header } = await known()
  for (const other of [session.token, `bearer ${session.token}`, `${header} `, header.slice(0, -1), '', '__proto__'])
    assert.equal(identity.recall(other), null)
})
