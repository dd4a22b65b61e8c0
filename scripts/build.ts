/**
 * Builds dist/ for npm: `npm run build`. It first deletes dist/, so that a deleted source leaves no stale file in a package. Arguments are
 * options of `tsc`: where types have been checked, `npm run build -- --noCheck` takes half the time.
 */

import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { designSchema } from '../src/design/language/schema.ts'

const root = dirname(import.meta.dirname)
const dist = join(root, 'dist')
const cli = join(dist, 'cli.js')

/** The files that `tsc` compiles. All other files under src/ are copied unchanged. */
const COMPILED = /\.ts$/

rmSync(dist, { recursive: true, force: true })
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
cpSync(join(root, 'src'), dist, {
  recursive: true,
  filter: (source) => statSync(source).isDirectory() || !COMPILED.test(source),
})
// Editors find the schema in the installed package of a project.
writeFileSync(join(dist, 'design.schema.json'), `${JSON.stringify(designSchema, null, 2)}\n`)
if (!readFileSync(cli, 'utf8').startsWith('#!/usr/bin/env node\n'))
  throw new Error('dist/cli.js has lost its first line, so npm could not start it')
chmodSync(cli, 0o755)
