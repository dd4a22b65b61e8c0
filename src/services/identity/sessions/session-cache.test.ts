import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SignedInUser } from './identity-row.ts'
import { openSessionCache } from './session-cache.ts'

/** A database of roles that answers when the test says so, and counts its queries. */
function database() {
  const roles = new Map<string, string>()
  const waiting: (() => void)[] = []
  let asked = 0
  let held = false
  const user = (sessionId: string): SignedInUser | null => {
    const role = roles.get(sessionId)
    return role === undefined ? null : { userId: 'ada', caller: { claims: new Map([['role', role]]), session: sessionId } }
  }
  return {
    roles,
    asked: () => asked,
    hold: () => {
      held = true
    },
    release: () => {
      held = false
      for (const answer of waiting.splice(0)) answer()
    },
    read: (sessionId: string) => {
      asked += 1
      // A statement sees the rows that existed when it began.
      const seen = user(sessionId)
      return held ? new Promise<SignedInUser | null>((resolve) => waiting.push(() => resolve(seen))) : Promise.resolve(seen)
    },
  }
}

function cacheOver(db: ReturnType<typeof database>) {
  const clock = { now: 1_000_000 }
  const cache = openSessionCache({ read: db.read, now: () => clock.now })
  const roleOf = async (sessionId: string, userId = 'ada') => (await cache.get({ sessionId, userId }))?.caller.claims.get('role')
  return { clock, cache, roleOf }
}

test('a change on another instance takes effect within five seconds, with one query in this time', async () => {
  const db = database()
  const { clock, roleOf } = cacheOver(db)
  db.roles.set('s', 'user')
  assert.equal(await roleOf('s'), 'user')
  db.roles.set('s', 'admin')
  clock.now += 4_999
  assert.equal(await roleOf('s'), 'user')
  assert.equal(db.asked(), 1)
  clock.now += 1
  assert.equal(await roleOf('s'), 'admin')
  assert.equal(db.asked(), 2)
})

test('a change on this instance takes effect at the next request', async () => {
  const db = database()
  const { cache, roleOf } = cacheOver(db)
  db.roles.set('s', 'user').set('t', 'user')
  await roleOf('s')
  await roleOf('t')
  db.roles.set('s', 'admin').delete('t')
  cache.forgetUser('ada')
  assert.equal(await roleOf('s'), 'admin')
  assert.equal(await roleOf('t'), undefined)
  db.roles.delete('s')
  cache.forget('s')
  assert.equal(await roleOf('s'), undefined)
})

test('a change while the session is being read takes effect, although the read returns the old state', async () => {
  const db = database()
  const { cache, roleOf } = cacheOver(db)
  db.roles.set('s', 'user')
  db.hold()
  const early = roleOf('s')
  db.roles.set('s', 'banned')
  cache.forget('s')
  const late = roleOf('s')
  db.release()
  assert.deepEqual([await early, await late, await roleOf('s')], ['user', 'banned', 'banned'])
})

test('a hundred requests at once make one query', async () => {
  const db = database()
  const { roleOf } = cacheOver(db)
  db.roles.set('s', 'user')
  db.hold()
  const all = Array.from({ length: 100 }, () => roleOf('s'))
  db.release()
  assert.deepEqual(new Set(await Promise.all(all)), new Set(['user']))
  assert.equal(db.asked(), 1)
})

test('a failed read is not cached', async () => {
  let asked = 0
  const read = () => {
    asked += 1
    return asked === 1 ? Promise.reject(new Error('database gone')) : Promise.resolve(null)
  }
  const cache = openSessionCache({ read, now: () => 0 })
  await assert.rejects(cache.get({ sessionId: 's', userId: 'ada' }), /database gone/)
  assert.equal(await cache.get({ sessionId: 's', userId: 'ada' }), null)
})

test('setting the clock back does not extend the life of an entry', async () => {
  const db = database()
  const { clock, roleOf } = cacheOver(db)
  db.roles.set('s', 'user')
  await roleOf('s')
  db.roles.set('s', 'admin')
  clock.now -= 60_000
  assert.equal(await roleOf('s'), 'admin')
})

test('a token with the session of another user is refused', async () => {
  const db = database()
  const { roleOf } = cacheOver(db)
  db.roles.set('s', 'user')
  await roleOf('s', 'ada')
  await roleOf('s', 'bob')
  assert.equal(db.asked(), 2)
})

test('many sessions do not grow the cache beyond its limit', async () => {
  const db = database()
  const { cache, roleOf } = cacheOver(db)
  for (let i = 0; i < 50_000; i++) await roleOf(`s${i}`, `u${i}`)
  assert.ok(cache.size() <= 20_000)
})
