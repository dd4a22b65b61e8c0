/**
 * The crash test at its full size, `npm run test:crash`: each operation is killed at each point that it passes. It prints how many points
 * there were and what was wrong. `OPERATION` chooses operations by name, with commas between them; with
 * `EVERY=8`, each eighth point is tried.
 */

import { isInRequest, openCrashRun } from './crash-run.ts'
import { OPERATIONS } from './operations.ts'

const chosen = process.env.OPERATION?.split(',')
const every = Number(process.env.EVERY ?? 1)
const ends: (() => unknown)[] = []
const run = await openCrashRun({ after: (end) => void ends.push(end as () => unknown) })
const began = performance.now()
const points = new Set<string>()
const wrong: string[] = []
let kills = 0
let missed = 0
for (const operation of OPERATIONS) {
  if (chosen !== undefined && !chosen.includes(operation.name)) continue
  const passed = await run.pass(operation)
  // Code of the background does the same after every write.
  const isWhole = operation.name === 'steps' || operation.name === 'registration'
  const tried = passed.points.filter((point) => isInRequest(point) || (isWhole && !points.has(point))).filter((_, i) => i % every === 0)
  for (const point of tried) {
    const killed = await run.kill(operation, point, passed.after)
    wrong.push(...killed.wrong)
    if (killed.reached) kills++
    else missed++
    if (killed.reached) points.add(point)
  }
  wrong.push(...(await run.finish()))
  console.error(
    `${operation.name}: ${tried.length} points, ${wrong.length} violations so far, ${Math.round((performance.now() - began) / 1_000)} s`,
  )
}
console.log(
  JSON.stringify({
    kills,
    points: points.size,
    missed,
    violations: wrong.length,
    seconds: Math.round((performance.now() - began) / 1_000),
  }),
)
for (const one of wrong) console.log(one)
for (const end of ends.reverse()) await end()
process.exitCode = wrong.length === 0 ? 0 : 1
