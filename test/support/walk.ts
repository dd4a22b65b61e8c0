/** Runs the commands of a page, such as a README, and compares their answers with those that the page shows. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { TestContext } from 'node:test'
import { outsidePath, run } from './command-line.ts'

/** The blocks of a language in a page. */
export function blocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, block = '']) => block)
}

/** Commands, and the answer in the comment below the last command; null without such a comment. */
export interface Step {
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

/** A `curl` that runs the real curl and records the status of each answer. */
function notingCurl(folder: string): string {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const real = execFileSync('which', ['curl'], { encoding: 'utf8', env: { PATH: outsidePath() } }).trim()
  writeFileSync(join(bin, 'curl'), `#!/bin/sh\nexec ${real} -w '%{stderr}%{http_code}\\n' "$@" 2>> "$STATUSES"\n`)
  chmodSync(join(bin, 'curl'), 0o755)
  return bin
}

/** The steps of all blocks of a page. */
export function walkOf(page: string, language: string): readonly Step[] {
  return blocks(page, language).flatMap(steps)
}

/** The commands, and where they run. */
export interface Walk {
  readonly folder: string
  readonly walk: readonly Step[]
  /** Puts the ports of the test in place of those of the page. */
  readonly ported: (text: string) => string
}

/** Runs the commands. Fails unless each answers what the page shows. */
export async function checkWalk(t: TestContext, { folder, walk, ported }: Walk): Promise<void> {
  // All steps run in one shell, because they share variables. Each step writes its output and statuses to its own files.
  const script = walk.map(({ commands }, i) => `export STATUSES=status.${i}\n{\n${commands}} > out.${i}\n`).join('')
  const bin = notingCurl(folder)
  const ended = await run(t, ['bash', '-euc', ported(script)], { cwd: folder, env: { PATH: `${bin}${delimiter}${outsidePath()}` } })
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
    assert.ok(shows(answer, output), `${commands}\nanswers\n${output}\nand the page shows\n${answer}`)
  }
}
