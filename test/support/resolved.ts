/** Models of small designs, for tests of single options. */

import assert from 'node:assert/strict'
import { formatDiagnostic } from '../../src/base/diagnostic.ts'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Entity, Field, Model } from '../../src/model/model.ts'
import { entityNamed, fieldNamed } from '../../src/model/model.ts'

/** Rules that raise no finding: every caller may read and create, no caller may change or delete. */
export const CLOSED = { read: 'true', create: 'true', update: 'false', delete: 'false' }

/** Every finding as the text that authors see. */
export function findings(design: unknown): readonly string[] {
  return resolveDesign(design, NO_SOURCE).diagnostics.map(formatDiagnostic)
}

/** The model of a design; the test fails when there is none. */
export function modelOf(design: unknown): Model {
  const { model, diagnostics } = resolveDesign(design, NO_SOURCE)
  assert.ok(model !== null, diagnostics.map(formatDiagnostic).join('\n'))
  return model
}

/** The entity Post with the fields and options. */
export function postOf(fields: Record<string, unknown>, options: Record<string, unknown> = {}): Entity {
  return entityNamed(modelOf({ name: 'x', entities: { Post: { access: CLOSED, fields, ...options } } }), 'Post')
}

/** The field `it` of the entity Post. */
export function fieldOf(design: unknown): Field {
  return fieldNamed(postOf({ it: design }), 'it')
}
