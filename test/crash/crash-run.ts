/** Kills processes at points of the write path, starts others, repeats the requests, and compares what is there. */

import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { newPem } from '../identity/instances.ts'
import type { Ends } from '../support/backend.ts'
import { freePort } from '../support/command-line.ts'
import { migratedDatabase } from '../support/database.ts'
import { startSmtp, type TestSmtp } from '../support/smtp.ts'
import { crashModel } from './crash-design.ts'
import { sessionsEnded, settled, stateOf, until, violations } from './crash-state.ts'
import type { Opening } from './messages.ts'
import { newTag, type Operation, type Request } from './operations.ts'
import { startVictim, type Victim } from './victim.ts'

/** What an operation passes, and the state that it makes. */
export interface Passed {
  readonly points: readonly string[]
  readonly after: string
}

/** What happened at a point: the process was killed there, or it never came there. `wrong` is empty when all is as it must be. */
export interface Killed {
  readonly reached: boolean
  readonly wrong: readonly string[]
}

/** A crash test under way. */
export interface CrashRun {
  /** Runs an operation without a kill, and says which points it passes. */
  pass(operation: Operation): Promise<Passed>
  /** Kills the process at a point of an operation, starts another one and repeats the request. */
  kill(operation: Operation, point: string, after: string): Promise<Killed>
  /** Waits until nothing is left to do; gives what is wrong. */
  finish(): Promise<readonly string[]>
}

/** Points of code that runs after the answer, or by itself. */
const IN_BACKGROUND = /src\/(services\/(events|jobs|mail)|server\/(jobs|reactions))\//

/** Whether code runs in the request, so that each operation passes the point at its own moment. */
export function isInRequest(point: string): boolean {
  return !IN_BACKGROUND.test(point)
}

/** Opens a crash test on a database of its own, with a mail server. */
export async function openCrashRun(t: Ends): Promise<CrashRun> {
  const database = await migratedDatabase(crashModel())
  const smtp = await startSmtp(t)
  const client = new pg.Client({ connectionString: database.url, application_name: 'crash test' })
  await client.connect()
  const run = new Running({ client, smtp, how: { design: 'crash', databaseUrl: database.url, smtpUrl: smtp.url, keys: newPem() } })
  t.after(async () => {
    await run.end()
    await client.end()
    await database.drop()
  })
  await run.begin()
  return run
}

interface Opened {
  readonly client: pg.Client
  readonly smtp: TestSmtp
  readonly how: Omit<Opening, 'port'>
}

class Running implements CrashRun {
  readonly #opened: Opened
  #victim = startVictim()
  /** Has loaded everything, so that the next start takes less time. */
  #spare = startVictim()
  #port = 0

  constructor(opened: Opened) {
    this.#opened = opened
  }

  async begin(): Promise<void> {
    this.#port = await freePort()
    await (await this.#victim).open({ ...this.#opened.how, port: this.#port })
  }

  async end(): Promise<void> {
    for (const one of await Promise.all([this.#victim, this.#spare])) one.child.kill('SIGKILL')
  }

  async pass(operation: Operation): Promise<Passed> {
    const tag = newTag(operation)
    const victim = await this.#victim
    const ids = await this.#prepare(operation, tag)
    await settled(this.#opened.client)
    victim.record()
    const answer = await this.#send(operation.request(tag, ids), randomUUID())
    if (answer === null || answer.status >= 300) throw new Error(`${operation.name}: ${JSON.stringify(answer)}`)
    await settled(this.#opened.client)
    return { points: await victim.recorded(), after: await stateOf(this.#opened.client, tag) }
  }

  async kill(operation: Operation, point: string, after: string): Promise<Killed> {
    const { client } = this.#opened
    const victim = await this.#victim
    const tag = newTag(operation)
    const ids = await this.#prepare(operation, tag)
    const before = await stateOf(client, tag)
    const request = operation.request(tag, ids)
    const key = randomUUID()
    await victim.arm(point)
    const answer = await this.#send(request, key)
    if (isInRequest(point) && answer !== null) await victim.arm(null).catch(() => {})
    else await this.#untilDead(victim)
    if (!victim.isDead()) {
      await victim.arm(null).catch(() => {})
      return { reached: false, wrong: [] }
    }
    await sessionsEnded(client)
    const left = await stateOf(client, tag)
    await this.#restart()
    const told = (what: string): string => `${operation.name}, killed ${point}: ${what}`
    const wrong: string[] = []
    if (left !== before && left !== after) wrong.push(told(`a part took place: ${left}`))
    if (answer !== null && answer.status < 300 && left !== after) wrong.push(told(`the answer was ${answer.status}, and there is ${left}`))
    if (!request.keyed && left === after) return { reached: true, wrong }
    const again = await this.#sendAgain(request, key)
    if (again.status >= 300) wrong.push(told(`the repetition was answered ${again.status} ${again.text}`))
    const end = await stateOf(client, tag)
    if (end !== after) wrong.push(told(`after the repetition there is ${end}, and not ${after}`))
    return { reached: true, wrong }
  }

  async finish(): Promise<readonly string[]> {
    const { client, smtp } = this.#opened
    await settled(client)
    return violations(client, new Set(smtp.mails.flatMap(({ to }) => to)))
  }

  /** Waits until the process is dead, or everything has happened without that. */
  async #untilDead(victim: Victim): Promise<void> {
    await settled(this.#opened.client, victim.isDead)
    // What runs every few moments may pass the point a little later.
    if (!victim.isDead()) await Promise.race([victim.ended, new Promise((resolve) => setTimeout(resolve, 1_000))])
  }

  async #restart(): Promise<void> {
    this.#victim = this.#spare
    this.#spare = startVictim()
    await this.begin()
  }

  async #prepare(operation: Operation, tag: string): Promise<readonly string[]> {
    const ids: string[] = []
    for (const before of operation.before) {
      const { status, text } = await this.#sendAgain({ ...before(tag), keyed: false }, '')
      if (status !== 201) throw new Error(`${operation.name}: ${status} ${text}`)
      ids.push(JSON.parse(text).id)
    }
    return ids
  }

  /** Sends a request; null when the connection was lost before the answer. */
  async #send({ method, path, body, keyed }: Request, key: string): Promise<{ readonly status: number; readonly text: string } | null> {
    const headers = { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(keyed ? { 'idempotency-key': key } : {}) }
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    try {
      const response = await fetch(`http://127.0.0.1:${this.#port}${path}`, init)
      const text = await response.text()
      const failed = path === '/graphql' && text.includes('"errors"')
      return { status: failed ? 500 : response.status, text }
    } catch {
      return null
    }
  }

  /** Sends a request until it is answered. */
  async #sendAgain(request: Request, key: string): Promise<{ readonly status: number; readonly text: string }> {
    let answer = await this.#send(request, key)
    await until('the request is answered', async () => {
      if (answer !== null && ![409, 503].includes(answer.status)) return true
      answer = await this.#send(request, key)
      return false
    })
    return answer ?? { status: 0, text: '' }
  }
}
