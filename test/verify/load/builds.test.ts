/** The comparison of two builds: one served backend as both, and one that refuses what the other answers. */

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadDesign } from '../../../src/commands/setup/load-design.ts'
import { otherBuild } from '../../../src/commands/verifying/load/other-build.ts'
import { refuseLoad } from '../../../src/commands/verifying/parts/measured-performance.ts'
import { withClient } from '../../../src/postgres/connect.ts'
import { startServer } from '../../../src/server/process/server.ts'
import { type ComparedBuild, compareBuilds } from '../../../src/verify/performance/compare/compare-builds.ts'
import { startGenerator } from '../../../src/verify/performance/load/generator.ts'
import { prepareAll } from '../../../src/verify/performance/operations/prepare-all.ts'
import { loadRows, rowCounts } from '../../../src/verify/performance/rows/load-rows.ts'
import { buildClaims } from '../../../src/verify/report/load/build-claims.ts'
import type { SentRequest } from '../../../src/verify/run/stage.ts'
import { worldOf } from '../../../src/verify/worlds/world-of.ts'
import { testBackend } from '../../support/backend.ts'
import { ROOT } from '../../support/command-line.ts'
import { load, passwordHash } from '../loaded.ts'

test('a build is no slower than itself, and a build that refuses a request is not compared', async (t) => {
  const { design, model } = await load('test/verify/load/gate/design.yaml')
  const tested = await testBackend(t, model)
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: tested.backend })
  t.after(() => server.drain({ noticeMs: 0, drainMs: 0 }))
  const refusing = createServer((_, response) => response.writeHead(404).end())
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve))
  t.after(() => refusing.close())
  const generator = startGenerator()
  t.after(() => generator.stop())
  await withClient(tested.databaseUrl, async (client) => {
    const hash = await passwordHash()
    const making = {
      design,
      model,
      templates: worldOf(design, model, hash).rows,
      counts: rowCounts(model, 200),
      passwordHash: hash,
      seed: 1,
    }
    await loadRows(client, making)
    const ask = ({ method, url, body }: SentRequest) => tested.ask(method, url, { body })
    const { prepared } = await prepareAll({ client, stage: { ask, tokenFor: async () => '' } }, { model, seed: 1, only: 'Note.get' })
    const buildAt = (port: number): ComparedBuild => ({
      ...{ client, scheme: 'Bearer', tokenFor: async () => '' },
      start: async () => ({ port, pid: process.pid, stop: async () => {} }),
    })
    const port = Number(new URL(server.url).port)
    const comparing = { generator, prepared, seconds: 0.01, seed: 1, mostSeconds: 1, onDone: () => {} }
    const [own] = await compareBuilds({ ...comparing, builds: { old: buildAt(port), new: buildAt(port) } })
    assert.ok(own !== undefined && own.pairs >= 24 && own.processes >= 2)
    // One process is both builds, so its processor time is the same for both.
    if (own.measure === 'processor') assert.equal(own.verdict, 'unchanged', own.why)
    const old = buildAt((refusing.address() as AddressInfo).port)
    const [other] = await compareBuilds({ ...comparing, builds: { old, new: buildAt(port) } })
    assert.deepEqual([other?.verdict, other?.why], ['not compared', 'requests to the old build failed: 404'])
    const origin = {
      file: 'design.yaml',
      targets: model.targets,
      only: undefined,
      commandFor: (name: string) => `plinth verify --only ${name}`,
    }
    const [claim] = buildClaims({ with: '../before', plinth: '1', operations: other === undefined ? [] : [other] }, origin)
    assert.deepEqual([claim?.id, claim?.result.verdict], ['performance/builds/Note.get', 'undecided'])
  })
})

test('another build is a design served by this Plinth or by the one beside it, or another Plinth', async () => {
  const loaded = await loadDesign('test/verify/load/gate/design.yaml', ROOT)
  const own = { loaded, cwd: ROOT, program: ['node', 'plinth'] }
  const same = await otherBuild('examples/blog', own)
  assert.deepEqual([same.isOwn, same.program, same.model.name], [true, own.program, 'blog'])
  const folder = mkdtempSync(join(tmpdir(), 'plinth-other-'))
  const installed = join(folder, 'project/node_modules/plinth')
  mkdirSync(join(installed, 'dist'), { recursive: true })
  writeFileSync(join(installed, 'package.json'), '{ "name": "plinth", "version": "0.0.7" }')
  await assert.rejects(otherBuild(installed, own), /there is no program in/)
  writeFileSync(join(installed, 'dist/cli.js'), '')
  writeFileSync(join(folder, 'project/design.yaml'), 'name: before\nentities: {}\n')
  const before = await otherBuild(join(folder, 'project'), own)
  assert.deepEqual(
    [before.plinth, before.isOwn, before.model.name, before.program.at(-1)],
    ['0.0.7', false, 'before', join(installed, 'dist/cli.js')],
  )
  const other = await otherBuild(installed, own)
  assert.deepEqual([other.isOwn, other.design], [false, loaded.path])
  await assert.rejects(otherBuild(join(folder, 'nowhere'), own), /there is no such file or folder/)
})

test('a comparison without a build, and a build that nothing is compared with, are wrong usage', () => {
  const load = { rows: undefined, seconds: undefined }
  const asked = { mode: 'full', isElsewhere: false } as const
  assert.throws(() => refuseLoad(load, { ...asked, only: 'performance/builds' }), /performance\/builds compares with another build/)
  const named = { ...load, againstBuild: '../before' }
  assert.throws(() => refuseLoad(named, { ...asked, only: undefined, mode: 'quick' }), /--against-build \.\.\/before measures nothing/)
  refuseLoad(named, { ...asked, only: 'performance/builds/Note' })
})
