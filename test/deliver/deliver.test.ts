/** Hand-overs of the blog: what they hold, and what is refused. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formatsPlugin from 'ajv-formats'
import { CLIENT_MARK } from '../../src/compile/client/client.ts'
import { countOf } from '../../src/deliver/evidence/part.ts'
import { DELIVERABLES } from '../../src/deliver/evidence/parts.ts'
import { pointedAt } from '../../src/verify/report/page/figures.ts'
import { ROOT } from '../support/command-line.ts'
import { testDatabase } from '../support/database.ts'
import { samplePerformance } from '../verify/load/sample-performance.ts'
import { bytesIn, workplace } from './in-process.ts'

test('a hand-over of the blog', async (t) => {
  const place = await workplace(t)
  await place.report({ performance: samplePerformance('Post') })
  const delivered = await place.deliver()

  await t.test('handover.json keeps to its schema, each digest is that of its files, and each figure is one of the report', async () => {
    const out = join(place.folder, 'delivery')
    const handover = place.handover()
    const ajv = new Ajv2020({ strict: false })
    ;(formatsPlugin as unknown as (to: Ajv2020) => void)(ajv)
    assert.ok(ajv.validate(JSON.parse(readFileSync(join(out, 'handover.schema.json'), 'utf8')), handover), ajv.errorsText())
    execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: out })
    const report = JSON.parse(readFileSync(join(out, 'verification/report.json'), 'utf8'))
    for (const name of DELIVERABLES) {
      const { path, digest, figures } = handover.deliverables[name]
      const command = path.includes('.') ? `sha256sum ${path}` : `grep '  ${path}/' SHA256SUMS | sha256sum`
      assert.equal(digest, `sha256:${execFileSync('sh', ['-c', command], { cwd: out, encoding: 'utf8' }).slice(0, 64)}`, name)
      assert.ok(figures.length > 0, name)
      for (const { from, counts, value, of } of figures) {
        assert.equal(counts === undefined ? pointedAt(report, from) : countOf(report, from, counts), value, from)
        if (of !== undefined)
          assert.equal(of.counts === undefined ? pointedAt(report, of.from) : countOf(report, of.from, of.counts), of.value, of.from)
      }
    }
    assert.equal(handover.made.design, `sha256:${report.design.sha256}`)
  })

  await t.test('the same inputs give the same bytes', async () => {
    assert.equal((await place.deliver({ out: 'again' })).exit, delivered.exit)
    assert.deepEqual(bytesIn(join(place.folder, 'delivery')), bytesIn(join(place.folder, 'again')))
  })

  await t.test('the lock file fits the package.json, and names no registry', async () => {
    const code = join(place.folder, 'delivery/code')
    const lock = readFileSync(join(code, 'package-lock.json'), 'utf8')
    assert.deepEqual(lock.match(/"resolved": "[^"]*"/g), ['"resolved": "file:vendor/plinth-0.1.0.tgz"'])
    const { packages } = JSON.parse(lock)
    const manifest = JSON.parse(readFileSync(join(code, 'package.json'), 'utf8'))
    for (const kind of ['dependencies', 'devDependencies']) assert.deepEqual(packages[''][kind], manifest[kind])
    const tarball = execFileSync('openssl', ['dgst', '-sha512', '-binary', manifest.dependencies.plinth.slice('file:'.length)], {
      cwd: code,
    })
    assert.equal(packages['node_modules/plinth'].integrity, `sha512-${tarball.toString('base64')}`)
    assert.deepEqual(
      [packages['node_modules/node'].dev, packages['node_modules/pg'].dev, packages['node_modules/typescript']],
      [true, undefined, undefined],
    )
  })

  await t.test('the migrations run on an empty database, and make the tables of the design', async () => {
    const database = await testDatabase()
    t.after(() => database.drop())
    const { Client } = (await import('pg')).default
    const client = new Client({ connectionString: database.url })
    await client.connect()
    try {
      for (const name of ['0001_plinth.sql', '0002_blog.sql'])
        await client.query(readFileSync(join(place.folder, 'delivery/code/migrations', name), 'utf8'))
      const { rows } = await client.query("select table_name from information_schema.tables where table_schema = 'public' order by 1")
      assert.deepEqual(
        rows.map(({ table_name: name }) => name),
        ['posts', 'users'],
      )
    } finally {
      await client.end()
    }
  })
})

test('what was not run is not tested, a part does not hold by chosen cases, and a claim that fails blocks the hand-over, which says so', async (t) => {
  const place = await workplace(t)
  await place.report()
  await place.deliver()
  const { status, deliverables, notTested } = place.handover()
  assert.equal(status, 'partial')
  for (const name of ['performance', 'scalability'] as const) {
    const { verdict, figures, summary } = deliverables[name]
    assert.deepEqual([verdict, figures, summary], ['not-tested', [], 'Not tested: left out by --quick.'])
  }
  assert.ok(notTested.some(({ what }) => what === 'searches'))
  await place.report({ only: 'access' })
  await place.deliver()
  for (const { verdict, limits } of Object.values(place.handover().deliverables)) {
    assert.ok(verdict === 'undecided' || verdict === 'not-tested', verdict)
    assert.equal(limits[0], 'only the cases access were asked')
  }
  await place.report({ access: 'fails' })
  const outcome = await place.deliver()
  assert.equal(outcome.exit, 1)
  const failed = place.handover()
  assert.deepEqual([failed.status, failed.deliverables.tests.verdict, failed.deliverables.code.verdict], ['blocked', 'fails', 'fails'])
  assert.match(readFileSync(join(place.folder, 'delivery/index.html'), 'utf8'), /does not work as designed/)
})

test('a project that was never installed has the versions of Plinth, unless it needs other packages', async (t) => {
  const place = await workplace(t)
  const lock = (out: string) => JSON.parse(readFileSync(join(place.folder, out, 'code/package-lock.json'), 'utf8')).packages
  const withPackages = async (dependencies: object) => {
    writeFileSync(join(place.folder, 'project/package.json'), JSON.stringify({ name: 'new', version: '0.1.0', dependencies }))
    await place.report()
  }
  await withPackages({ plinth: 'file:../plinth', node: '^26' })
  await place.deliver({ out: 'new' })
  const own = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages
  assert.equal(lock('new')['node_modules/pg'].version, own['node_modules/pg'].version)
  await withPackages({ plinth: 'file:../plinth', lodash: '^4' })
  await assert.rejects(place.deliver({ out: 'other' }), /no package-lock\.json, and needs lodash/)
})

test('a report about other files, tests or another version is refused, and nothing is written', async (t) => {
  const place = await workplace(t)
  await place.report()
  const file = join(place.folder, 'verify/report.json')
  const report = JSON.parse(readFileSync(file, 'utf8'))
  const against = { url: 'https://api.example.com', callers: [], rowsKnown: false, writes: false, requests: 1, perSecond: 20 }
  for (const [changed, says] of [
    [{ design: { ...report.design, sha256: 'a'.repeat(64) } }, /other files of the design blog: their SHA-256 differ/],
    [{ plinth: '0.0.1' }, /is of Plinth 0\.0\.1/],
    [{ against }, /about https:\/\/api\.example\.com/],
    [{ tests: { ...report.tests, files: [] } }, /other files of tests/],
    [{ claims: undefined }, /no report of this version/],
  ] as const) {
    writeFileSync(file, JSON.stringify({ ...report, ...changed }))
    await assert.rejects(
      place.deliver(),
      (error: Error & { readonly hint: string }) => says.test(error.message) && /plinth verify/.test(error.hint),
    )
  }
  writeFileSync(file, JSON.stringify(report))
  writeFileSync(join(place.folder, 'project/design.ts'), `${readFileSync(join(place.folder, 'project/design.ts'), 'utf8')}\n`)
  await assert.rejects(place.deliver(), /their SHA-256 differ/)
  await assert.rejects(place.deliver({ report: 'nowhere' }), /there is no .*report\.json/)
  assert.ok(!existsSync(join(place.folder, 'delivery')))
})

test('secrets, links and files that are made again stay behind, and the outcome says which', async (t) => {
  const place = await workplace(t)
  const project = join(place.folder, 'project')
  for (const folder of ['node_modules/x', '.aws', '.github/workflows', 'deploy/env']) mkdirSync(join(project, folder), { recursive: true })
  const secret = 'hunter2-of-this-test'
  const key = `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`
  for (const [name, text] of [
    ['.env', `PASSWORD=${secret}`],
    ['.npmrc', `//registry.example.com/:_authToken=${secret}`],
    ['server.pem', secret],
    ['notes.md', `keep ${key}`],
    ['gpg.txt', `-----BEGIN PGP PRIVATE KEY BLOCK-----\n${secret}`],
    ['jwk.json', JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: secret, d: 'n'.repeat(43) })],
    ['deploy.md', `export AWS_ACCESS_KEY_ID=AKIA${'B'.repeat(16)} # ${secret}`],
    ['production.env', `PUBLIC_URL=https://blog.example.com\nSMTP_URL=smtps://ada:${secret}@mail.example.com`],
    ['backup.dump', secret],
    ['two\nlines.md', secret],
    ['.aws/credentials', secret],
    ['node_modules/x/index.js', secret],
    ['readme.md', 'The blog.'],
    ['.github/workflows/ci.yml', 'name: own'],
    ['deploy/env/staging.env', '# AUTH_KEYS=   a secret\nLOG_LEVEL=debug\n'],
  ] as const)
    writeFileSync(join(project, name), text)
  await place.report()
  const outcome = await place.deliver()
  assert.ok(outcome.exit === 0 && 'left' in outcome.data && Array.isArray(outcome.data.left))
  assert.deepEqual(Object.fromEntries(outcome.data.left.map(({ path, why }) => [path, why])), {
    '.aws': 'hidden folders may hold secrets',
    '.env': 'hidden files may hold secrets',
    '.npmrc': 'hidden files may hold secrets',
    'backup.dump': 'it has the data of a database',
    'deploy.md': 'it holds an access token',
    'gpg.txt': 'it holds a private key',
    'jwk.json': 'it holds a private key',
    'notes.md': 'it holds a private key',
    'production.env': 'it gives a secret its value',
    'server.pem': 'its name is that of a secret',
    'two\nlines.md': 'its path has a control character or a backslash',
  })
  const files = bytesIn(join(place.folder, 'delivery'))
  for (const own of ['.github/workflows/ci.yml', 'deploy/env/staging.env'])
    assert.equal(files.get(`code/${own}`), readFileSync(join(project, own), 'base64'))
  assert.ok(files.has('code/readme.md') && files.has('code/blog.test.ts'))
  for (const [path, content] of files) assert.ok(!Buffer.from(content, 'base64').includes(secret), path)
})

test('a folder with other files is refused; an earlier hand-over is replaced, and what is installed in it stays', async (t) => {
  const place = await workplace(t)
  await place.report()
  mkdirSync(join(place.folder, 'used'))
  writeFileSync(join(place.folder, 'used/letter.txt'), 'mine')
  await assert.rejects(place.deliver({ out: 'used' }), /is not empty, and no hand-over/)
  // Digests of something else: the file is nobody's to delete.
  writeFileSync(join(place.folder, 'used/SHA256SUMS'), `${'0'.repeat(64)}  letter.txt\n`)
  await assert.rejects(place.deliver({ out: 'used' }), /is not empty, and no hand-over/)
  assert.ok(existsSync(join(place.folder, 'used/letter.txt')))
  writeFileSync(join(place.folder, 'project/old.md'), 'old')
  await place.deliver()
  const code = join(place.folder, 'delivery/code')
  mkdirSync(join(code, 'node_modules'))
  writeFileSync(join(code, 'node_modules/kept.js'), '')
  assert.ok(existsSync(join(code, 'old.md')))
  rmSync(join(place.folder, 'project/old.md'))
  await place.deliver()
  assert.deepEqual([existsSync(join(code, 'old.md')), existsSync(join(code, 'node_modules/kept.js'))], [false, true])
  // A project in the folder would be replaced.
  await assert.rejects(place.deliver({ design: 'delivery/code' }), /holds the project itself/)
  // What a link leads to is no part of the hand-over.
  rmSync(join(place.folder, 'delivery/docs'), { recursive: true })
  symlinkSync(join(place.folder, 'used'), join(place.folder, 'delivery/docs'))
  await assert.rejects(place.deliver(), /delivery\/docs is a link/)
  assert.ok(!existsSync(join(place.folder, 'used/index.html')))
})

test('the typed client is handed over, in place of an earlier one, and never in place of files of the project', async (t) => {
  const place = await workplace(t)
  await place.report()
  const client = join(place.folder, 'project/client')
  mkdirSync(client)
  writeFileSync(join(client, 'client.ts'), `${CLIENT_MARK}\nold`)
  await place.deliver()
  const delivered = (name: string): string => join(place.folder, 'delivery/code/client', name)
  for (const name of ['client.ts', 'runtime.ts'])
    assert.equal(readFileSync(delivered(name), 'utf8'), readFileSync(join(ROOT, 'test/golden/client/blog', name), 'utf8'))
  writeFileSync(join(client, 'main.ts'), 'startApp()')
  await place.deliver()
  assert.deepEqual([existsSync(delivered('main.ts')), existsSync(delivered('runtime.ts'))], [true, false])
})
