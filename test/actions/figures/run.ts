/** `npm run figures` counts the promises of the examples at full size, and fails when one is not kept. */

import { parseArgs } from 'node:util'
import { FULL, RUNS } from './figures.ts'

const HELP = `npm run figures -- [NAME…]

Runs the examples with many callers at once on two backends that share one database, and compares
the counts with what they must be:

  bank      ${FULL.transfers.toLocaleString('en')} random transfers between ${FULL.accounts} accounts by ${FULL.callers} callers
  shop      ${FULL.buyers} buyers of ${FULL.items} items
  school    ${FULL.students} students who enrol for ${FULL.places} places, in ${FULL.courses} courses
  workflow  ${FULL.movers} callers who take one transition of one row

Without a name it runs all of them, in about a minute. It exits with 1 when a count is wrong.
PLINTH_TEST_DATABASE_URL names a PostgreSQL server to use; without it, an embedded one is started.`

const { values, positionals } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } }, allowPositionals: true })
const unknown = positionals.filter((name) => !Object.hasOwn(RUNS, name))
if (values.help === true || unknown.length > 0) {
  console.log(unknown.length > 0 ? `unknown name: ${unknown.join(', ')}\n\n${HELP}` : HELP)
  process.exitCode = unknown.length > 0 ? 2 : 0
} else {
  for (const [name, run] of Object.entries(RUNS)) if (positionals.length === 0 || positionals.includes(name)) await report(run)
}

async function report(run: (typeof RUNS)[keyof typeof RUNS]): Promise<void> {
  const ending: (() => unknown)[] = []
  const begun = performance.now()
  try {
    const { name, counted, promised, details } = await run({ after: (end?: unknown) => void ending.push(end as () => unknown) }, FULL)
    console.log(`${name} (${((performance.now() - begun) / 1_000).toFixed(1)} s)`)
    for (const [what, count] of Object.entries(counted)) {
      const isKept = count === promised[what]
      console.log(`  ${isKept ? 'ok   ' : 'WRONG'} ${what}: ${count}${isKept ? '' : `, promised ${promised[what]}`}`)
      if (!isKept) process.exitCode = 1
    }
    const answers = Object.entries(details).map(([answer, count]) => `${answer}: ${count}`)
    if (answers.length > 0) console.log(`  answers: ${answers.join(', ')}`)
  } finally {
    for (const end of ending.toReversed()) await end()
  }
}
