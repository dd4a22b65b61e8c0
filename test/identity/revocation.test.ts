import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { codeOf, type Garden, openGarden, roleAt } from './instances.ts'

const DAY = 86_400_000

let garden: Garden
before(async () => {
  garden = await openGarden()
})
after(() => garden.close())

let users = 0
/** A new user, signed in twice, on two instances that have just read both sessions. */
async function signedInTwice() {
  users += 1
  const id = await garden.addUser(`user${users}@example.org`, 'otter lantern')
  const clock = { now: Date.UTC(2030, 0, 1) }
  const [here, there] = [garden.instance({ clock }), garden.instance({ clock })] as const
  const one = await here.identity.startSession(id)
  const two = await here.identity.login(`user${users}@example.org`, 'otter lantern')
  for (const instance of [here, there]) for (const { token } of [one, two]) assert.equal(await roleAt(instance, token), 'user')
  return { id, clock, here, there, one, two }
}

const change = (id: string, what: string) => garden.query(`update "garden ""users""" set ${what} where id = $1`, [id])

test('the caller has the claims of the row, in the types of the design', async () => {
  const id = await garden.addUser('claims@example.org', 'otter lantern')
  await change(id, "role = 'admin', level = 7, rating = 1.5, credit = 12.50, trusted = true, until = '2031-02-03 04:05:06.789+02'")
  const instance = garden.instance()
  const session = await instance.identity.startSession(id)
  const claims = new Map<string, unknown>([
    ['id', id],
    ['role', 'admin'],
    ['level', 7],
    ['rating', 1.5],
    ['credit', '12.50'],
    ['trusted', true],
    ['until', '2031-02-03T02:05:06.789Z'],
  ])
  assert.deepEqual(session.caller, { claims, session: session.sessionId })
  assert.deepEqual(await instance.identity.authenticate(session.token), session.caller)
  await change(id, 'level = null, rating = null, credit = null, trusted = null, until = null')
  const fresh = await instance.identity.refresh(session.refreshToken)
  assert.deepEqual(
    [...fresh.caller.claims].filter(([, value]) => value !== null),
    [
      ['id', id],
      ['role', 'admin'],
    ],
  )
})

test('a change of role takes effect at once on its instance, and within five seconds on others', async () => {
  const { id, clock, here, there, one, two } = await signedInTwice()
  await change(id, "role = 'admin'")
  here.identity.forgetUser(id)
  for (const { token } of [one, two]) assert.equal(await roleAt(here, token), 'admin')
  clock.now += 4_999
  assert.equal(await roleAt(there, one.token), 'user')
  clock.now += 1
  for (const { token } of [one, two]) assert.equal(await roleAt(there, token), 'admin')
})

test('a refresh gives the current role, in the caller and in the token', async () => {
  const { id, here, one } = await signedInTwice()
  await change(id, "role = 'admin'")
  const fresh = await here.identity.refresh(one.refreshToken)
  assert.equal(fresh.caller.claims.get('role'), 'admin')
  assert.equal(JSON.parse(Buffer.from(fresh.token.split('.')[1] ?? '', 'base64url').toString()).role, 'admin')
})

for (const [name, end] of [
  ['deleted', (id: string) => garden.query('delete from "garden ""users""" where id = $1', [id])],
  ['softly deleted', (id: string) => change(id, 'deleted_at = now()')],
] as const) {
  test(`a ${name} user is gone: no request, no refresh, no session, no login`, async () => {
    const { id, clock, here, there, one } = await signedInTwice()
    const login = `user${users}@example.org`
    await end(id)
    here.identity.forgetUser(id)
    assert.equal(await roleAt(here, one.token), 'invalid_token')
    clock.now += 5_000
    assert.equal(await roleAt(there, one.token), 'invalid_token')
    assert.equal(await there.identity.refresh(one.refreshToken).catch(codeOf), 'invalid_token')
    assert.equal(await there.identity.startSession(id).catch(codeOf), 'invalid_credentials')
    assert.equal(await there.identity.login(login, 'otter lantern').catch(codeOf), 'invalid_credentials')
  })
}

test('a logout ends only its session: at once on its instance, within five seconds on others', async () => {
  const { clock, here, there, one, two } = await signedInTwice()
  await here.identity.logout({ session: one.sessionId })
  assert.equal(await roleAt(here, one.token), 'invalid_token')
  assert.equal(await there.identity.refresh(one.refreshToken).catch(codeOf), 'invalid_token')
  clock.now += 5_000
  assert.equal(await roleAt(there, one.token), 'invalid_token')
  for (const instance of [here, there]) assert.equal(await roleAt(instance, two.token), 'user')
  await here.identity.logout({ session: one.sessionId })
})

test('a logout with a refresh token, even an old one, ends its session; a forged token ends no session', async () => {
  const { here, one, two } = await signedInTwice()
  const later = await here.identity.refresh(one.refreshToken)
  const last = await here.identity.refresh(later.refreshToken)
  const forged = Buffer.from(last.refreshToken, 'base64url')
  forged[60] = (forged[60] ?? 0) ^ 1
  for (const text of [forged.toString('base64url'), 'junk', '']) await here.identity.logout({ refreshToken: text })
  assert.equal(await roleAt(here, last.token), 'user')
  await here.identity.logout({ refreshToken: one.refreshToken })
  assert.equal(await roleAt(here, last.token), 'invalid_token')
  assert.equal(await here.identity.refresh(last.refreshToken).catch(codeOf), 'invalid_token')
  assert.equal(await roleAt(here, two.token), 'user')
  assert.deepEqual(here.observations, [])
})

test('a new password ends every session except the one that set it', async () => {
  const { id, clock, here, there, one, two } = await signedInTwice()
  await here.identity.revokeUser(id, 'password-changed', two.sessionId)
  assert.equal(await roleAt(here, one.token), 'invalid_token')
  assert.equal(await roleAt(here, two.token), 'user')
  clock.now += 5_000
  assert.equal(await roleAt(there, one.token), 'invalid_token')
  await there.identity.refresh(two.refreshToken)
  const reasons = await garden.query('select revoked_reason from plinth.sessions where user_id = $1 and revoked_at is not null', [id])
  assert.deepEqual(reasons, [{ revoked_reason: 'password-changed' }])
  await here.identity.revokeUser(id, 'account-closed')
  assert.equal(await roleAt(here, two.token), 'invalid_token')
})

test('a refresh moves the last use and the idle expiry of its session alone', async () => {
  const { id, clock, here, one, two } = await signedInTwice()
  clock.now += 60_000
  await here.identity.refresh(one.refreshToken)
  const rows = await garden.query(
    'select id, created_at, last_used_at, idle_expires_at from plinth.sessions where user_id = $1 order by last_used_at desc',
    [id],
  )
  assert.deepEqual(JSON.parse(JSON.stringify(rows)), [
    {
      id: one.sessionId,
      created_at: '2030-01-01T00:00:00.000Z',
      last_used_at: '2030-01-01T00:01:00.000Z',
      idle_expires_at: '2030-01-31T00:01:00.000Z',
    },
    {
      id: two.sessionId,
      created_at: '2030-01-01T00:00:00.000Z',
      last_used_at: '2030-01-01T00:00:00.000Z',
      idle_expires_at: '2030-01-31T00:00:00.000Z',
    },
  ])
})

test('a hundred requests of one session query the database once', async () => {
  const { clock, there, one } = await signedInTwice()
  clock.now += 10_000
  there.rowsOf.clear()
  await Promise.all(Array.from({ length: 100 }, () => there.identity.authenticate(one.token)))
  assert.deepEqual([...there.rowsOf], [['session.state', [1]]])
})

test('a token for one user with the session of another is refused', async () => {
  const { here, one } = await signedInTwice()
  const stranger = await garden.addUser('stranger@example.org', 'otter lantern')
  await garden.query('update plinth.sessions set user_id = $1 where id = $2', [stranger, one.sessionId])
  here.identity.forgetUser(one.userId)
  assert.equal(await roleAt(here, one.token), 'invalid_token')
})

test('a sweep deletes expired rows and keeps valid ones', async () => {
  const { id, clock, here, one } = await signedInTwice()
  await here.identity.login('nobody@example.org', 'otter lantern').catch(codeOf)
  clock.now += 20 * DAY
  await here.identity.refresh(one.refreshToken)
  clock.now += 15 * DAY
  let swept = 0
  for (let last = -1; last !== 0; swept += last) last = await here.sweep()
  assert.ok(swept >= 2)
  assert.deepEqual(await garden.query('select id from plinth.sessions where user_id = $1', [id]), [{ id: one.sessionId }])
  assert.deepEqual(await garden.query('select count(*)::int as count from plinth.login_attempts'), [{ count: 0 }])
  assert.equal(await here.sweep(), 0)
})

for (const id of ['integer', 'text'] as const) {
  test(`users whose id is ${id === 'integer' ? 'a number' : 'a text'} sign in like other users`, async () => {
    const other = await openGarden({ login: 'text', id })
    try {
      const user = await other.addUser('Ada', 'otter lantern')
      const instance = other.instance({ design: { login: 'text', id } })
      const session = await instance.identity.login('Ada', 'otter lantern')
      assert.equal(session.userId, user)
      assert.equal(session.caller.claims.get('id'), id === 'integer' ? Number(user) : user)
      const fresh = await instance.identity.refresh(session.refreshToken)
      assert.deepEqual((await instance.identity.authenticate(fresh.token)).claims, session.caller.claims)
      await instance.identity.revokeUser(user, 'administrator')
      await assert.rejects(instance.identity.authenticate(fresh.token), { code: 'invalid_token' })
    } finally {
      await other.close()
    }
  })
}
