/** Writes a draft in TypeScript, with the place in the source behind each part. */

import { formatPath } from '../../base/diagnostic.ts'
import type { Draft, DraftField } from '../draft/draft.ts'
import { commentOf, headOf, inOrder } from './comments.ts'

/** The text of a design. The same draft always gives the same text. */
export function writeTypeScript(draft: Draft, sources: readonly string[]): string {
  const used = new Set<string>(['backend'])
  const lines = Object.entries(draft.design)
    .filter(([, part]) => part !== undefined)
    .flatMap(([key, part]) => section(key, part, { draft, path: [key], indent: '  ', used }))
  return [
    ...headOf(sources).map((line) => `// ${line}`),
    `import { ${[...used].sort().join(', ')} } from 'plinth'`,
    '',
    'export default backend({',
    ...lines,
    '})',
    '',
  ].join('\n')
}

interface Place {
  readonly draft: Draft
  readonly path: readonly string[]
  readonly indent: string
  /** The helpers that are imported. */
  readonly used: Set<string>
}

const WIDTH = 120

function section(key: string, value: unknown, place: Place): readonly string[] {
  const { draft, path, indent, used } = place
  const at = formatPath(path)
  const comment = commentOf(draft, at, '//')
  if (path.length === 4 && path[0] === 'entities' && path[2] === 'fields')
    return [`${indent}${name(key)}: ${field(value as DraftField, used)},${comment}`]
  const text = literal(value)
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
  const isOpen = isMap && (path.length <= 2 || (path.length === 3 && path[2] === 'fields') || text.length > WIDTH)
  if (!isOpen) return [`${indent}${name(key)}: ${text},${comment}`]
  const members = inOrder(value, path).flatMap(([each, member]) =>
    section(each, member, { ...place, path: [...path, each], indent: `${indent}  ` }),
  )
  return [`${indent}${name(key)}: {${comment}`, ...members, `${indent}},`]
}

/** A field, by the helper of its type. */
function field({ type, ...options }: DraftField, used: Set<string>): string {
  used.add(type)
  const given: unknown[] = []
  const rest: Record<string, unknown> = { ...options }
  for (const key of ARGUMENTS[type] ?? []) {
    given.push(rest[key])
    delete rest[key]
  }
  const texts = given.map((value) => (isItem(value) ? field(value, used) : literal(value)))
  return `${type}(${[...texts, ...(Object.keys(rest).length === 0 ? [] : [literal(rest)])].join(', ')})`
}

/** The options that a helper takes as arguments of their own. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  decimal: ['precision', 'scale'],
  choice: ['values'],
  list: ['of'],
  ref: ['entity'],
  computed: ['expression'],
}

function isItem(value: unknown): value is DraftField {
  return typeof value === 'object' && value !== null && 'type' in value && !Array.isArray(value)
}

function name(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : text(key)
}

function literal(value: unknown): string {
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined'
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return members.length === 0 ? '{}' : `{ ${members.map(([key, member]) => `${name(key)}: ${literal(member)}`).join(', ')} }`
}

/** A text in single quotes. */
function text(value: string): string {
  const escaped = JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${escaped.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`
}
