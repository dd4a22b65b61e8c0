/** Builds the documentation site into site/dist: `npm run docs:build`. The packages of the site are installed if they are not there. */

import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const SITE = join(ROOT, 'site')
/** Pages import Vue, which is looked for beside and above them. */
const LINK = join(ROOT, 'docs/node_modules')

function run(program: string, args: readonly string[]): void {
  execFileSync(program, [...args], { cwd: SITE, stdio: 'inherit' })
}

// No package of the site needs its install script: programs come as packages of their own.
if (!existsSync(join(SITE, 'node_modules/vitepress'))) run('npm', ['ci', '--ignore-scripts'])
rmSync(LINK, { force: true })
symlinkSync('../site/node_modules', LINK)
try {
  run(process.execPath, [join(SITE, 'node_modules/vitepress/bin/vitepress.js'), 'build', '.'])
} finally {
  rmSync(LINK, { force: true })
}
