/** The programs of the guide and the reference run against the blog, print what is written beside them, and compile for a browser. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import blog from '../../examples/blog/design.ts'
import { clientFile, clientFolder } from '../../src/commands/delivering/client-files.ts'
import { modelFrom } from '../support/backend.ts'
import { ROOT, temporaryFolder } from '../support/command-line.ts'
import { wide } from '../support/wide-design.ts'
import { servedBlog } from './served.ts'

const PAGES = ['docs/guide/front-ends.md', 'docs/reference/client.md']

/** The programs of a page as one module, with what they are to print. */
function programOf(page: string): { readonly source: string; readonly printed: readonly string[] } {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const source = [...text.matchAll(/```ts run\n([^`]*(?:`[^`]+`[^`]*)*?)```/g)].map(([, block = '']) => block).join('\n')
  const printed = [...source.matchAll(/console\.log\(.*\) \/\/ (.+)$/gm)].flatMap(([, said = '']) => said.split(' // '))
  assert.ok(printed.length > 1, page)
  return { source, printed }
}

test('the programs of the documents print what is written, and compile for a page without Node', async (t) => {
  const folder = temporaryFolder(t)
  for (const { path, content } of clientFolder(modelFrom(blog))) {
    const file = join(folder, 'api', path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
  // A design with every type of field.
  writeFileSync(join(folder, 'wide.ts'), clientFile(modelFrom(wide)))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const compilerOptions = {
    ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noUnusedLocals: true, noEmit: true },
    ...{ module: 'esnext', moduleResolution: 'bundler', target: 'es2024', lib: ['es2024', 'dom', 'dom.iterable'], types: [] },
    allowImportingTsExtensions: true,
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  for (const [i, page] of PAGES.entries()) {
    const { source, printed } = programOf(page)
    writeFileSync(join(folder, `${i}.ts`), source)
    const { url } = await servedBlog(t)
    const file = join(folder, `run-${i}.mts`)
    writeFileSync(file, source.replaceAll('https://blog.example.com', url).replaceAll('console.log(', 'said('))
    const said: string[] = []
    Object.assign(globalThis, { said: (value: unknown) => said.push(typeof value === 'string' ? value : inspect(value)) })
    await import(pathToFileURL(file).href)
    assert.deepEqual(said, printed, page)
    writeFileSync(file, '')
  }
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
})
