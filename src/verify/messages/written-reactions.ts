/** The reactions of a design that send something, as its author wrote them. */

import type { WrittenDesign } from '../expected/written-design.ts'

/** A reaction that sends a mail, or the row to a webhook. */
export type WrittenReaction = WrittenMail | WrittenPost

interface Written {
  readonly entity: string
  /** `created`, `updated`, `deleted`, or the name of an action. */
  readonly happening: string
  /** The condition; null for none. */
  readonly when: string | null
}

/** A mail. */
export interface WrittenMail extends Written {
  readonly kind: 'mail'
  readonly template: string
  /** The expression of the address. */
  readonly to: string
}

/** A message to a webhook. */
export interface WrittenPost extends Written {
  readonly kind: 'post'
  readonly webhook: string
  /** The fields that the reaction names; null for those that everybody may read. */
  readonly fields: readonly string[] | null
}

/** A webhook as written. */
export interface WrittenWebhook {
  readonly url?: string
  readonly subscriptions?: string
  readonly account?: string
}

interface Parts {
  readonly on?: Readonly<Record<string, unknown>>
  readonly integrations?: {
    readonly webhooks?: Readonly<Record<string, WrittenWebhook>>
    readonly email?: { readonly templates?: Readonly<Record<string, { readonly blocks?: readonly object[] }>> }
  }
}

/** All reactions that send mails or rows, in the order of the design. */
export function writtenReactions(design: WrittenDesign): readonly WrittenReaction[] {
  return Object.entries((design as Parts).on ?? {}).flatMap(([event, reactions]) => {
    const [entity = '', happening = ''] = event.split('.')
    return [reactions].flat().flatMap((reaction) => readReaction({ entity, happening }, reaction))
  })
}

/** Kinds of blocks of mails whose texts are those of rows. */
const BLOCKS = ['heading', 'text', 'table', 'button'] as const

/** The kinds of blocks that a template has. */
export function blocksOf(design: WrittenDesign, template: string): readonly string[] {
  const { templates = {} } = (design as Parts).integrations?.email ?? {}
  const blocks = templates[template]?.blocks ?? []
  return BLOCKS.filter((kind) => blocks.some((block) => Object.hasOwn(block, kind) && JSON.stringify(block).includes('{')))
}

/** The webhooks by name. */
export function writtenWebhooks(design: WrittenDesign): Readonly<Record<string, WrittenWebhook>> {
  return (design as Parts).integrations?.webhooks ?? {}
}

function readReaction(event: Pick<Written, 'entity' | 'happening'>, reaction: unknown): readonly WrittenReaction[] {
  if (typeof reaction !== 'object' || reaction === null) return []
  const { email, to, webhook, fields, when } = reaction as Readonly<Record<string, unknown>>
  const written = { ...event, when: typeof when === 'string' ? when : null }
  if (typeof email === 'string' && typeof to === 'string') return [{ ...written, kind: 'mail', template: email, to }]
  if (typeof webhook !== 'string') return []
  return [{ ...written, kind: 'post', webhook, fields: Array.isArray(fields) ? fields.map(String) : null }]
}
