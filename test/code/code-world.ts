/** A backend of a design whose actions are code, for tests. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { bindCode } from '../../src/design/code/bind-code.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Model } from '../../src/model/model.ts'
import type { BackendOptions } from '../../src/server/backend-options.ts'
import { type TestBackend, testBackend } from '../support/backend.ts'

/** Reads a design of the folder `designs` and its code. */
export function modelWithCode(file: string): Promise<Model> {
  return readWithCode(join(import.meta.dirname, 'designs', file))
}

/** Reads a design and its code. @throws AssertionError for a design with errors. */
export async function readWithCode(path: string): Promise<Model> {
  const read = await readDesign(path)
  assert.ok(read.ok)
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  assert.ok(model !== null, diagnostics.map(({ message }) => message).join('\n'))
  const bound = await bindCode(model, read.source)
  assert.ok(bound.model !== null, bound.diagnostics.map(({ message }) => message).join('\n'))
  return bound.model
}

/** Starts a backend of a design in the folder `designs`. */
export async function openCode(t: TestContext, file: string, options: Partial<BackendOptions> = {}): Promise<TestBackend> {
  return testBackend(t, await modelWithCode(file), options)
}

const ROOT = join(import.meta.dirname, '../..')

/** Compiles the files of a folder under strict rules; returns the errors, each as `file(line): code`. */
export function errorsIn(folder: string, files: readonly string[], more: readonly string[] = []): readonly string[] {
  const compilerOptions = {
    ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: true },
    ...{ module: 'nodenext', target: 'es2024', lib: ['es2024', 'esnext'], types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')] },
    ...{
      allowImportingTsExtensions: true,
      erasableSyntaxOnly: true,
      customConditions: ['source'],
      paths: { plinth: [join(folder, 'plinth.ts')] },
    },
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  // The parts of the package that code uses; the whole takes several times as long to compile.
  const parts = ['base/problem.ts', 'design/authoring/context-types.ts', ...more]
  writeFileSync(join(folder, 'plinth.ts'), parts.map((part) => `export * from ${JSON.stringify(join(ROOT, 'src', part))}\n`).join(''))
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  try {
    execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder, '--pretty', 'false'], { cwd: folder, encoding: 'utf8' })
    return []
  } catch (error) {
    const { stdout } = error as { readonly stdout: string }
    return stdout.split('\n').filter((line) => line !== '' && !line.startsWith(' '))
  }
}
