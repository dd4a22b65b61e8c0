import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { missingPackages } from './missing-packages.ts'

test('packages that package.json names and that no folder has are missing', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'missing-packages-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const project = join(root, 'packages', 'shop')
  mkdirSync(project, { recursive: true })
  assert.deepEqual(missingPackages(project), [])
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ dependencies: { plinth: '1', '@x/y': '1' }, devDependencies: { z: '1' }, optionalDependencies: { o: '1' } }),
  )
  assert.deepEqual(missingPackages(project), ['plinth', '@x/y', 'z'])
  const install = (folder: string, name: string): void => {
    mkdirSync(join(folder, 'node_modules', name), { recursive: true })
    writeFileSync(join(folder, 'node_modules', name, 'package.json'), '{}')
  }
  install(project, 'plinth')
  // A workspace has the packages of its projects above them.
  install(root, '@x/y')
  assert.deepEqual(missingPackages(project), ['z'])
  writeFileSync(join(root, '.pnp.cjs'), '')
  assert.deepEqual(missingPackages(project), [])
})
