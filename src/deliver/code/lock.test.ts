import assert from 'node:assert/strict'
import { test } from 'node:test'
import { belowPlinth, besidePlinth, type LockedPackages, lockText } from './lock.ts'

const PLINTH = {
  version: '1.0.0',
  resolved: 'file:vendor/plinth.tgz',
  dependencies: { pg: '^8' },
  optionalDependencies: { postgres: '^18' },
}
const OWN: LockedPackages = {
  '': {},
  'node_modules/pg': { version: '8.0.0', resolved: 'https://registry.example.com/pg.tgz', dev: true, dependencies: { split: '^4' } },
  'node_modules/split': { version: '1.0.0' },
  'node_modules/pg/node_modules/split': { version: '4.0.0' },
  'node_modules/postgres': { version: '18.0.0', optional: true, dependencies: { wasm: '1' } },
  'node_modules/wasm': { version: '1.0.0' },
  'node_modules/node': { version: '26.0.0', dependencies: { setup: '1' } },
  'node_modules/setup': { version: '1.0.0' },
  'node_modules/linter': { version: '2.0.0', dev: true },
}
const MANIFEST = { name: 'blog', version: '0.1.0', dependencies: { plinth: 'file:vendor/plinth.tgz' }, devDependencies: { node: '^26' } }

const packagesOf = (text: string): LockedPackages => JSON.parse(text).packages

test('a lock file has what the project needs, without registries, and says what is of the development or optional', () => {
  const packages = packagesOf(lockText(MANIFEST, besidePlinth(OWN, PLINTH)))
  assert.deepEqual(Object.keys(packages), [
    '',
    'node_modules/node',
    'node_modules/pg',
    'node_modules/pg/node_modules/split',
    'node_modules/plinth',
    'node_modules/postgres',
    'node_modules/setup',
    'node_modules/wasm',
  ])
  assert.deepEqual(packages['node_modules/pg'], { version: '8.0.0', dependencies: { split: '^4' } })
  assert.equal(packages['node_modules/plinth']?.resolved, 'file:vendor/plinth.tgz')
  for (const name of ['node', 'setup']) assert.equal(packages[`node_modules/${name}`]?.dev, true)
  for (const name of ['postgres', 'wasm']) assert.equal(packages[`node_modules/${name}`]?.optional, true)
})

test('what both the development and an optional package need is neither alone', () => {
  const tree = besidePlinth({ ...OWN, 'node_modules/node': { version: '26.0.0', dependencies: { wasm: '1' } } }, PLINTH)
  const { dev, optional, devOptional } = packagesOf(lockText(MANIFEST, tree))['node_modules/wasm'] ?? {}
  assert.deepEqual([dev, optional, devOptional], [undefined, undefined, true])
})

test('below a linked Plinth, its packages change no version of the project', () => {
  const project: LockedPackages = {
    '': {},
    'node_modules/pg': { version: '7.0.0' },
    'node_modules/node': { version: '26.0.0' },
    'node_modules/plinth': { link: true, resolved: '../plinth' },
    '../plinth': { version: '1.0.0' },
  }
  const manifest = { ...MANIFEST, dependencies: { ...MANIFEST.dependencies, pg: '^7' } }
  const packages = packagesOf(lockText(manifest, belowPlinth(project, OWN, PLINTH)))
  assert.equal(packages['node_modules/pg']?.version, '7.0.0')
  assert.equal(packages['node_modules/plinth/node_modules/pg']?.version, '8.0.0')
  assert.equal(packages['node_modules/plinth/node_modules/pg/node_modules/split']?.version, '4.0.0')
  assert.equal(packages['../plinth'], undefined)
})

test('a package that is needed and not there is named', () => {
  const { 'node_modules/setup': _, ...tree } = besidePlinth(OWN, PLINTH)
  assert.throws(() => lockText(MANIFEST, tree), /node_modules\/node needs setup/)
})

test('a package that is a folder or a file of this machine is named: the delivered project would not have it', () => {
  const manifest = { ...MANIFEST, dependencies: { ...MANIFEST.dependencies, tools: 'file:../tools' } }
  for (const tools of [
    { link: true, resolved: '../tools' },
    { version: '1.0.0', resolved: 'file:tools.tgz' },
  ])
    assert.throws(() => lockText(manifest, { ...besidePlinth(OWN, PLINTH), 'node_modules/tools': tools }), /node_modules\/tools is .*tools/)
})
