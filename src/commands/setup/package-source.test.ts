import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ownPackage } from '../../embed/own-package.ts'
import { dependencyOn } from './package-source.ts'

/** A Plinth that npm has installed in a project, with the source in npm's hidden lock file. */
function installed(t: TestContext, resolved: string | undefined) {
  const home = mkdtempSync(join(tmpdir(), 'plinth-source-'))
  t.after(() => rmSync(home, { recursive: true }))
  const root = join(home, 'project', 'node_modules', 'plinth')
  mkdirSync(root, { recursive: true })
  writeFileSync(join(home, 'plinth-1.2.3.tgz'), '')
  const lock = { packages: { 'node_modules/plinth': { version: '1.2.3', ...(resolved === undefined ? {} : { resolved }) } } }
  writeFileSync(join(home, 'project', 'node_modules', '.package-lock.json'), JSON.stringify(lock))
  return { home, own: { root, version: '1.2.3', allowScripts: {} } }
}

test('a project made by a Plinth from a registry depends on its version', (t) => {
  assert.equal(dependencyOn(installed(t, 'https://registry.example.com/plinth/-/plinth-1.2.3.tgz').own), '^1.2.3')
  assert.equal(dependencyOn(installed(t, undefined).own), '^1.2.3')
})

test('a project made by a Plinth from a tarball depends on that tarball', (t) => {
  const { home, own } = installed(t, 'file:../plinth-1.2.3.tgz')
  assert.equal(dependencyOn(own), `file:${join(home, 'plinth-1.2.3.tgz')}`)
})

test('a project does not depend on a tarball that was deleted', (t) => {
  assert.equal(dependencyOn(installed(t, 'file:../elsewhere.tgz').own), '^1.2.3')
})

test('a project made from the repository depends on the repository', () => {
  const own = ownPackage()
  assert.equal(dependencyOn(own), `file:${own.root}`)
  assert.equal(own.allowScripts.node, true)
})
