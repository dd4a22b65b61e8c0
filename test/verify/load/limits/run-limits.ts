/**
 * Measures three designs that are known to be bad, and looks at what `plinth verify` says breaks first: `npm run test:verify-limits`.
 * DESIGNS chooses some of them.
 */

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { PerformanceReport, ResourceLimit } from '../../../../src/verify/performance/performance-report.ts'
import { PLINTH, ROOT } from '../../../support/command-line.ts'

const KNOWN: Readonly<Record<string, ResourceLimit['resource']>> = {
  'hot-row': 'one row',
  convoy: 'a lock that is held for long',
  include: 'an included relation',
}
const SECONDS = process.env.SECONDS ?? '1'
const chosen = process.env.DESIGNS?.split(',') ?? Object.keys(KNOWN)

/** The limits, the one that comes first at the front. */
async function limitsFor(name: string): Promise<readonly ResourceLimit[]> {
  const out = await mkdtemp(join(tmpdir(), 'plinth-limits-'))
  const design = join(import.meta.dirname, name, 'design.yaml')
  const [program = '', ...before] = PLINTH
  const args = [...before, 'verify', design, '--only', 'performance', '--load-seconds', SECONDS, '--out', out]
  // A target that is missed fails the command.
  await promisify(execFile)(program, args, { cwd: ROOT }).catch(() => {})
  const { performance } = JSON.parse(await readFile(join(out, 'report.json'), 'utf8')) as { readonly performance: PerformanceReport | null }
  await rm(out, { recursive: true })
  return performance?.breaking?.limits ?? []
}

let missed = 0
for (const name of chosen) {
  const limits = await limitsFor(name)
  const found = limits.find(({ resource }) => resource === KNOWN[name])
  const place = found === undefined ? 0 : limits.indexOf(found) + 1
  const isNamed = place === 1
  if (!isNamed) missed++
  console.log(`${name}: ${isNamed ? `named in place ${place}` : 'MISSED'}: ${JSON.stringify(found ?? limits[0])}`)
}
console.log(`${chosen.length - missed} of ${chosen.length} are named`)
process.exitCode = missed === 0 ? 0 : 1
