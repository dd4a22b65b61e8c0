import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { Failure } from '../../src/base/failure.ts'
import { ARGON2ID } from '../../src/services/identity/passwords/passwords.ts'
import { processorTime } from '../support/processor-time.ts'
import { CHEAP, codeOf, type Garden, type Instance, openGarden, roleAt } from './instances.ts'

const PASSWORD = 'otter lantern'
const MINUTE = 60_000

let garden: Garden
before(async () => {
  garden = await openGarden()
})
after(() => garden.close())

let users = 0
async function newUser(password: string | null = PASSWORD): Promise<{ readonly id: string; readonly login: string }> {
  users += 1
  const login = `user${users}@example.org`
  return { id: await garden.addUser(login, password), login }
}

const attempt = ({ identity }: Instance, login: string, password: string) => identity.login(login, password).then(() => 'in', codeOf)

/** The number of attempts whose password was hashed. */
const evaluated = (instances: readonly Instance[]) =>
  instances.flatMap((instance) => instance.rowsOf.get('login.claim') ?? []).filter((rows) => rows > 0).length

test('the right password signs in, and the session is the user’s', async () => {
  const { id, login } = await newUser()
  const instance = garden.instance({ cost: ARGON2ID })
  const session = await instance.identity.login(login, PASSWORD)
  assert.equal(session.userId, id)
  assert.equal(await roleAt(instance, session.token), 'user')
})

test('every login begins a new session', async () => {
  const { login } = await newUser()
  const instance = garden.instance()
  const sessions = await Promise.all([1, 2, 3].map(() => instance.identity.login(login, PASSWORD)))
  for (const part of ['sessionId', 'token', 'refreshToken'] as const) assert.equal(new Set(sessions.map((s) => s[part])).size, 3)
})

test('a login ignores case and surrounding blanks; a password does not', async () => {
  const { login } = await newUser()
  const instance = garden.instance()
  for (const spelling of [login.toUpperCase(), ` ${login} `, `\t${login}\n`])
    assert.equal(await attempt(instance, spelling, PASSWORD), 'in')
  for (const wrong of [` ${PASSWORD}`, PASSWORD.toUpperCase(), `${PASSWORD}.`, ''])
    assert.equal(await attempt(instance, login, wrong), 'invalid_credentials')
})

test('every failed login gets the same answer', async () => {
  const known = await newUser()
  const without = await newUser(null)
  const unreadable = await newUser()
  const gone = await newUser()
  await garden.query(`update "garden ""users""" set password = '$2b$10$abcdefghijklmnopqrstuv' where id = $1`, [unreadable.id])
  await garden.query('update "garden ""users""" set deleted_at = now() where id = $1', [gone.id])
  const instance = garden.instance()
  const tries: readonly (readonly [string, string])[] = [
    [known.login, 'wrong'],
    ['nobody@example.org', PASSWORD],
    [without.login, PASSWORD],
    [without.login, ''],
    [unreadable.login, PASSWORD],
    [gone.login, PASSWORD],
    ['', ''],
    ['not an address', PASSWORD],
    ["' or true --", PASSWORD],
    ['\u0000', '\u0000'],
    ['nul\u0000@example.org', PASSWORD],
    ['\ud800@example.org', '\ud800'],
    [`${'x'.repeat(8000)}@example.org`, PASSWORD],
    [known.login, 'x'.repeat(10_000_000)],
  ]
  for (const [login, password] of tries) {
    await assert.rejects(instance.identity.login(login, password), (error: unknown) => {
      assert.ok(error instanceof Failure, login.slice(0, 40))
      assert.deepEqual(
        [error.code, error.status, error.detail, error.errors, error.retryAfterSeconds],
        ['invalid_credentials', 401, 'login or password is wrong', [], undefined],
      )
      return true
    })
  }
  assert.deepEqual(instance.observations, [{ kind: 'password-unreadable', userId: unreadable.id }])
})

test('of two hundred concurrent wrong logins on two instances, ten are checked, and then the right password is refused', async () => {
  const { id, login } = await newUser()
  const instances = [garden.instance(), garden.instance()] as const
  const alive = await instances[0].identity.startSession(id)
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) => attempt(instances[i % 2 === 0 ? 0 : 1], login, i === 150 ? PASSWORD : `wrong ${i}`)),
  )
  assert.equal(evaluated(instances), 10)
  assert.deepEqual(new Set(answers), new Set(['invalid_credentials']))
  assert.deepEqual(
    instances.flatMap((instance) => instance.observations),
    [{ kind: 'login-locked', userId: id }],
  )
  // Existing sessions are not affected.
  assert.equal(await roleAt(instances[1], alive.token), 'user')
  await instances[1].identity.refresh(alive.refreshToken)
})

test('a login without an account is locked in the same way', async () => {
  const instances = [garden.instance(), garden.instance()] as const
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => attempt(instances[i % 2 === 0 ? 0 : 1], 'nobody.locked@example.org', `wrong ${i}`)),
  )
  assert.equal(evaluated(instances), 10)
  assert.deepEqual(new Set(answers), new Set(['invalid_credentials']))
})

test('a lock lasts 15 minutes; then the right password is accepted again', async () => {
  const { login } = await newUser()
  const instance = garden.instance()
  for (let i = 0; i < 10; i++) assert.equal(await attempt(instance, login, 'wrong'), 'invalid_credentials')
  for (const wait of [0, 14 * MINUTE, MINUTE - 1]) {
    instance.clock.now += wait
    assert.equal(await attempt(instance, login, PASSWORD), 'invalid_credentials')
  }
  instance.clock.now += 1
  assert.equal(await attempt(instance, login, PASSWORD), 'in')
})

test('a lock begins with the tenth wrong password, not with the first', async () => {
  const { login } = await newUser()
  const instance = garden.instance()
  for (let i = 0; i < 9; i++) await attempt(instance, login, 'wrong')
  instance.clock.now += 14 * MINUTE
  await attempt(instance, login, 'wrong')
  instance.clock.now += 15 * MINUTE - 1
  assert.equal(await attempt(instance, login, PASSWORD), 'invalid_credentials')
  instance.clock.now += 1
  assert.equal(await attempt(instance, login, PASSWORD), 'in')
})

test('attempts during a lock do not extend it', async () => {
  const { login } = await newUser()
  const instance = garden.instance()
  for (let i = 0; i < 10; i++) await attempt(instance, login, 'wrong')
  for (let minute = 1; minute < 15; minute++) {
    instance.clock.now += MINUTE
    for (let i = 0; i < 3; i++) await attempt(instance, login, 'wrong')
  }
  instance.clock.now += MINUTE
  assert.equal(await attempt(instance, login, PASSWORD), 'in')
})

test('the right password after nine wrong ones resets the count', async () => {
  const { login } = await newUser()
  const instance = garden.instance()
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 9; i++) assert.equal(await attempt(instance, login, 'wrong'), 'invalid_credentials')
    assert.equal(await attempt(instance, login, PASSWORD), 'in')
  }
})

test('the count of wrong passwords resets 15 minutes after the first', async () => {
  const { login } = await newUser()
  const instance = garden.instance()
  for (let i = 0; i < 9; i++) await attempt(instance, login, 'wrong')
  instance.clock.now += 15 * MINUTE
  for (let i = 0; i < 9; i++) await attempt(instance, login, 'wrong')
  assert.equal(await attempt(instance, login, PASSWORD), 'in')
})

test('fifty concurrent correct logins of one account on two instances all succeed', async () => {
  const { login } = await newUser()
  const instances = [garden.instance(), garden.instance()] as const
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => attempt(instances[i % 2 === 0 ? 0 : 1], login, PASSWORD)))
  assert.deepEqual(new Set(answers), new Set(['in']))
})

test('an attempt that is refused with overloaded does not count', async () => {
  const { login } = await newUser()
  const instance = garden.instance({ running: 1, cost: { ...CHEAP, memory: 4_096 } })
  const other = garden.instance()
  for (let i = 0; i < 9; i++) await attempt(other, login, 'wrong')
  // Each hash that ends is followed by another one, so that the queue stays full until the attempt is answered.
  let answered = false
  const hashing = async (): Promise<void> => {
    while (!answered) await instance.identity.hashPassword(PASSWORD)
  }
  let busy: Promise<unknown> = Promise.resolve()
  instance.before.set('login.claim', async () => {
    busy = Promise.allSettled(Array.from({ length: 65 }, hashing))
  })
  // This is the tenth: if it counted, the account would be locked.
  assert.equal(await attempt(instance, login, PASSWORD), 'overloaded')
  answered = true
  await busy
  assert.equal(await attempt(instance, login, PASSWORD), 'in')
})

test('a password that changes while it is being verified begins no session', async () => {
  const { id, login } = await newUser()
  const instance = garden.instance()
  const changed = await instance.identity.hashPassword('another lantern')
  instance.before.set('session.open-after-login', async () => {
    await garden.query('update "garden ""users""" set password = $2 where id = $1', [id, changed])
  })
  assert.equal(await attempt(instance, login, PASSWORD), 'invalid_credentials')
  assert.deepEqual(await garden.query('select id from plinth.sessions where user_id = $1', [id]), [])
  assert.equal(await attempt(instance, login, 'another lantern'), 'in')
})

test('a login waits for a concurrent password change and then fails', async () => {
  const { id, login } = await newUser()
  const instance = garden.instance()
  const changed = await instance.identity.hashPassword('another lantern')
  const changing = new pg.Client({ connectionString: garden.url, options: '-c search_path=public' })
  await changing.connect()
  let committed: Promise<unknown> = Promise.resolve()
  instance.before.set('session.open-after-login', async () => {
    await changing.query('begin')
    await changing.query('update "garden ""users""" set password = $2 where id = $1', [id, changed])
    committed = sleep(150).then(() => changing.query('commit'))
  })
  assert.equal(await attempt(instance, login, PASSWORD), 'invalid_credentials')
  await committed
  await changing.end()
  assert.deepEqual(await garden.query('select id from plinth.sessions where user_id = $1', [id]), [])
})

test('when the cost of hashing rises, the next login hashes the password again, and it stays valid on every instance', async () => {
  const { id, login } = await newUser()
  const stored = async () => String((await garden.query('select password from "garden ""users""" where id = $1', [id]))[0]?.password)
  const before = await stored()
  const dearer = [garden.instance({ cost: { ...CHEAP, memory: 64 } }), garden.instance({ cost: { ...CHEAP, memory: 64 } })] as const
  const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => attempt(dearer[i % 2 === 0 ? 0 : 1], login, PASSWORD)))
  assert.deepEqual(new Set(answers), new Set(['in']))
  const now = await stored()
  assert.match(before, /\$m=8,t=1,p=1\$/)
  assert.match(now, /\$m=64,t=1,p=1\$/)
  assert.deepEqual(
    dearer.flatMap((instance) => instance.observations.map((o) => o.kind)),
    ['password-rehashed'],
  )
  assert.equal(await attempt(garden.instance(), login, PASSWORD), 'in')
  assert.equal(await stored(), now)
})

test('the table of attempts contains neither the login nor the password', async () => {
  const instance = garden.instance()
  const typed = 'my secret password in the wrong box@example.org'
  await attempt(instance, typed, 'x')
  const dump = JSON.stringify(await garden.query("select encode(login_hash, 'hex') as hash, l::text from plinth.login_attempts l"))
  for (const algorithm of ['sha256', 'sha1', 'md5', 'sha512'])
    assert.equal(dump.includes(createHash(algorithm).update(typed).digest('hex')), false)
  assert.equal(dump.includes('secret'), false)
  assert.equal(JSON.stringify(instance.observations).includes('example.org'), false)
})

test('a login for an unknown account takes as much processor time as for a known one', async (t) => {
  const { id, login } = await newUser()
  const instance = garden.instance({ cost: ARGON2ID, running: 1 })
  await garden.query('update "garden ""users""" set password = $2 where id = $1', [id, await instance.identity.hashPassword(PASSWORD)])
  const times = { known: [] as number[], unknown: [] as number[] }
  const timed = async (kind: keyof typeof times, who: string) => {
    const took = processorTime()
    await attempt(instance, who, 'wrong')
    times[kind].push(took())
  }
  for (let i = 0; i < 12; i++) {
    // The order alternates, because the second login may find warm memory and caches.
    const pair = [() => timed('known', login), () => timed('unknown', 'stranger@example.org')]
    for (const one of i % 2 === 0 ? pair : pair.reverse()) await one()
    instance.clock.now += 2 * MINUTE
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
  const [known, unknown] = [median(times.known), median(times.unknown)]
  t.diagnostic(`known ${known.toFixed(1)} ms, unknown ${unknown.toFixed(1)} ms`)
  // A missing hash would make a factor of ten. Smaller differences cannot be measured on a shared machine.
  assert.ok(Math.abs(known - unknown) < 0.3 * known, `known ${known} ms, unknown ${unknown} ms`)
})
