/** Runs every command of the README unchanged against a server that `npm start` has started. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { freePort, outsidePath, PLINTH, ROOT, run, start, temporaryFolder } from '../support/command-line.ts'

const README = readFileSync(join(ROOT, 'README.md'), 'utf8')
const WALK = README.slice(README.indexOf('## A walk through the blog'), README.indexOf('## Commands'))

test('the README names exactly the parts of a design that have no effect yet', () => {
  const { model, diagnostics } = resolveDesign(
    {
      name: 'demo',
      entities: {
        Post: {
          fields: { title: { type: 'text' } },
          access: { read: 'true', create: 'true', update: 'true', delete: 'true' },
          hooks: { beforeCreate: './hooks.ts#before' },
          history: true,
          cache: { ttl: '5s' },
        },
      },
      on: { 'Post.created': [{ publish: 'posts' }] },
      integrations: { broker: { nats: 'NATS_URL' } },
    },
    NO_SOURCE,
  )
  const pending = new Set((model ?? assert.fail(JSON.stringify(diagnostics))).pending.map(({ feature }) => feature))
  const [, parts = ''] = /^- (.*) have no effect yet/m.exec(README) ?? assert.fail('no such sentence')
  assert.deepEqual(pending, new Set(parts.toLowerCase().split(/, | and /)))
})

function blocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, block = '']) => block)
}

/** Commands, and the answer in the comment below the last command; null without such a comment. */
interface Step {
  readonly commands: string
  readonly answer: string | null
}

/** Cuts a block after each answer. A comment after an empty line, or at the start, is only a comment. */
function steps(block: string): readonly Step[] {
  const found: { commands: string; answer: string | null }[] = []
  let current: { commands: string; answer: string | null } = { commands: '', answer: null }
  let before = ''
  for (const line of block.split('\n')) {
    const isAnswer = line.startsWith('#') && (current.answer !== null || (before !== '' && !before.startsWith('#')))
    if (isAnswer) current.answer = `${current.answer ?? ''}${line.slice(1)}`
    else {
      if (current.answer !== null) {
        found.push(current)
        current = { commands: '', answer: null }
      }
      current.commands += `${line}\n`
    }
    before = line
  }
  return [...found, current].filter(({ commands }) => commands.trim() !== '')
}

/** Whether a text matches the text of the README: `…` matches anything, and white space is ignored. */
function shows(answer: string, text: string): boolean {
  const escaped = answer
    .replaceAll(/\s/g, '')
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${escaped.join('.*')}$`, 's').test(text.replaceAll(/\s/g, ''))
}

/** A folder with the files of a fresh clone that the commands need. The blog is a copy, so its database is new. */
function clone(t: TestContext): string {
  const folder = temporaryFolder(t)
  for (const name of ['package.json', 'src', 'node_modules']) symlinkSync(join(ROOT, name), join(folder, name))
  cpSync(join(ROOT, 'examples'), join(folder, 'examples'), { recursive: true, filter: (path) => !path.endsWith('.plinth') })
  return folder
}

/** A `curl` that runs the real curl and records the status of each answer. */
function notingCurl(folder: string): string {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const real = execFileSync('which', ['curl'], { encoding: 'utf8', env: { PATH: outsidePath() } }).trim()
  writeFileSync(join(bin, 'curl'), `#!/bin/sh\nexec ${real} -w '%{stderr}%{http_code}\\n' "$@" 2>> "$STATUSES"\n`)
  chmodSync(join(bin, 'curl'), 0o755)
  return bin
}

test('every command of the walk through the blog answers what the README shows', { timeout: 120_000 }, async (t) => {
  const folder = clone(t)
  const port = await freePort()
  const server = start(t, ['npm', 'start'], { cwd: folder, env: { PORT: String(port) } })
  await server.until(/blog is running at/)
  const walk = blocks(WALK, 'sh').flatMap(steps)
  // All steps run in one shell, because they share variables. Each step writes its output and statuses to its own files.
  const script = walk.map(({ commands }, i) => `export STATUSES=status.${i}\n{\n${commands}} > out.${i}\n`).join('')
  const bin = notingCurl(folder)
  const ended = await run(t, ['bash', '-euc', script.replaceAll('localhost:3000', `localhost:${port}`)], {
    cwd: folder,
    env: { PATH: `${bin}${delimiter}${outsidePath()}` },
  })
  assert.equal(ended.code, 0, ended.stderr)
  for (const [i, { commands, answer }] of walk.entries()) {
    if (answer === null) continue
    const status = commands.includes('curl ')
      ? readFileSync(join(folder, `status.${i}`), 'utf8')
          .trim()
          .split('\n')
          .at(-1)
      : ''
    const output = `${status} ${readFileSync(join(folder, `out.${i}`), 'utf8')}`
    assert.ok(shows(answer, output), `${commands}\nanswers\n${output}\nand the README shows\n${answer}`)
  }
  assert.ok(walk.filter(({ answer }) => answer !== null).length >= 13, 'the walk has lost its answers')
  server.process.kill('SIGTERM')
  await server.until(/stopping/)
})

test('the design at the top of the README has no findings', async (t) => {
  const folder = temporaryFolder(t)
  const [design = ''] = blocks(README, 'ts')
  writeFileSync(join(folder, 'design.ts'), design)
  const { code, stdout } = await run(t, [...PLINTH, 'plan', '--json'], { cwd: folder })
  const findings: readonly { severity: string }[] = JSON.parse(stdout).findings
  assert.deepEqual([code, findings.filter(({ severity }) => severity !== 'note')], [0, []])
})

test("the README's two commands are those that the repository and its continuous integration run", () => {
  const lines = blocks(README, 'sh').map((block) => block.trim())
  assert.ok(lines.includes('npm ci && npm start') && lines.includes('npm ci && npm test'))
  assert.match(readFileSync(join(ROOT, '.ci/run'), 'utf8'), /^npm ci$.*^npm test$/ms)
})
