/** A backend of a design whose actions are code, for tests. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { bindCode } from '../../src/design/code/bind-code.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Model } from '../../src/model/model.ts'
import type { BackendOptions } from '../../src/server/backend.ts'
import { type TestBackend, testBackend } from '../support/backend.ts'

/** Reads a design of the folder `designs` and its code. */
export async function modelWithCode(file: string): Promise<Model> {
  const read = await readDesign(join(import.meta.dirname, 'designs', file))
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
