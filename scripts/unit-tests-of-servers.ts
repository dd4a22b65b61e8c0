/** The unit tests of commands, requests and services, in one process. Many wait for timers, so other unit tests run beside them. */

import { globSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = dirname(import.meta.dirname)
for (const file of globSync('src/{commands,server,services}/**/*.test.ts', { cwd: root }).toSorted()) await import(join(root, file))
