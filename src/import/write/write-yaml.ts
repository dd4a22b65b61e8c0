/** Writes a draft as YAML, with the place in the source behind each part. */

import { stringify } from 'yaml'
import { formatPath } from '../../base/diagnostic.ts'
import type { Draft } from '../draft/draft.ts'
import { commentOf, headOf, inOrder } from './comments.ts'

/** The text of a design. The same draft always gives the same text. */
export function writeYaml(draft: Draft, sources: readonly string[]): string {
  const { name, description, contract, entities, ...rest } = draft.design
  const lines = headOf(sources).map((line) => `# ${line}`)
  lines.push(`name: ${inline(name)}`)
  if (description !== undefined) lines.push(`description: ${inline(description)}`)
  if (contract !== undefined) lines.push(`contract: ${inline(contract)}`)
  if (rest.serve !== undefined) lines.push(`serve: ${inline(rest.serve)}`)
  delete rest.serve
  lines.push(...section('entities', entities, { draft, path: ['entities'], indent: '' }))
  for (const [key, part] of Object.entries(rest))
    if (part !== undefined) lines.push(...section(key, part, { draft, path: [key], indent: '' }))
  return `${lines.join('\n')}\n`
}

interface Place {
  readonly draft: Draft
  readonly path: readonly string[]
  readonly indent: string
}

const WIDTH = 140
/** Maps of parts: each of their members begins a line. */
const OPEN: readonly RegExp[] = [
  /^(?:entities|actions|workflows|on|requirements|jobs|integrations)$/,
  /^entities\.\w+$/,
  /^entities\.\w+\.(?:fields|actions|checks)$/,
  /^(?:entities\.\w+\.)?actions\.\w+$/,
  /^workflows\.\w+$/,
  /^workflows\.\w+\.transitions$/,
]

function section(key: string, value: unknown, { draft, path, indent }: Place): readonly string[] {
  const at = formatPath(path)
  const comment = commentOf(draft, at)
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
  if (isMap && (OPEN.some((form) => form.test(at)) || inline(value).length > WIDTH)) {
    const members = inOrder(value, path).flatMap(([name, member]) =>
      section(name, member, { draft, path: [...path, name], indent: `${indent}  ` }),
    )
    return [`${indent}${inline(key)}:${comment}`, ...members]
  }
  if (Array.isArray(value) && value.length > 0 && inline(value).length > WIDTH - 20) {
    const items = value.map((item) => `${indent}  - ${inline(item)}`)
    return [`${indent}${inline(key)}:${comment}`, ...items]
  }
  return [`${indent}${inline(key)}: ${inline(value)}${comment}`]
}

/** A value on one line. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (typeof value !== 'object' || value === null) return scalar(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return members.length === 0 ? '{}' : `{ ${members.map(([key, member]) => `${scalar(key)}: ${inline(member)}`).join(', ')} }`
}

/** A scalar that may stand in a list on one line. */
function scalar(value: unknown): string {
  const text = stringify([value], { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false, singleQuote: true })
  return text.trimEnd().slice(1, -1)
}
