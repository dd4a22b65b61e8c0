/**
 * The crash test at its full size: 50,000 writes by 16 writers, three instances of which one is killed every 1 to 3 s, and a reaction that
 * fails 10 % of its attempts. `WRITES` makes it shorter; `KILLS=200` spreads the writes over so many
 * kills, which takes about ten minutes.
 */

import { crash } from './crash.ts'

const writes = Number(process.env.WRITES ?? 50_000)
const kills = Number(process.env.KILLS ?? 1)
const outcome = await crash({ writes, kills, writers: 16, instances: 3, killEvery: [1_000, 3_000], leaseMs: 10_000 })
console.log(JSON.stringify(outcome))
const { lost, phantom, otherIds, disorder } = outcome
process.exitCode = lost + phantom + otherIds + disorder === 0 ? 0 : 1
process.exit()
