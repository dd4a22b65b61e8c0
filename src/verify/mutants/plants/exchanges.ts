/** What mutants between the caller and the backend have in common: which requests they are about, and how they change bodies. */

import type { Entity } from '../../../model/model.ts'
import type { Answered } from '../../expected/answered.ts'
import type { SentRequest } from '../../run/stage.ts'
import type { MutantKind } from '../kinds.ts'
import type { AlteredExchange, Mutant } from '../mutant.ts'

/** A mutant between the caller and the backend, in words. */
export interface DescribedExchange {
  readonly kind: MutantKind
  readonly detail?: string
  readonly what: string
  readonly claims: readonly string[]
  readonly open: () => AlteredExchange
}

/** Makes a mutant of one entity. */
export function exchangeMutant(entity: Entity, { kind, detail, what, claims, open }: DescribedExchange): Mutant {
  return {
    name: `mutants/${kind}/${entity.name}${detail === undefined ? '' : `/${detail}`}`,
    kind,
    what: `${entity.name}: ${what}`,
    entity: entity.name,
    claims,
    doors: null,
    plant: { kind: 'exchange', open },
    rule: null,
  }
}

/** Whether a request is about rows of the entity. */
export function isAbout({ path }: Entity, base: string): (asked: SentRequest) => boolean {
  const at = `${base}/${path}`
  return ({ url }) => url === at || url.startsWith(`${at}/`) || url.startsWith(`${at}?`)
}

/** Whether a request is a list of the entity. */
export function isList({ method, url }: SentRequest, { path }: Entity, base: string): boolean {
  return method === 'GET' && (url.split('?', 1)[0] ?? '') === `${base}/${path}`
}

/** A body with other members; that of a list, with other members in each item. A text is read and written again. */
export function changedBody(body: unknown, change: (members: Readonly<Record<string, unknown>>) => unknown): unknown {
  if (typeof body === 'string') {
    try {
      return JSON.stringify(changedBody(JSON.parse(body), change))
    } catch {
      return body
    }
  }
  if (Array.isArray(body)) return body.map((item) => changedBody(item, change))
  if (typeof body !== 'object' || body === null) return body
  return change(body as Readonly<Record<string, unknown>>)
}

/** The text without escapes; unchanged if they are broken. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** An answer with another body. */
export function withJson(answered: Answered, json: unknown): Answered {
  return { ...answered, json, text: JSON.stringify(json) }
}
