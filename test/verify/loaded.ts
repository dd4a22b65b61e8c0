/** Designs for the tests of verify, and the password of the accounts of their worlds. */

import assert from 'node:assert/strict'
import { dirname, resolve } from 'node:path'
import { bindCode } from '../../src/design/code/bind-code.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Model } from '../../src/model/model.ts'
import { openPasswords } from '../../src/services/identity/passwords/passwords.ts'
import type { WrittenDesign } from '../../src/verify/expected/written-design.ts'
import { SAMPLE_PASSWORD } from '../../src/verify/families/identity/signing-in.ts'
import { CHEAP } from '../identity/instances.ts'

const ROOT = dirname(dirname(import.meta.dirname))

/** A design with its model. */
export interface Loaded {
  readonly design: WrittenDesign
  readonly model: Model
}

/** Loads a design. @param file absolute, or relative to the repository. */
export async function load(file: string): Promise<Loaded> {
  const read = await readDesign(resolve(ROOT, file))
  assert.ok(read.ok)
  const { model } = resolveDesign(read.design, read.source)
  const bound = model === null ? null : (await bindCode(model, read.source)).model
  return { design: read.design as WrittenDesign, model: bound ?? assert.fail(file) }
}

/** The stored form of the password of all accounts, which costs little to check. Stages of tests hash at the same cost. */
export function passwordHash(): Promise<string> {
  hash ??= openPasswords({ cost: CHEAP, running: () => 2 }).hash(SAMPLE_PASSWORD)
  return hash
}

let hash: Promise<string> | null = null
