/** One caller who keeps the hashing of passwords busy. */

import { setTimeout as sleep } from 'node:timers/promises'
import { usageOf } from '../../../src/verify/performance/load/processes.ts'
import { ask, type Told } from '../client.ts'
import type { Scenario } from '../scenario.ts'
import { loginsOf } from '../streams.ts'

const REQUESTS = 72
const PASSWORDS = 100
const HANG_UP_MS = 1_500
/** How long accounts could still appear after the client has gone. */
const AFTERWARDS_MS = 6_000
const IDLE_MS = 6_000
/** Hashes that were already under way, or done, when the client went. */
const BEGUN = 2 * PASSWORDS

export const passwords: Scenario = {
  title: `${REQUESTS} anonymous creates of ${PASSWORDS} accounts each, hung up after ${HANG_UP_MS / 1000} s`,
  others: (world) => loginsOf(world, 200),
  async attack({ port, pid, attacker, database }) {
    const body = (n: number) =>
      JSON.stringify(
        Array.from({ length: PASSWORDS }, (_, i) => ({
          name: 'Mallory',
          email: `m${n}-${i}@example.com`,
          password: `Plausible-${n}-${i}-horse`,
        })),
      )
    const told = await Promise.all(
      Array.from({ length: REQUESTS }, (_, n) =>
        ask({ port, from: attacker, method: 'POST', path: '/api/users', token: null, body: body(n), hangUpMs: HANG_UP_MS }),
      ),
    )
    await sleep(AFTERWARDS_MS)
    const before = usageOf(pid)?.cpu ?? 0
    await sleep(IDLE_MS)
    // The logins of the other callers are part of this time.
    const busy = ((usageOf(pid)?.cpu ?? 0) - before) / (IDLE_MS / 1000)
    const [row] = await database.query("select count(*) as made from users where name = 'Mallory'")
    const made = Number(row?.made)
    const refused = told.filter(({ status }) => status === 429 || status === 503).length
    return {
      attack: `${refused} of ${REQUESTS} refused at once, ${made} accounts made, the server ${Math.round(100 * busy)} % busy afterwards`,
      broken: made > BEGUN ? [`${made} accounts were made for a client that had gone; at most ${BEGUN} could have been begun`] : [],
    }
  },
  promised: 'p99 under 1 s, none refused',
  holds: ({ beside }) => beside.p99 < 1_000 && beside.failed === 0,
}

const WRONG = 150
const WRONG_MS = 4_000

export const wrongLogins: Scenario = {
  title: `${WRONG} wrong logins of one account at a time`,
  others: (world) => loginsOf(world, 250),
  async attack({ port, attacker, sample }) {
    const body = JSON.stringify({ email: sample.logins[0], password: 'Wrong-horse-7' })
    const told: Told[] = []
    const until = performance.now() + WRONG_MS
    const client = async () => {
      while (performance.now() < until)
        told.push(await ask({ port, from: attacker, method: 'POST', path: '/api/auth/login', token: null, body }))
    }
    await Promise.all(Array.from({ length: WRONG }, client))
    const counted = (status: number) => told.filter((one) => one.status === status).length
    return {
      attack: `${counted(401)} answered 401, ${counted(429)} 429, ${counted(503)} 503`,
      broken: counted(200) > 0 ? ['a wrong password was taken'] : [],
    }
  },
  promised: 'each succeeds within 2 s',
  holds: ({ beside }) => beside.max < 2_000 && beside.failed === 0,
}
