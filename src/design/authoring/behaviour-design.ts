/** The types of a design's logic, events and integrations. */

import type { EmailDesign } from './mail-design.ts'

/** Business logic: a function in a TypeScript design, or the path of a file and its export (`./actions/publish.ts#publish`). */
export type Code = string | ((...args: never[]) => unknown)

/** Code that runs before or after a write, inside its transaction; with options. */
export type HookDesign =
  | Code
  | {
      readonly run: Code
      /** `system`: the code may also use `db.system`, to which no access rules apply. */
      readonly as?: 'caller' | 'system'
      /** How long the code may take: `500ms`. 3 s unless given, 10 s at most. */
      readonly within?: string
    }

/** The hooks of an entity. */
export interface HooksDesign {
  readonly beforeCreate?: HookDesign
  readonly afterCreate?: HookDesign
  readonly beforeUpdate?: HookDesign
  readonly afterUpdate?: HookDesign
  readonly beforeDelete?: HookDesign
  readonly afterDelete?: HookDesign
}

/** What every reaction may say. */
interface ReactionOptions {
  /** A condition on the row (CEL). */
  readonly when?: string
}

/** What a reaction that is retried may say. */
interface RetriedOptions extends ReactionOptions {
  /** Whether later events of the row wait for one that was given up; `continue` unless given. */
  readonly onDead?: 'continue' | 'hold'
}

/** A reaction that runs for somebody. */
interface IdentifiedOptions extends RetriedOptions {
  /** `system`, or the row of the account for which it runs (CEL): `row.author`. */
  readonly as: string
}

/** Runs an action. */
export interface CallReactionDesign extends IdentifiedOptions {
  readonly call: string
  /** The row of the called action (CEL); that of the event unless given. */
  readonly on?: string
  /** The inputs of the called action: an expression (CEL) or a constant each. */
  readonly input?: Readonly<Record<string, string | number | boolean | null>>
}

/** Runs code in a transaction. */
export interface RunReactionDesign extends IdentifiedOptions {
  readonly run: Code
}

/** Sends the row to a webhook. */
export interface WebhookReactionDesign extends RetriedOptions {
  readonly webhook: string
  /** The fields that are sent; unless given, all fields without a read rule of their own. */
  readonly fields?: readonly string[]
}

/** A reaction to an event. It runs after the commit and is retried. */
export type ReactionDesign =
  | ({ readonly email: string; readonly to: string } & RetriedOptions)
  | WebhookReactionDesign
  | ({ readonly publish: string } & ReactionOptions)
  | CallReactionDesign
  | RunReactionDesign

interface HttpIntegration {
  readonly baseUrl: string
  /** Names of environment variables that hold the secret; never the secret itself. */
  readonly auth?:
    | { readonly bearer: string }
    | { readonly user: string; readonly password: string }
    | { readonly header: string; readonly value: string }
  readonly timeout?: string
  readonly retries?: number
  /** Stop calling after this many failures in a row, and try again after `pause`. */
  readonly circuitBreaker?: { readonly failures: number; readonly pause: string }
  /** Path or URL of an OpenAPI document. */
  readonly openapi?: string
}

/** Outgoing webhooks: a receiver of the design, or the receivers that users subscribe. */
export type WebhookDesign = FixedWebhookDesign | SubscribedWebhookDesign

/** A receiver of the design. */
export interface FixedWebhookDesign {
  /** The URL to send to, or the name of the environment variable that holds it. */
  readonly url: string
  /** Name of the environment variable that holds the signing secret; during a rotation both, with a space between them. */
  readonly secret: string
  /** How long to wait for an answer: `10s` unless given, `15s` at most. */
  readonly timeout?: string
}

interface BrokerIntegration {
  /** Name of the environment variable that holds the server's URL. */
  readonly nats: string
  /** Prefix of every subject. */
  readonly prefix?: string
}

/** Receivers that are rows of an entity. */
export interface SubscribedWebhookDesign {
  /** The entity, with the fields `url`, `secret`, `events` and `active`, and `previousSecret` where secrets are rotated. */
  readonly subscriptions: string
  /** Its reference to the account to which a subscription belongs, and whose rights decide what is sent. */
  readonly account: string
  /** How long to wait for an answer: `10s` unless given, `15s` at most. */
  readonly timeout?: string
}

/** External services that the backend uses. */
export interface IntegrationsDesign {
  readonly email?: EmailDesign
  readonly http?: Readonly<Record<string, HttpIntegration>>
  readonly webhooks?: Readonly<Record<string, WebhookDesign>>
  readonly broker?: BrokerIntegration
}
