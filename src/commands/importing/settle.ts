/** Makes sure that a drafted design has no errors: a part that the language refuses is taken out, and listed with the reason. */

import { type Diagnostic, formatPath } from '../../base/diagnostic.ts'
import { NO_SOURCE, type SourceDocument } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import type { Draft } from '../../import/draft/draft.ts'

/** How often parts are taken out. Each time takes out all parts that have an error. */
const MAX_ROUNDS = 20

/**
 * Takes out of the draft what the language refuses, and changes what can be kept with a change.
 *
 * @param contract the document that the design names; null without one.
 * @returns the errors that are left: none, unless the design as a whole is refused.
 */
export function settle(draft: Draft, contract: SourceDocument | null): readonly Diagnostic[] {
  const source = { ...NO_SOURCE, contract: contract === null ? null : ({ kind: 'document', document: contract } as const) }
  for (let round = 0; ; round++) {
    const { diagnostics } = resolveDesign(structuredClone(draft.design), source)
    const errors = diagnostics.filter(({ severity }) => severity === 'error')
    if (errors.length === 0 || round === MAX_ROUNDS) {
      dropEmpty(draft)
      return errors
    }
    const places = new Map<string, { readonly path: readonly string[]; readonly error: Diagnostic }>()
    for (const error of errors) {
      const path = partOf(draft, error)
      if (path !== null && !places.has(formatPath(path))) places.set(formatPath(path), { path, error })
    }
    if (places.size === 0) return errors
    // the later items of a list first, so that the places of the others stay
    for (const { path, error } of [...places.values()].toReversed()) takeOut(draft, path, error)
  }
}

/** Maps whose members were all taken out are not written. */
function dropEmpty({ design }: Draft): void {
  for (const holder of [design, ...Object.values(design.entities)])
    for (const key of ['actions', 'workflows', 'checks', 'unique', 'indexes'] as const) {
      const part = (holder as Record<string, unknown>)[key]
      if (typeof part === 'object' && part !== null && Object.keys(part).length === 0) delete (holder as Record<string, unknown>)[key]
    }
  if (design.contract === undefined) delete design.serve
}

/** Options of a field that may go without the field. */
const OPTIONS: ReadonlySet<string> = new Set([
  'default',
  'min',
  'max',
  'pattern',
  'unique',
  'inverse',
  'onDelete',
  'description',
  'write',
  'read',
])

/** The smallest part that an error is about and that may be taken out; null for the design as a whole. */
function partOf({ design }: Draft, { at: { path, file } }: Diagnostic): readonly string[] | null {
  // only the contract is a file
  if (file !== undefined) return design.contract === undefined ? null : ['contract']
  const keys = path.map(String)
  const [top = '', entity = '', part = '', name = '', option = ''] = keys
  if (['actions', 'workflows', 'on', 'requirements', 'jobs'].includes(top)) return keys.length > 1 ? keys.slice(0, 2) : [top]
  if (top === 'contract') return [top]
  // integrations.broker.subscribe.NAME
  if (top === 'integrations') return keys.slice(0, Math.min(keys.length, 4))
  if (top !== 'entities' || entity === '') return null
  const found = design.entities[entity]
  if (part === 'fields' && name !== '') {
    const hasOption = OPTIONS.has(option) && found?.fields[name]?.[option] !== undefined
    return keys.slice(0, hasOption ? 5 : 4)
  }
  if (part === '' || found === undefined) return keys.slice(0, 2)
  return ['unique', 'indexes', 'checks', 'actions'].includes(part) && name !== '' ? keys.slice(0, 4) : keys.slice(0, 3)
}

function takeOut(draft: Draft, path: readonly string[], error: Diagnostic): void {
  const [, entity = '', , name = ''] = path
  const field = draft.design.entities[entity]?.fields[name]
  if (error.code === 'PLN-D406' && field !== undefined) {
    field.optional = true
    return void annotate(draft, formatPath(path.slice(0, 4)), 'optional, as required references in a circle can never be set')
  }
  const holder = path.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], draft.design)
  const last = path.at(-1) ?? ''
  if (Array.isArray(holder)) holder.splice(Number(last), 1)
  else if (typeof holder === 'object' && holder !== null) delete (holder as Record<string, unknown>)[last]
  const why = `${error.message} (${error.code})`
  if (path.length === 5) return void annotate(draft, formatPath(path.slice(0, 4)), `without ${last}: ${why}`)
  const at = formatPath(numbered(path))
  const isIn = (each: string): boolean => each === at || each.startsWith(`${at}.`) || each.startsWith(`${at}[`)
  if (draft.design.contract !== undefined) {
    const note = `answers 501 until an action serves it: ${why}`
    draft.carried = draft.carried.map((each) => (each.kind === 'operation' && isIn(each.path) ? { ...each, path: 'contract', note } : each))
  }
  for (const { kind, name: called, at: origin, path: each } of draft.carried)
    if (isIn(each)) draft.left.push({ kind, name: called, at: origin, why })
  draft.carried = draft.carried.filter(({ path: each }) => !isIn(each))
  for (const each of [...draft.sources.keys()]) if (isIn(each)) draft.sources.delete(each)
  if (Array.isArray(holder)) shift(draft, path)
}

/** A path with the positions in lists as numbers. */
function numbered(path: readonly string[]): readonly (string | number)[] {
  return path.map((key, i) => (i === 3 && (path[2] === 'unique' || path[2] === 'indexes') ? Number(key) : key))
}

/** Moves the items of a list up that follow one that was taken out. */
function shift(draft: Draft, path: readonly string[]): void {
  const list = formatPath(path.slice(0, -1))
  const gone = Number(path.at(-1))
  const moved = (at: string): string => {
    const [, item] = at.startsWith(`${list}[`) ? (/\[(\d+)\]$/.exec(at) ?? []) : []
    return item === undefined || Number(item) < gone ? at : `${list}[${Number(item) - 1}]`
  }
  draft.carried = draft.carried.map((each) => ({ ...each, path: moved(each.path) }))
  const sources = [...draft.sources].map(([at, origin]) => [moved(at), origin] as const)
  draft.sources.clear()
  for (const [at, origin] of sources) draft.sources.set(at, origin)
}

function annotate(draft: Draft, path: string, note: string): void {
  draft.carried = draft.carried.map((each) =>
    each.path === path ? { ...each, note: each.note === null ? note : `${each.note}; ${note}` } : each,
  )
}
