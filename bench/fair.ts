/** `npm run bench:fair`: what one caller can do to all others. Each scenario runs the others alone first, and then beside the attack. */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { namesOf, runBench } from './base/command-line.ts'
import { OWN } from './base/folders.ts'
import { QUICK } from './database/data.ts'
import { type Database, migrateTo, withDatabase } from './database/database.ts'
import { besides, type Seen } from './fair/others.ts'
import type { Measured, Scenario, World } from './fair/scenario.ts'
import { SCENARIOS, type ScenarioName } from './fair/scenarios.ts'
import { table } from './report/report.ts'
import { openSamples, readRows } from './servers/sample.ts'
import { plinth } from './servers/servers.ts'
import { withServers } from './servers/start.ts'
import { surroundingsOf } from './servers/surroundings.ts'

const SERVED = { ...OWN, design: join(import.meta.dirname, 'fair/design.ts') }

/** Without rate limits, which would refuse most of an attack: here only the shares of callers protect the others. */
const WITHOUT_RATE_LIMITS = { LOG_LEVEL: 'warn', RATE_LIMIT_REQUESTS: 'off', RATE_LIMIT_PASSWORDS: 'off', RATE_LIMIT_LOGINS: 'off' }

/** How long the others are measured alone. */
const ALONE_MS = 6_000
/** The pause between two scenarios, so that work of one does not affect the next. */
const PAUSE_MS = 3_000
const OTHERS = 16

async function measureOne(world: World, scenario: Scenario): Promise<Measured> {
  const stream = scenario.others(world)
  const { seen: alone } = await besides(stream, () => sleep(ALONE_MS))
  const { seen: beside, result } = await besides(stream, () => scenario.attack(world))
  return { alone, beside, ...result }
}

async function measure(database: Database, names: readonly ScenarioName[]): Promise<void> {
  await migrateTo(SERVED, database.url)
  const rows = await readRows(database)
  let missed = 0
  for (const name of names) {
    const scenario: Scenario = SCENARIOS[name]
    // Each scenario has a new server, because a server adapts to the costs that it has measured.
    const surroundings = surroundingsOf(database.url)
    await withServers([['plinth', plinth('Plinth', SERVED, { environment: WITHOUT_RATE_LIMITS })]], surroundings, async ([server]) => {
      if (server === undefined) throw new Error('nothing was started')
      const { EdDSA: sample } = await openSamples(rows, { port: server.port, secret: surroundings.secret })
      const world: World = {
        port: server.port,
        pid: server.pid,
        database,
        sample,
        attacker: '127.0.0.1',
        other: (n) => `127.0.0.${2 + (n % OTHERS)}`,
      }
      const measured = await measureOne(world, scenario)
      const holds = scenario.holds(measured) && measured.broken.length === 0
      if (!holds) missed++
      console.log(report(name, scenario, measured, holds))
    })
    await sleep(PAUSE_MS)
  }
  console.log(missed === 0 ? 'every promise holds' : `${missed} of ${names.length} promises MISSED`)
  if (missed > 0) process.exitCode = 1
}

function report(name: ScenarioName, scenario: Scenario, { alone, beside, attack, broken }: Measured, holds: boolean): string {
  const ms = (value: number) => value.toFixed(value < 10 ? 2 : 0)
  const statuses = ({ statuses }: Seen) =>
    [...statuses].map(([status, many]) => `${many} × ${status === 0 ? 'no answer' : status}`).join(', ')
  const row = (title: string, seen: Seen) => [title, String(seen.requests), ms(seen.p50), ms(seen.p99), ms(seen.max), statuses(seen)]
  return [
    `${name}: ${scenario.title}`,
    table(['the others, in ms', 'requests', 'p50', 'p99', 'max', 'statuses'], [row('alone', alone), row('beside the attack', beside)]),
    `the attack: ${attack}`,
    `promised: ${scenario.promised}: ${holds ? 'holds' : 'MISSED'}${broken.map((what) => `; ${what}`).join('')}`,
    '',
  ].join('\n')
}

const HELP = `What one caller can do to all others. Each scenario measures the others alone, then beside an attack, on a server of its own.
Exit code 1 when a promise does not hold.

  --only a,b    ${Object.keys(SCENARIOS).join(', ')}

Examples:
  npm run bench:fair
      all scenarios, about five minutes
  npm run bench:fair -- --only wrong-logins
      one of them`

await runBench({
  name: 'npm run bench:fair',
  help: HELP,
  options: { only: { type: 'string' } },
  read: (values) => (values.only === undefined ? (Object.keys(SCENARIOS) as ScenarioName[]) : namesOf('only', values.only, SCENARIOS)),
  run: (names) => withDatabase(QUICK, { say: console.log, use: 'a copy' }, (database) => measure(database, names)),
})
