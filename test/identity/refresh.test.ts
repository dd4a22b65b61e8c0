import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { SignedIn } from '../../src/services/identity/identity.ts'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import { codeOf, type Garden, type Instance, newPem, openGarden } from './instances.ts'

/** The number of runs; higher in continuous integration. */
const ROUNDS = Number(process.env.PLINTH_TEST_ROUNDS ?? (process.env.PLINTH_FULL === '1' ? 15 : 5))
const HOUR = 3_600_000
const DAY = 24 * HOUR

let garden: Garden
let ada: string
before(async () => {
  garden = await openGarden()
  ada = await garden.addUser('ada@example.org', 'otter lantern')
})
after(() => garden.close())

async function refused({ identity }: Instance, refreshToken: string): Promise<string> {
  return identity.refresh(refreshToken).then(() => 'accepted', codeOf)
}

/** A new session, refreshed this many times. `tokens` contains all refresh tokens, the current one last. */
async function sessionAfter(instance: Instance, refreshes: number): Promise<{ readonly session: SignedIn; readonly tokens: string[] }> {
  let session = await instance.identity.startSession(ada)
  const tokens = [session.refreshToken]
  for (let i = 0; i < refreshes; i++) {
    session = await instance.identity.refresh(session.refreshToken)
    tokens.push(session.refreshToken)
  }
  return { session, tokens }
}

const at = (tokens: readonly string[], index: number) => tokens.at(index) ?? ''

test('fifty concurrent refreshes on two instances rotate the token once, and all get the same successor', async () => {
  const instances = [garden.instance(), garden.instance()]
  let { refreshToken, sessionId } = await (instances[0] as Instance).identity.startSession(ada)
  for (let round = 1; round <= ROUNDS; round++) {
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => (instances[i % 2] as Instance).identity.refresh(refreshToken)))
    const successors = new Set(answers.map((answer) => answer.refreshToken))
    assert.equal(successors.size, 1)
    assert.equal(successors.has(refreshToken), false)
    const rows = await garden.query('select generation, revoked_at from plinth.sessions where id = $1', [sessionId])
    assert.deepEqual(rows, [{ generation: round, revoked_at: null }])
    refreshToken = answers[0]?.refreshToken ?? ''
    sessionId = answers[0]?.sessionId ?? ''
  }
})

test('a retry after a lost answer gets the same successor, within and after the grace period', async () => {
  const [one, two] = [garden.instance(), garden.instance()]
  const { refreshToken } = await one.identity.startSession(ada)
  const lost = await one.identity.refresh(refreshToken)
  for (const [wait, instance] of [
    [1_000, two],
    [9_000, one],
    [HOUR, two],
    [HOUR, one],
  ] as const) {
    one.clock.now += wait
    two.clock.now = one.clock.now
    assert.equal((await instance.identity.refresh(refreshToken)).refreshToken, lost.refreshToken)
  }
  await one.identity.refresh(lost.refreshToken)
})

test('two clients that use the same tokens alternately are detected at the second late refresh', async () => {
  const instance = garden.instance()
  const { tokens } = await sessionAfter(instance, 0)
  // The thief refreshes first, the owner some minutes later, again and again.
  const stolen = await instance.identity.refresh(at(tokens, 0))
  instance.clock.now += 5 * 60_000
  assert.equal((await instance.identity.refresh(at(tokens, 0))).refreshToken, stolen.refreshToken)
  instance.clock.now += 10 * 60_000
  const again = await instance.identity.refresh(stolen.refreshToken)
  instance.clock.now += 5 * 60_000
  assert.equal(await refused(instance, stolen.refreshToken), 'invalid_token')
  assert.equal(await refused(instance, again.refreshToken), 'invalid_token')
  assert.deepEqual(
    instance.observations.map((o) => o.kind),
    ['refresh-reused'],
  )
})

test('after a normal refresh, one late retry is allowed again', async () => {
  const instance = garden.instance()
  let { refreshToken } = await instance.identity.startSession(ada)
  for (let i = 0; i < 6; i++) {
    const next = await instance.identity.refresh(refreshToken)
    instance.clock.now += HOUR
    if (i % 2 === 0) assert.equal((await instance.identity.refresh(refreshToken)).refreshToken, next.refreshToken)
    refreshToken = next.refreshToken
  }
})

test('an old refresh token ends the session at once, and is reported', async () => {
  for (const [behind, wait] of [
    [2, 0],
    [2, HOUR],
    [3, 1],
    [7, DAY],
  ] as const) {
    const instance = garden.instance()
    const { session, tokens } = await sessionAfter(instance, 7)
    instance.clock.now += wait
    await instance.identity.authenticate((await instance.identity.refresh(at(tokens, -1))).token)
    assert.equal(await refused(instance, at(tokens, -behind)), 'invalid_token')
    assert.deepEqual(instance.observations, [
      { kind: 'refresh-reused', sessionId: session.sessionId, userId: ada, generationsBehind: behind },
    ])
    for (const token of tokens) assert.equal(await refused(instance, token), 'invalid_token')
    await assert.rejects(instance.identity.authenticate(session.token), { code: 'invalid_token' })
  }
})

test('a forged token with the id of a real session is refused, and the session continues', async () => {
  const instance = garden.instance()
  const { tokens, session } = await sessionAfter(instance, 3)
  const bytes = Buffer.from(at(tokens, 0), 'base64url')
  for (let place = 17; place < bytes.length; place++) {
    const forged = Buffer.from(bytes)
    forged[place] = (forged[place] ?? 0) ^ 1
    assert.equal(await refused(instance, forged.toString('base64url')), 'invalid_token')
  }
  const elsewhere = garden.instance({ keys: readKeys('AUTH_KEYS', newPem()) })
  const foreign = Buffer.from((await elsewhere.identity.startSession(ada)).refreshToken, 'base64url')
  bytes.copy(foreign, 1, 1, 17)
  assert.equal(await refused(instance, foreign.toString('base64url')), 'invalid_token')
  for (const junk of ['', 'x', 'A'.repeat(92), '\u0000'.repeat(92), session.token])
    assert.equal(await refused(instance, junk), 'invalid_token')
  await instance.identity.refresh(at(tokens, -1))
  assert.deepEqual(instance.observations, [])
})

test('a session that is used every day ends ninety days after it began', async () => {
  const instance = garden.instance()
  let session = await instance.identity.startSession(ada)
  const end = instance.clock.now + 90 * DAY
  while (instance.clock.now + DAY < end) {
    instance.clock.now += DAY
    session = await instance.identity.refresh(session.refreshToken)
  }
  instance.clock.now = end - 1
  session = await instance.identity.refresh(session.refreshToken)
  instance.clock.now = end
  assert.equal(await refused(instance, session.refreshToken), 'invalid_token')
  // The access token itself would be valid for some minutes more.
  await assert.rejects(instance.identity.authenticate(session.token), { code: 'invalid_token' })
})

test('a session that is not used for thirty days ends', async () => {
  const instance = garden.instance()
  const { tokens } = await sessionAfter(instance, 1)
  instance.clock.now += 30 * DAY - 1
  const session = await instance.identity.refresh(at(tokens, -1))
  instance.clock.now += 30 * DAY
  assert.equal(await refused(instance, session.refreshToken), 'invalid_token')
})

test('replacing keys ends no session, and a retry after the change gets the same successor', async () => {
  const [k1, k2] = [newPem(), newPem()]
  const clock = { now: Date.UTC(2031, 0, 1) }
  const with1 = garden.instance({ keys: readKeys('AUTH_KEYS', k1), clock })
  const with12 = garden.instance({ keys: readKeys('AUTH_KEYS', k1 + k2), clock })
  const with21 = garden.instance({ keys: readKeys('AUTH_KEYS', k2 + k1), clock })
  const with2 = garden.instance({ keys: readKeys('AUTH_KEYS', k2), clock })
  const start = await with1.identity.startSession(ada)
  const first = await with1.identity.refresh(start.refreshToken)
  assert.equal((await with21.identity.refresh(start.refreshToken)).refreshToken, first.refreshToken)
  assert.equal((await with12.identity.refresh(start.refreshToken)).refreshToken, first.refreshToken)
  await with21.identity.authenticate(first.token)
  const second = await with21.identity.refresh(first.refreshToken)
  assert.equal((await with12.identity.refresh(first.refreshToken)).refreshToken, second.refreshToken)
  // After the old key is removed, its access tokens are invalid, but its sessions continue.
  await assert.rejects(with2.identity.authenticate(first.token), { code: 'invalid_token' })
  await with2.identity.refresh(second.refreshToken)
  const other = await with1.identity.startSession(ada)
  const carried = await with2.identity.refresh(other.refreshToken)
  await with2.identity.authenticate(carried.token)
})

test('the database contains no token in any encoding', async () => {
  const instance = garden.instance()
  const { tokens, session } = await sessionAfter(instance, 5)
  const [dump] = await garden.query(
    "select string_agg(s::text, E'\\n') || string_agg(encode(s.current_hash, 'base64'), E'\\n') as text from plinth.sessions s",
  )
  const text = String(dump?.text)
  assert.ok(text.includes(session.sessionId))
  for (const token of [...tokens, session.token]) {
    const secret = Buffer.from(token, 'base64url').subarray(21, 53)
    for (const spelling of [token, token.slice(30, 60), secret.toString('hex'), secret.toString('base64')])
      assert.equal(text.includes(spelling), false)
  }
})
