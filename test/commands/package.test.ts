/** Uses the packed npm package outside the repository, with the machine's own Node. */

import assert from 'node:assert/strict'
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { isNodeEnough, REQUIRED_NODE } from '../../src/commands/setup/required-node.ts'
import { guideFiles } from '../guides/guide-pages.ts'
import { freePort, outsidePath, PLINTH, ROOT, run, start, temporaryFolder, untilGone } from '../support/command-line.ts'

/** npm may have to download packages. */
const TIMEOUT = 240_000
const QUIETLY = ['--no-audit', '--no-fund', '--prefer-offline'] as const

/** A program that embeds the backend of its folder. */
const EMBEDDING = `import { createBackend } from 'plinth'
const app = await createBackend(new URL('design.yaml', import.meta.url), { mode: 'development' })
console.log((await app.inject('/api/products')).body)
await app.close()
`

/** The version of the machine's own Node, not of the repository's; null when there is none. */
function machineNode(): string | null {
  try {
    return execFileSync('node', ['-p', 'process.versions.node'], { env: { PATH: outsidePath() }, encoding: 'utf8' }).trim()
  } catch {
    return null
  }
}

/** The examples of the guide, in a folder of the project, with stricter options than those of the project. */
function guideProject(shop: string): string {
  const folder = join(shop, 'guide')
  const files = guideFiles()
  for (const name of ['testing', 'embedding']) mkdirSync(join(folder, name), { recursive: true })
  for (const [name, code] of files) writeFileSync(join(folder, name), code)
  const compilerOptions = { exactOptionalPropertyTypes: true, types: ['node'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../tsconfig.json', compilerOptions, files: [...files.keys()] }))
  return folder
}

const node = machineNode()
const noNode = node === null ? 'no node outside the repository' : false
const notOld = node !== null && isNodeEnough(node) ? `the machine's Node ${node} is new enough for every command` : noNode

const notFull = process.env.PLINTH_FULL === '1' ? false : 'a long test: npm run test:long'

describe('the packed package', { skip: noNode, concurrency: 1 }, () => {
  let folder = ''
  let tarball = ''

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'plinth-pack-'))
    // What `npm pack` runs before, but without the types, which continuous integration checks before.
    assert.equal(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts.prepack, 'npm run build')
    const quietly: ExecFileSyncOptionsWithStringEncoding = { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }
    execFileSync('npm', ['run', 'build', '--', '--noCheck'], quietly)
    const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], quietly))
    tarball = join(folder, filename)
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  test('a project with the tarball installs and runs with any Node of the machine, and its plinth makes projects that depend on the tarball', {
    timeout: TIMEOUT,
  }, async (t) => {
    const cwd = temporaryFolder(t)
    const shop = join(cwd, 'shop')
    const made = await run(t, [...PLINTH, 'init', 'shop'], { cwd })
    assert.equal(made.code, 0, made.stderr)
    // Made by the sources, it depends on their folder. Made by an installed package, it depends on what that was installed from.
    const manifest = (project: string): string => readFileSync(join(project, 'package.json'), 'utf8')
    writeFileSync(join(shop, 'package.json'), manifest(shop).replace(`file:${ROOT}`, `file:${tarball}`))
    const installed = await run(t, ['npm', 'install', ...QUIETLY], { cwd: shop })
    assert.equal(installed.code, 0, installed.stderr)
    const other = await run(t, ['npx', 'plinth', 'init', '../other', '--name', 'shop'], { cwd: shop })
    assert.equal(other.code, 0, other.stderr)
    assert.equal(JSON.parse(manifest(join(cwd, 'other'))).dependencies.plinth, `file:${tarball}`)
    for (const name of ['package.json', 'design.ts', 'design.test.ts', 'tsconfig.json', '.gitignore'])
      assert.equal(readFileSync(join(cwd, 'other', name), 'utf8'), readFileSync(join(shop, name), 'utf8'), name)
    const port = await freePort()
    const server = start(t, ['npm', 'start'], { cwd: shop, env: { PORT: String(port) } })
    await server.until(/shop is running at/)
    assert.deepEqual(await (await fetch(`http://localhost:${port}/api/products`)).json(), { data: [], page: { next: null } })
    assert.match(await (await fetch(`http://localhost:${port}/`)).text(), /shop is running/)
    const planned = await run(t, ['npx', 'plinth', 'migrate', '--dry-run', '--json'], { cwd: shop })
    assert.deepEqual([planned.code, JSON.parse(planned.stdout).kind], [0, 'current'], planned.stderr)
    server.process.kill('SIGTERM')
    await untilGone(`http://localhost:${port}`)
    // Its own tests, by `plinth/testing` of the package, and their types.
    const tested = await run(t, ['npm', 'test'], { cwd: shop })
    assert.equal(tested.code, 0, tested.stdout)
    assert.match(tested.stdout, /pass 2\n/)
    for (const project of [shop, guideProject(shop)]) {
      const typed = await run(t, [process.execPath, join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', project], { cwd: shop })
      assert.equal(typed.code, 0, typed.stdout)
    }
    renameSync(join(shop, 'node_modules'), join(folder, 'node_modules'))
  })

  test('npx runs plinth from the tarball, and the project depends on the tarball', { timeout: TIMEOUT, skip: notFull }, async (t) => {
    const cwd = temporaryFolder(t)
    // Without `--prefer-offline`, npx asks the registry again for each package that was cached more than five minutes ago.
    const options = ['--yes', '--prefer-offline', `--package=${tarball}`]
    const { code, stderr } = await run(t, ['npx', ...options, 'plinth', 'init', 'shop', '--format', 'yaml'], { cwd })
    assert.equal(code, 0, stderr)
    const shop = join(cwd, 'shop')
    assert.equal(JSON.parse(readFileSync(join(shop, 'package.json'), 'utf8')).dependencies.plinth, `file:${tarball}`)
    // npm keeps the packages of the first project, which need not be unpacked again, and removes those that this one lacks.
    if (existsSync(join(folder, 'node_modules'))) renameSync(join(folder, 'node_modules'), join(shop, 'node_modules'))
    const installed = await run(t, ['npm', 'install', ...QUIETLY], { cwd: shop })
    assert.equal(installed.code, 0, installed.stderr)
    const tested = await run(t, ['npm', 'test'], { cwd: shop })
    assert.equal(tested.code, 0, tested.stdout)
    writeFileSync(join(shop, 'server.js'), EMBEDDING)
    const served = await run(t, ['npx', 'node', 'server.js'], { cwd: shop })
    assert.deepEqual([served.code, served.stdout], [0, '{"data":[],"page":{"next":null}}\n'], served.stderr)
    renameSync(join(shop, 'node_modules'), join(folder, 'node_modules'))
  })

  test('on an old Node the help works, and other commands name the required Node and a hint: exit code 3', {
    timeout: TIMEOUT,
    skip: notOld,
  }, async (t) => {
    const cwd = temporaryFolder(t)
    if (!existsSync(join(folder, 'node_modules'))) {
      const unpacked = await run(t, ['npm', 'install', ...QUIETLY, '--omit=optional', '--prefix', folder, tarball], { cwd })
      assert.equal(unpacked.code, 0, unpacked.stderr)
    }
    const plinth = ['node', join(folder, 'node_modules/plinth/dist/cli.js')] as const
    assert.equal((await run(t, [...plinth, 'up', '--help'], { cwd })).code, 0)
    for (const command of ['plan', 'up', 'serve', 'migrate', 'schema']) {
      const { code, stderr } = await run(t, [...plinth, command], { cwd })
      assert.equal(code, 3)
      assert.match(stderr, new RegExp(`plinth ${command} needs Node ${REQUIRED_NODE} or newer; this is Node ${node}`))
      assert.match(stderr, /npm install.*npm start/s)
    }
    const json = await run(t, [...plinth, 'plan', '--json'], { cwd })
    assert.equal(JSON.parse(json.stdout).error.exit, 3)
  })
})
