/**
 * A replacement (PUT) may contain what a GET answered. Read-only names are ignored as long as their values are those of the row, and an
 * included row stands for the reference to it as long as it is that row.
 */

import { isDeepStrictEqual } from 'node:util'
import { invalid } from '../../base/failure.ts'
import { isObject } from '../../base/is-object.ts'
import { type EntityView, type View, viewOf } from '../../compile/rules/view.ts'
import { nextOf } from '../../compile/statements/plan.ts'
import { pointerTo } from '../../compile/values/validate.ts'
import type { Caller } from '../../model/caller.ts'
import { parseBody } from '../http/body.ts'
import { EVERYTHING, type Intent, type Selection, type UpdateIntent } from '../plan/intent.ts'
import { inputFor } from '../plan/write-values.ts'
import { prepareRead, runRead } from '../read/read.ts'
import type { Stack } from '../run/stack.ts'
import type { Perform } from '../write/idempotent.ts'

/** A replacement with ids in place of included rows and without its read-only names, and the check of what was sent for them. */
export interface Replacement {
  readonly intent: UpdateIntent
  /** Runs the rest in the same transaction after the check. @throws Failure `validation_failed` that names each value that differs. */
  readonly afterCheck: (perform: Perform) => Perform
}

/** Splits a replacement; null for any other intent, and for a replacement without read-only names and included rows. */
export function splitReplacement(stack: Stack, caller: Caller, intent: Intent): Replacement | null {
  if (intent.kind !== 'update' || intent.mode !== 'put' || intent.id === null || !isObject(intent.body)) return null
  const { body, id, entity } = intent
  const variant = stack.context.viewFor(caller)
  const shown = { view: variant.view, entity: viewOf(variant.view, entity.name) }
  const { fields } = inputFor({ context: stack.context, caller, variant, entity: shown.entity }, 'put')
  const readOnly = answeredNames(shown.entity, body).filter((name) => !fields.has(name))
  const rows = includedRows(shown.entity, body).filter((name) => fields.has(name))
  if (readOnly.length + rows.length === 0) return null
  const names = [...readOnly, ...rows]
  const selection = selectionOf(shown, [Object.fromEntries(names.map((name) => [name, body[name]]))])
  const read = prepareRead(stack, caller, { kind: 'get', entity, id, selection })
  const rest = Object.entries(body).flatMap(([name, value]) =>
    readOnly.includes(name) ? [] : [[name, rows.includes(name) ? idOf(value) : value]],
  )
  const { version } = body
  // Between the check and the write, another request may change the row. If the request has a version, the write then fails.
  const versions = intent.versions ?? (typeof version === 'number' && readOnly.includes('version') ? [version] : null)
  return {
    intent: { ...intent, body: Object.fromEntries(rest), versions },
    afterCheck: (perform) => (runner) =>
      runner.transaction(async (within) => {
        const found = await runRead(within.run, read)
        const row = found.kind === 'row' && found.row.body !== null ? parseBody(Buffer.from(found.row.body)) : null
        const changed = names.filter((name) => !isObject(row) || !isDeepStrictEqual(row[name], body[name]))
        if (changed.length > 0) {
          const message = (name: string): string => (rows.includes(name) ? ROW_CHANGED : CHANGED)
          throw invalid(changed.map((name) => ({ pointer: pointerTo('', name), rule: 'readOnly', message: message(name) })))
        }
        return perform(within)
      }),
  }
}

const CHANGED = 'cannot be set and is not what the row has; leave it out, or read the row again'
const ROW_CHANGED = 'is not the row that it refers to; send an id, or an object with "id" alone'

/** The names of a body that an answer to this caller may have, with the cursors of included lists. */
function answeredNames({ readable, derived, relations }: EntityView, body: Sent): readonly string[] {
  const names = [...readable.keys(), ...derived.keys(), ...relations.keys()].filter((name) => Object.hasOwn(body, name))
  const cursors = names.filter((name) => relations.has(name)).map(nextOf)
  return [...names, ...cursors.filter((name) => Object.hasOwn(body, name))]
}

/** The references of a body that hold a row with its id, as an answer with `include` has them, and not an id alone. */
function includedRows({ references }: EntityView, body: Sent): readonly string[] {
  return [...references].filter((name) => {
    const value = body[name]
    return Object.hasOwn(body, name) && isObject(value) && Object.hasOwn(value, 'id') && Object.keys(value).length > 1
  })
}

function idOf(value: unknown): unknown {
  return isObject(value) ? value.id : value
}

type Sent = Readonly<Record<string, unknown>>

interface Shown {
  readonly view: View
  readonly entity: EntityView
}

/** The selection whose answer has the names of these rows. A name that the caller cannot read is left out, so that the rows then differ. */
function selectionOf({ view, entity }: Shown, rows: readonly Sent[]): Selection {
  if (rows.length === 0) return EVERYTHING
  const names = [...new Set(rows.flatMap((row) => answeredNames(entity, row)))]
  const fields: string[] = []
  const include = new Map<string, Selection>()
  for (const name of names) {
    const values = rows.map((row) => row[name])
    const target = targetOf(view, entity, name)
    const inner = values.flatMap((value): readonly unknown[] => (Array.isArray(value) ? value : [value])).filter(isObject)
    if (target !== null && (entity.relations.has(name) || inner.length > 0)) include.set(name, selectionOf({ view, entity: target }, inner))
    if (entity.readable.has(name) || entity.derived.has(name)) fields.push(name)
  }
  return { fields, include }
}

/** The entity of the rows that a relation or a reference shows; null for another name. */
function targetOf(view: View, { relations, references, readable }: EntityView, name: string): EntityView | null {
  const relation = relations.get(name)
  if (relation !== undefined) return viewOf(view, relation.entity)
  const type = references.has(name) ? readable.get(name)?.field.type : undefined
  return type?.kind === 'ref' ? viewOf(view, type.entity) : null
}
