/**
 * The unit tests but for those of `unit-tests-of-servers.ts`, in one process: `node --conditions=source --test scripts/unit-tests.ts`. They
 * start no server and need few milliseconds each, so a process for each of their files would take longer than the tests.
 */

import { globSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = dirname(import.meta.dirname)
const options = { cwd: root, exclude: ['src/{commands,server,services}/**'] }
for (const file of globSync(['src/**/*.test.ts', 'scripts/**/*.test.ts'], options).toSorted()) await import(join(root, file))
