/** Finds the part of a design that a requirement names. */

import { isObject } from '../../base/is-object.ts'
import { didYouMean, quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'

/** The keys of a design that a requirement may name. Entities are named without `entities`. */
const ROOTS: ReadonlySet<string> = new Set([
  'entities',
  'rules',
  'on',
  'actions',
  'jobs',
  'schedules',
  'workflows',
  'shapes',
  'errors',
  'routes',
  'integrations',
  'serve',
  'targets',
  'contract',
  'scenarios',
])

/** The path of a part; or why there is none, with what to write. */
export type FoundPart = { readonly kind: 'found'; readonly path: Path } | MissingPart

/** Why a name leads nowhere. */
export interface MissingPart {
  readonly kind: 'missing'
  readonly message: string
  readonly hint: string | undefined
}

/** Finds a part by its name, such as `Visit.access.read` or `targets.p99`. @param design as it was written. */
export function findPart(design: object, name: string): FoundPart {
  const entities = 'entities' in design && isObject(design.entities) ? design.entities : {}
  const segments = name.split('.')
  const [first = ''] = segments
  if (ROOTS.has(first) && Object.hasOwn(design, first)) return walk(design, { at: [], segments, design })
  if (Object.hasOwn(entities, first)) return walk(entities, { at: ['entities'], segments, design })
  const known = [...Object.keys(entities), ...[...ROOTS].filter((root) => Object.hasOwn(design, root))]
  const near = transition(design, segments) || deeper(design, { segment: first, before: '' }) || didYouMean(first, known)
  const hint = near === '' ? 'a path begins with an entity or a key of the design, such as Visit.access.read or targets.p99' : undefined
  return { kind: 'missing', message: `there is no part ${quote(name)}${near}`, hint }
}

interface Walk {
  /** The path of the value that the segments begin in. */
  readonly at: Path
  readonly segments: readonly string[]
  readonly design: object
}

/** Follows the segments. Names with dots, such as those of events, are several segments. */
function walk(start: unknown, { at, segments, design }: Walk): FoundPart {
  let value = start
  let path = at
  let rest = segments
  while (rest.length > 0) {
    const length = segmentsOfKey(value, rest)
    if (length === 0) return missing(value, { rest, segments, design })
    const key = rest.slice(0, length).join('.')
    path = [...path, Array.isArray(value) ? Number(key) : key]
    value = (value as Record<string, unknown>)[key]
    rest = rest.slice(length)
  }
  return { kind: 'found', path }
}

/** How many segments are the next key; 0 if there is no such key. */
function segmentsOfKey(value: unknown, segments: readonly string[]): number {
  if (typeof value !== 'object' || value === null) return 0
  if (Array.isArray(value)) return /^\d+$/.test(segments[0] ?? '') && Number(segments[0]) < value.length ? 1 : 0
  for (let n = segments.length; n > 0; n--) if (Object.hasOwn(value, segments.slice(0, n).join('.'))) return n
  return 0
}

interface Missing extends Omit<Walk, 'at'> {
  /** The segments from the one that is not there. */
  readonly rest: readonly string[]
}

function missing(value: unknown, { rest, segments, design }: Missing): MissingPart {
  const [segment = ''] = rest
  const before = segments.slice(0, -rest.length).join('.')
  const known = typeof value === 'object' && value !== null ? Object.keys(value) : []
  const near = transition(design, segments) || deeper(value, { segment, before }) || didYouMean(segment, known)
  const there = known.length === 0 ? 'no parts' : known.slice(0, 12).join(', ')
  return { kind: 'missing', message: `${before} has no part ${quote(segment)}${near}`, hint: near === '' ? `it has ${there}` : undefined }
}

/** A question for a part one level deeper, such as `access.read` for `read`. */
function deeper(value: unknown, { segment, before }: { readonly segment: string; readonly before: string }): string {
  if (!isObject(value)) return ''
  const key = Object.keys(value).find((each) => {
    const inner = value[each]
    return isObject(inner) && Object.hasOwn(inner, segment)
  })
  return key === undefined ? '' : `, did you mean ${quote([...(before === '' ? [] : [before]), key, segment].join('.'))}?`
}

/** A question for the transition of a workflow, which is an action of its entity and stands elsewhere. */
function transition(design: object, segments: readonly string[]): string {
  const name = segments.at(-1) ?? ''
  const workflows = 'workflows' in design && isObject(design.workflows) ? design.workflows : {}
  const found = Object.keys(workflows).find((each) => {
    const workflow = workflows[each]
    return isObject(workflow) && isObject(workflow.transitions) && Object.hasOwn(workflow.transitions, name)
  })
  return found === undefined ? '' : `, did you mean ${quote(`workflows.${found}.transitions.${name}`)}?`
}
