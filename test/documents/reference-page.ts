/** A page of the reference whose example is a design that a test serves. */

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Diagnostic } from '../../src/base/diagnostic.ts'
import { bindCode } from '../../src/design/code/bind-code.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Model } from '../../src/model/model.ts'
import { ROOT, temporaryFolder } from '../support/command-line.ts'

/** The text of a page: `events.md`. */
export function referencePage(name: string): string {
  return readFileSync(join(ROOT, 'docs/reference', name), 'utf8')
}

/** The first block of code of a kind, such as `yaml design` or `ts jobs/report.ts`. */
export function blockOf(page: string, kind: string): string {
  const start = page.indexOf(`\`\`\`${kind}\n`)
  assert.ok(start >= 0, kind)
  return page.slice(start + kind.length + 4, page.indexOf('\n```', start + 4) + 1)
}

/**
 * The model of the design on a page, with the code of the blocks whose kind is `ts` and a path, and with these files; and its findings,
 * without notes.
 */
export async function modelOfPage(
  t: TestContext,
  page: string,
  files: Readonly<Record<string, Uint8Array>> = {},
): Promise<{ readonly model: Model; readonly findings: readonly Diagnostic[] }> {
  const folder = temporaryFolder(t)
  for (const [, path = ''] of page.matchAll(/^```ts (\S+\/\S+\.ts)$/gm)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), blockOf(page, `ts ${path}`))
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  writeFileSync(join(folder, 'design.yaml'), blockOf(page, 'yaml design'))
  const read = await readDesign(join(folder, 'design.yaml'))
  assert.ok(read.ok)
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  assert.ok(model !== null, JSON.stringify(diagnostics))
  const bound = await bindCode(model, read.source)
  assert.ok(bound.model !== null, JSON.stringify(bound.diagnostics))
  return { model: bound.model, findings: diagnostics.filter(({ severity }) => severity !== 'note') }
}

/** Those of some words of the language that a page does not have in code, alone or as a part. */
export function missingWords(page: string, words: readonly string[]): readonly string[] {
  const known = new Set([...page.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) => code.match(/\w+/g) ?? []))
  return [...new Set(words)].filter((word) => !known.has(word))
}
