/** `npm run test:scaffold`: first tests of seven designs are written into copies of their folders, and run. Exit code 1 if one fails. */

import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from '../../support/command-line.ts'

/** The files of each design: where they are, and their names in the copy. */
const DESIGNS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  bad: [
    ['test/verify/designs/bad/design.yaml', 'design.yaml'],
    ['test/verify/designs/bad/logic.ts', 'logic.ts'],
  ],
  helpdesk: [['test/actions/designs/helpdesk.yaml', 'design.yaml']],
  school: [['test/actions/designs/school.yaml', 'design.yaml']],
  bank: [['test/actions/designs/bank.yaml', 'design.yaml']],
  press: [['test/actions/designs/press.yaml', 'design.yaml']],
  booking: [['test/verify/foreign/booking.yaml', 'design.yaml']],
  shop: [
    ['examples/shop/design.ts', 'design.ts'],
    ['examples/shop/payments.ts', 'payments.ts'],
  ],
}
const PLACE = join(ROOT, 'test/verify/scaffold/.plinth')

function node(args: readonly string[], cwd: string): number {
  const { status } = spawnSync(process.execPath, ['--conditions=source', ...args], { cwd, stdio: 'inherit' })
  return status ?? 1
}

let failed = 0
for (const [name, files] of Object.entries(DESIGNS)) {
  const folder = join(PLACE, name)
  rmSync(folder, { recursive: true, force: true })
  for (const [from, to] of files) {
    mkdirSync(dirname(join(folder, to)), { recursive: true })
    cpSync(join(ROOT, from), join(folder, to))
  }
  console.log(`\n${name}`)
  failed += node([join(ROOT, 'src/cli.ts'), 'scaffold'], folder)
  failed += node(['--test', '--test-concurrency=2', '--test-reporter=dot'], folder)
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = failed === 0 ? 0 : 1
