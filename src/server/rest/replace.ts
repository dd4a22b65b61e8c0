/** A replacement (PUT) may contain what a GET answered: read-only names are ignored as long as their values are those of the row. */

import { isDeepStrictEqual } from 'node:util'
import { invalid } from '../../base/failure.ts'
import { isObject } from '../../base/is-object.ts'
import { viewOf } from '../../compile/rules/view.ts'
import { pointerTo } from '../../compile/values/validate.ts'
import type { Caller } from '../../model/caller.ts'
import { parseBody } from '../http/body.ts'
import { EVERYTHING, type Intent, type UpdateIntent } from '../plan/intent.ts'
import { inputFor } from '../plan/write-values.ts'
import { prepareRead, runRead } from '../read/read.ts'
import type { Stack } from '../run/stack.ts'
import type { Perform } from '../write/idempotent.ts'

/** A replacement without its read-only names, and the check that the row has the values that were sent for them. */
export interface Replacement {
  readonly intent: UpdateIntent
  /** Runs the rest in the same transaction after the check. @throws Failure `validation_failed` that names each value that differs. */
  readonly afterCheck: (perform: Perform) => Perform
}

/** Splits a replacement; null for any other intent, and for a replacement without read-only names. */
export function splitReplacement(stack: Stack, caller: Caller, intent: Intent): Replacement | null {
  if (intent.kind !== 'update' || intent.mode !== 'put' || intent.id === null || !isObject(intent.body)) return null
  const { body, id } = intent
  const names = readOnlyNames(stack, caller, intent).filter((name) => Object.hasOwn(body, name))
  if (names.length === 0) return null
  const { entity } = intent
  const relations = names.filter((name) => entity.relations.some((relation) => relation.name === name))
  const selection = {
    fields: names.filter((name) => !relations.includes(name)),
    include: new Map(relations.map((name) => [name, EVERYTHING] as const)),
  }
  const read = prepareRead(stack, caller, { kind: 'get', entity, id, selection })
  const rest = Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)))
  const { version } = body
  // Between the check and the write, another request may change the row. If the request has a version, the write then fails.
  const versions = intent.versions ?? (typeof version === 'number' && names.includes('version') ? [version] : null)
  return {
    intent: { ...intent, body: rest, versions },
    afterCheck: (perform) => (runner) =>
      runner.transaction(async (within) => {
        const found = await runRead(within.run, read)
        const row = found.kind === 'row' && found.row.body !== null ? parseBody(Buffer.from(found.row.body)) : null
        const changed = names.filter((name) => !isObject(row) || !isDeepStrictEqual(row[name], body[name]))
        if (changed.length > 0) throw invalid(changed.map((name) => ({ pointer: pointerTo('', name), rule: 'readOnly', message: CHANGED })))
        return perform(within)
      }),
  }
}

const CHANGED = 'cannot be set and is not what the row has; leave it out, or read the row again'

/** Names that this caller may read and that no replacement of this caller sets. */
function readOnlyNames({ context }: Stack, caller: Caller, { entity, mode }: UpdateIntent): readonly string[] {
  const variant = context.viewFor(caller)
  const view = viewOf(variant.view, entity.name)
  const { fields } = inputFor({ context, caller, variant, entity: view }, mode)
  return [...view.readable.keys(), ...view.derived.keys(), ...view.relations.keys()].filter((name) => !fields.has(name))
}
