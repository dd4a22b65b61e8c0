/** The pages of the guide whose examples are run and compiled. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../support/command-line.ts'

/** A block of code, and what it is. */
export interface Block {
  readonly kind: string
  readonly code: string
}

/** A page. */
export interface Page {
  readonly text: string
  readonly blocks: readonly Block[]
}

function pageOf(name: string): Page {
  const text = readFileSync(join(ROOT, 'docs/guide', `${name}.md`), 'utf8')
  const blocks = [...text.matchAll(/^```ts (\w+)\n([\s\S]*?)^```$/gm)].map(([, kind = '', code = '']) => ({ kind, code }))
  assert.equal(blocks.length, text.match(/^```\w/gm)?.length, 'every block says what it is')
  return { text, blocks }
}

/** docs/guide/testing.md. */
export const testing = pageOf('testing')
/** docs/guide/embedding.md. */
export const embedding = pageOf('embedding')

/** The design of a page. */
export function designOf({ blocks }: Page): string {
  return blocks.find(({ kind }) => kind === 'design')?.code ?? ''
}

/** The tests of the page on testing, as one file. */
export const tests = testing.blocks.filter(({ kind }) => kind === 'test').map(({ code }) => code)

/** The programs of the page on embedding. */
export const programs = embedding.blocks.filter(({ kind }) => kind === 'run' || kind === 'production')

/** The code of both pages by the names of its files, for a check of its types. */
export function guideFiles(): ReadonlyMap<string, string> {
  assert.ok(tests.length > 3 && programs.length > 3)
  return new Map([
    ['testing/design.ts', designOf(testing)],
    ['testing/design.test.ts', tests.join('\n')],
    ['embedding/design.ts', designOf(embedding)],
    ...programs.map(({ code }, i) => [`embedding/program${i}.ts`, code] as const),
  ])
}
