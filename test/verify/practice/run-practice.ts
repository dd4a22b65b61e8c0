/**
 * Plants 48 faults in running backends, three of each class of faults of Web APIs, and shows how many of them `plinth verify` finds:
 * `npm run test:verify-practice`. FAULTS=F100a,F206 tries some of them, and
 * ASKED=values,lists asks other cases than those of the class; with an empty ASKED, only whether the faults act.
 *
 * A fault is a change of the source of modules, made while they are loaded (`plant.ts`), in the processes that `verify` starts with `serve`
 * and in no other: what `verify` expects, and the database, stay as they are. First a request or two show that the fault acts, and that a
 * backend without it does not act in the same way. Then `verify` is run with the families of the class (`kinds.ts`). A fault is found if
 * the exit code is 1 and a claim of the right kind fails; a crash does not count. The exit code is 0 if every fault acts and is found.
 */

import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SeededFault } from './fault.ts'
import { FAULTS } from './faults.ts'
import { openControls, type Tried, tryFault } from './try-fault.ts'

const wanted = (process.env.FAULTS ?? '').split(',').filter((name) => name !== '')
const chosen = FAULTS.filter(({ id }) => wanted.length === 0 || wanted.some((name) => id.startsWith(name)))
if (chosen.length === 0) throw new Error(`no fault is named ${wanted.join()}; names are F100a to F210c`)

/** The cases that are asked; undefined for those of the class. */
const asked = process.env.ASKED === undefined ? undefined : process.env.ASKED.split(',').filter((name) => name !== '')
const controls = openControls()

async function tried(fault: SeededFault): Promise<Tried> {
  try {
    return await tryFault(fault, await controls.actionOf(fault), asked)
  } catch (error) {
    const { id, what, design } = fault
    const wrong = `the run failed: ${error instanceof Error ? error.message.slice(0, 500) : error}`
    const of = id.slice(0, 4) as Tried['class']
    return { id, class: of, what, design, acts: null, without: null, found: false, by: null, wrong, others: [], seconds: 0 }
  }
}

function line({ id, acts, without, found, by, wrong, others, seconds, what }: Tried): string {
  const act = acts === null ? 'DOES NOT ACT' : without === null ? 'acts' : 'ACTS WITHOUT'
  const said = found ? by : [wrong, others.length === 0 ? null : `others: ${others.slice(0, 3).join(', ')}`].filter(Boolean).join('; ')
  return `${id}  ${act.padEnd(12)}  ${found ? 'found ' : 'MISSED'}  ${seconds.toFixed(1).padStart(5)} s  ${what}: ${said}`
}

const began = performance.now()
const results: Tried[] = []
for (const fault of chosen) {
  const result = await tried(fault)
  results.push(result)
  const left = Math.round(((performance.now() - began) / results.length / 1_000) * (chosen.length - results.length))
  console.log(`${line(result)}${left === 0 ? '' : `   (${results.length} of ${chosen.length}, about ${left} s left)`}`)
}
await controls.close()
const good = results.filter(({ found, acts, without }) => found && acts !== null && without === null)
const folder = join(tmpdir(), 'plinth-verify-practice')
await mkdir(folder, { recursive: true })
await writeFile(join(folder, 'practice.json'), `${JSON.stringify(results, null, 2)}\n`)
console.log(`\n${good.length} of ${results.length} faults act and are found; details are in ${join(folder, 'practice.json')}`)
process.exitCode = good.length === results.length ? 0 : 1
