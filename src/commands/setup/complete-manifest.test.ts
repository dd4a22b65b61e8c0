import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandsToComplete, readManifest } from './complete-manifest.ts'

const WANTED = {
  type: 'module',
  scripts: { start: 'plinth up', test: 'node --test' },
  dependencies: { plinth: '^1.0.0' },
  devDependencies: { node: '^26' },
}

test('a package.json of npm init lacks the module type, the scripts, and Node', () => {
  const own = {
    type: 'commonjs',
    scripts: { test: 'echo "Error: no test specified" && exit 1' },
    dependencies: { plinth: 'file:plinth.tgz' },
  }
  assert.deepEqual(commandsToComplete(own, WANTED), [
    'npm pkg set type=module "scripts.start=plinth up" "scripts.test=node --test" "devDependencies.node=^26"',
    'npm install',
    'npm start',
  ])
})

test('scripts and versions of its own stay, and Plinth is then started without npm start', () => {
  const own = { type: 'module', scripts: { start: 'vite', test: 'vitest' }, devDependencies: { plinth: '^1.0.0', node: '^25' } }
  assert.deepEqual(commandsToComplete(own, WANTED), ['npm install', 'npx plinth up'])
  assert.deepEqual(commandsToComplete(WANTED, WANTED), ['npm install', 'npm start'])
})

test('a package.json that is no object is left to its owner', () => {
  for (const text of ['', '[]', 'null', '{'])
    assert.deepEqual(commandsToComplete(readManifest(text), WANTED), ['npm install', 'npx plinth up'])
  assert.deepEqual(readManifest('\uFEFF{"type":"module"}'), { type: 'module' })
})
