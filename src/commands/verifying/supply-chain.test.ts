import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { supplyClaims } from '../../verify/report/supply-claims.ts'
import { advisoriesOf, componentsOf, lockedIn, supplyChain } from './supply-chain.ts'

const LOCK = {
  name: 'app',
  version: '1.0.0',
  lockfileVersion: 3,
  packages: {
    '': { name: 'app', version: '1.0.0', dependencies: { '@scope/one': '1.2.3' }, devDependencies: { two: '2.0.0' } },
    'node_modules/@scope/one': { version: '1.2.3', dependencies: { three: '^3.0.0' } },
    'node_modules/two': { version: '2.0.0', dev: true },
    'node_modules/@scope/one/node_modules/three': { version: '3.0.0' },
  },
}

test('a lock file installs what is not only for the development', () => {
  assert.deepEqual(lockedIn(JSON.stringify(LOCK)), ['@scope/one@1.2.3', 'three@3.0.0'])
})

test('a component that the list does not have is a finding, and a list that could not be made is not tested', () => {
  const parts = { file: 'package-lock.json', locked: ['a@1', 'b@2'], by: 'npm sbom', advisories: null, command: 'plinth verify' }
  const verdicts = (listed: readonly string[] | null): readonly string[] =>
    supplyClaims({ ...parts, listed }).map(({ id, result }) => `${id} ${result.verdict} ${result.reached} ${result.failed}`)
  assert.deepEqual(verdicts(['a@1', 'b@2']), ['supply/components holds 2 0', 'supply/advisories not-tested 0 0'])
  assert.deepEqual(verdicts(['a@1']), ['supply/components fails 1 1', 'supply/advisories not-tested 0 0'])
  assert.deepEqual(verdicts(null), ['supply/components not-tested 0 0', 'supply/advisories not-tested 0 0'])
})

test('a lock file without components passes nothing, and a weakness outside of it takes nothing away', () => {
  const [components, advisories] = supplyClaims({ file: 'x', locked: [], listed: [], by: '', advisories: [], command: '' })
  assert.deepEqual([components?.result.verdict, advisories?.result.verdict], ['not-tested', 'not-tested'])
  const severe = [{ component: 'b', severity: 'high', about: 'it leaks' }]
  const outside = supplyClaims({ file: 'x', locked: ['a@1'], listed: null, by: '', advisories: severe, command: '' }).at(1)
  assert.deepEqual([outside?.result.verdict, outside?.result.reached], ['fails', 1])
})

test('advisories that are high or critical fail, others are no finding, and an error of npm is no answer', () => {
  const found = (severity: string) =>
    advisoriesOf(JSON.stringify({ vulnerabilities: { a: { severity, via: [{ title: 'it leaks' }, 'b'] } } }))
  assert.deepEqual(found('high'), [{ component: 'a', severity: 'high', about: 'it leaks; through b' }])
  assert.equal(advisoriesOf(JSON.stringify({ error: { code: 'ENOTFOUND' } })), null)
  assert.equal(advisoriesOf('no JSON'), null)
  const verdictOf = (severity: string): string | undefined =>
    supplyClaims({ file: 'x', locked: ['a@1'], listed: null, by: '', advisories: found(severity), command: '' }).at(1)?.result.verdict
  assert.equal(verdictOf('critical'), 'fails')
  assert.equal(verdictOf('moderate'), 'holds')
})

test('a folder without a lock file has nothing to list, and the report says so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'supply-'))
  const { claims, notTested, sbom } = await supplyChain({ folder, cwd: folder, env: process.env, command: '' })
  assert.deepEqual([claims, sbom], [[], null])
  assert.match(notTested[0]?.why ?? '', /no package-lock\.json/)
})

test('npm lists the components of a lock file in CycloneDX without a registry, and an audit without one is not tested', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'supply-'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify(LOCK.packages['']))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(LOCK))
  const env = { ...process.env, npm_config_registry: 'http://127.0.0.1:9/', npm_config_fetch_retries: '0' }
  const { claims, notTested, sbom } = await supplyChain({ folder, cwd: folder, env, command: 'plinth verify' })
  assert.deepEqual(
    claims.map(({ id, result }) => `${id} ${result.verdict} ${result.reached}`),
    ['supply/components holds 2', 'supply/advisories not-tested 0'],
  )
  assert.ok(componentsOf(sbom ?? '')?.includes('@scope/one@1.2.3'))
  assert.match(notTested.at(-1)?.why ?? '', /no registry answered/)
})
