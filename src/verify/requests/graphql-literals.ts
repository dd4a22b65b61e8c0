/** Documents of GraphQL whose values stand in the document, and not in its variables. */

import type { Entity } from '../../model/model.ts'
import type { SentOverHttp } from '../expected/abstract-request.ts'
import { fieldOrNull } from '../expected/reference.ts'
import { rawText } from './raw-number.ts'

/**
 * The same document with the values of its variables in their place.
 *
 * @param entity of which the variables name values: its choices are written as names of enums.
 */
export function withLiterals(sent: SentOverHttp, entity: Entity): SentOverHttp {
  const { query, variables } = sent.body as { readonly query: string; readonly variables: Readonly<Record<string, unknown>> }
  const undeclared = query.replace(/^(\w+) \([^)]*\)/, '$1')
  const literals = new Map(Object.entries(variables).map(([name, value]) => [name, literalOf(entity, value)]))
  return { ...sent, body: { query: undeclared.replace(/\$(\w+)/g, (text, name: string) => literals.get(name) ?? text) } }
}

/** Names of enums. Another text is written in quotes, whatever the schema has there. */
const NAME = /^[_A-Za-z][_0-9A-Za-z]*$/

function literalOf(entity: Entity, value: unknown, name: string | null = null): string {
  const raw = rawText(value)
  if (raw !== null) return raw
  if (Array.isArray(value)) return `[${value.map((item) => literalOf(entity, item, name)).join(', ')}]`
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([own, inner]) => `${own}: ${literalOf(entity, inner, own)}`)
      .join(', ')} }`
  const type = name === null ? undefined : fieldOrNull(entity, name)?.type
  const isChoice = (type?.kind === 'list' ? type.of : type)?.kind === 'choice'
  return isChoice && typeof value === 'string' && NAME.test(value) ? value : JSON.stringify(value)
}
