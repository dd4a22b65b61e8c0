/** The types of a design's logic, events and integrations. */

import type { BrokerDesign } from './broker/broker-design.ts'
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

/** Runs code, in a transaction unless it opens one itself. */
export interface RunReactionDesign extends IdentifiedOptions {
  readonly run: Code
  /** The code opens its transaction itself. */
  readonly transaction?: 'own'
}

/** Sends the row to a webhook. */
export interface WebhookReactionDesign extends RetriedOptions {
  readonly webhook: string
  /** The fields that are sent; unless given, all fields without a read rule of their own. */
  readonly fields?: readonly string[]
}

/** Publishes the row to the broker. */
export interface PublishReactionDesign extends RetriedOptions {
  /** The subject, without the prefix of the broker. */
  readonly publish: string
  /** The fields that are sent; unless given, all fields without a read rule of their own. */
  readonly fields?: readonly string[]
  /** The attribute `type` (CloudEvents); `blog.Post.created` unless given. */
  readonly type?: string
}

/** A reaction to an event. It runs after the commit and is retried. */
export type ReactionDesign =
  | ({ readonly email: string; readonly to: string } & RetriedOptions)
  | WebhookReactionDesign
  | PublishReactionDesign
  | CallReactionDesign
  | RunReactionDesign

/** How calls are authorized. */
export type ServiceAuthDesign =
  /** The variable with a token, for `Authorization: Bearer`. */
  | { readonly bearer: string }
  /** The variables with user and password, for `Authorization: Basic`. */
  | { readonly user: string; readonly password: string }
  /** A header, and the variable with its value. */
  | { readonly header: string; readonly value: string }
  /** Client credentials of OAuth 2.0 (RFC 6749 section 4.4). */
  | {
      /** An address, or the variable with it. */
      readonly tokenUrl: string
      /** The variables with the id and the secret of the client. */
      readonly client: string
      readonly secret: string
      /** Where id and secret are sent; `header` unless given. */
      readonly secretIn?: 'header' | 'body'
      readonly scope?: string
      readonly audience?: string
    }
  /** A token that this backend signs: for itself (`system`), or for the caller of the code. */
  | {
      readonly as: 'caller' | 'system'
      /** An address, or the variable with it; the origin of `baseUrl` unless given. */
      readonly audience?: string
    }

/** A service that code calls by `ctx.services`. */
export interface ServiceDesign {
  readonly description?: string
  /** An address, or the environment variable with it. */
  readonly baseUrl: string
  readonly auth?: ServiceAuthDesign
  /** The time for a call with its retries; 10s unless given, 1m at most. */
  readonly timeout?: string
  /** How often a failed call is made again, at most; 2 unless given. */
  readonly retries?: number
  /** Stops calls to a service that fails. */
  readonly circuitBreaker?: {
    /** Failures in a row; unless given, half of at least 20 calls within 10 s. */
    readonly failures?: number
    /** The time until one call tries again; 10s unless given. */
    readonly pause?: string
  }
  /** How many calls run at the same time in one process; 20 unless given. */
  readonly concurrency?: number
  /** How many more wait; 40 unless given. */
  readonly queue?: number
  /** The most bytes of an answer; 5,000,000 unless given. */
  readonly answerBytes?: number
  /** Path of its OpenAPI document (3.0 or 3.1): the client gets a typed function for each operation. */
  readonly openapi?: string
}

/** Another backend of Plinth that may send requests. */
export interface AcceptedBackendDesign {
  readonly description?: string
  /** Its `PUBLIC_URL`, or the environment variable with it. */
  readonly issuer: string
  /** `auth.role` of the requests that it sends for itself; unless given, they are refused. */
  readonly role?: string
  /** The unique field of the account that has its id at the other backend, or `id`; unless given, it may send requests for no account. */
  readonly accounts?: string
  /** The roles of the accounts for whom it may send requests; any unless given. */
  readonly roles?: readonly string[]
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
  readonly backends?: Readonly<Record<string, AcceptedBackendDesign>>
  readonly email?: EmailDesign
  readonly http?: Readonly<Record<string, ServiceDesign>>
  readonly webhooks?: Readonly<Record<string, WebhookDesign>>
  readonly broker?: BrokerDesign
}

/** A value in a query or a form. */
export type ServiceValue = string | number | boolean

/** What a call sends, and what it wants. */
export interface ServiceCall {
  /** The values of `{name}` in the path. They are encoded. */
  readonly params?: Readonly<Record<string, string | number>>
  /** The query. Null and undefined are left out; a list is sent as several values of one name. */
  readonly query?: Readonly<Record<string, ServiceValue | readonly ServiceValue[] | null | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  /** A body, which is sent as JSON. */
  readonly body?: unknown
  /** A body that is sent as a form (`application/x-www-form-urlencoded`). */
  readonly form?: Readonly<Record<string, ServiceValue>>
  /** The time for the call with its retries, such as `2s`, in place of that of the design. */
  readonly timeout?: string
  /**
   * Sent as `Idempotency-Key`. The service does the same request with one key once, so a call with a key is repeated after a failure,
   * whatever its method is.
   */
  readonly idempotencyKey?: string
  /** The JSON Schema (2020-12) of the answer. */
  readonly schema?: object
  /** How the answer is read: `json` (unless given), `text`, or `bytes`, which is a `Uint8Array`. */
  readonly accept?: 'json' | 'text' | 'bytes'
}

/** An answer with a status from 200 to 299. */
export interface ServiceAnswer<T> {
  readonly status: number
  /** The headers, by name in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Undefined for an answer without a body. */
  readonly body: T
}

/** The methods of a call. */
export type ServiceMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * A service. Each function gives the body of an answer with a status from 200 to 299. @throws ServiceError for any other answer, and for
 * none.
 */
export interface ServiceClient {
  get<T = unknown>(path: string, call?: Omit<ServiceCall, 'body' | 'form'>): Promise<T>
  post<T = unknown>(path: string, call?: ServiceCall): Promise<T>
  put<T = unknown>(path: string, call?: ServiceCall): Promise<T>
  patch<T = unknown>(path: string, call?: ServiceCall): Promise<T>
  delete<T = unknown>(path: string, call?: ServiceCall): Promise<T>
  /** The answer with its status and its headers. */
  request<T = unknown>(method: ServiceMethod, path: string, call?: ServiceCall): Promise<ServiceAnswer<T>>
}

/** Options of a call of an operation, besides what its document says. */
export interface OperationOptions {
  /** The time for the call with its retries, such as `2s`, in place of that of the design. */
  readonly timeout?: string
  /** Sent as `Idempotency-Key`; a call with a key is repeated after a failure, whatever its method is. */
  readonly idempotencyKey?: string
}

// biome-ignore lint/suspicious/noExplicitAny: the document is read when the design is, and not by the compiler
type AnyOperation = (call?: any) => Promise<any>

/** The operations of a document that types of TypeScript do not know. */
export type UntypedOperations = Readonly<Record<string, AnyOperation>>

/** The clients of the services of a design, by name. */
export type ClientsOf<H> = {
  readonly [K in keyof H]: H[K] extends { readonly openapi: string } ? ServiceClient & UntypedOperations : ServiceClient
}
