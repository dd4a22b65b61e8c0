/**
 * Reactions to events, after resolution. The expressions of a reaction are about the row of its event: `row` is the row, whose fields are
 * also the names without a dot, and after an update `before` is the row as it was.
 */

import type { ActionCode, ActionName } from './action.ts'
import type { Predicate, RowPath, Term } from './expression.ts'
import type { Mail } from './mail.ts'

/** The binding of the row as it was before an update. */
export const ROW_BEFORE = 'before'

/** The member of the JSON of an event that has the result of a step. No input has such a name. */
export function resultMember(name: string): string {
  return `@${name}`
}

/** What happens to a row: a write, or an action of its entity. */
export type Happening = 'created' | 'updated' | 'deleted'

/** The writes that are events of every entity. */
export const HAPPENINGS = ['created', 'updated', 'deleted'] as const satisfies readonly Happening[]

/** An event to which the design reacts. */
export interface ModelEvent {
  readonly entity: string
  /** `created`, `updated` or `deleted`; otherwise the name of an action of the entity. */
  readonly happening: string
  readonly reactions: readonly Reaction[]
}

/** For whom a reaction runs: for no caller and without the rules of the entities, or for the account of a row. */
export type ReactionIdentity =
  | { readonly kind: 'system' }
  /** `source` is the author's text. */
  | { readonly kind: 'account'; readonly row: RowPath; readonly source: string }

/** The parts of every reaction. */
interface ReactionBase {
  /** Where the design has it. */
  readonly at: readonly (string | number)[]
  /**
   * Tells the reactions to one event apart, also after others were added: `Post call notify`. Reactions of an entity that do the same under
   * several events have the same name, and get these events in one order.
   */
  readonly name: string
  /** The reaction takes only events for which this is true. Null for all. */
  readonly when: Predicate | null
  /** The author's text of `when` on one line. */
  readonly whenSource: string | null
  /** Whether later events of a row wait for one that was given up. */
  readonly onDead: 'continue' | 'hold'
}

/** Runs an action. */
export interface CallReaction extends ReactionBase {
  readonly kind: 'call'
  readonly action: ActionName
  readonly as: ReactionIdentity
  /** The row of a row action; null for an action of the design. */
  readonly on: RowPath | null
  readonly inputs: readonly { readonly name: string; readonly value: Term }[]
}

/** Runs code, in a transaction unless the code opens it itself. */
export interface RunReaction extends ReactionBase {
  readonly kind: 'run'
  readonly code: ActionCode['code']
  readonly ownTransaction: boolean
  /** The path of the code as the design has it; null for a function in the design. */
  readonly path: string | null
  readonly as: ReactionIdentity
}

/** Sends a mail. It is made without the rules of the entities. */
export interface EmailReaction extends ReactionBase {
  readonly kind: 'email'
  readonly mail: Mail
}

/** Sends the row of the event to a webhook. */
export interface WebhookReaction extends ReactionBase {
  readonly kind: 'webhook'
  /** The name of a webhook of the model. */
  readonly webhook: string
  /** The names of the fields that are sent, in the order of the entity. */
  readonly fields: readonly string[]
}

/** Publishes the row of the event to the broker. */
export interface PublishReaction extends ReactionBase {
  readonly kind: 'publish'
  /** With the prefix of the broker. */
  readonly subject: string
  /** The attribute `type` of the message. */
  readonly type: string
  /** The names of the fields that are sent, in the order of the entity. */
  readonly fields: readonly string[]
}

/** What happens after an event. */
export type Reaction = CallReaction | RunReaction | EmailReaction | WebhookReaction | PublishReaction

/** Whether a design reacts to events: only then they are logged. */
export function hasReactions({ events }: { readonly events: readonly ModelEvent[] }): boolean {
  return events.length > 0
}

/** The mails that a design sends, in the order of its reactions. */
export function mailsOf({ events }: { readonly events: readonly ModelEvent[] }): readonly Mail[] {
  return events.flatMap(({ reactions }) => reactions.flatMap((reaction) => (reaction.kind === 'email' ? [reaction.mail] : [])))
}

/** Whether a design sends rows to webhooks. */
export function sendsWebhooks({ events }: { readonly events: readonly ModelEvent[] }): boolean {
  return events.some(({ reactions }) => reactions.some(({ kind }) => kind === 'webhook'))
}

/** The subjects that a design publishes, each once. */
export function publishedSubjects({ events }: { readonly events: readonly ModelEvent[] }): readonly string[] {
  const all = events.flatMap(({ reactions }) => reactions.flatMap((reaction) => (reaction.kind === 'publish' ? [reaction.subject] : [])))
  return [...new Set(all)]
}
