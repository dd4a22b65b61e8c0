/** The types of a design: plain data, the same in TypeScript, YAML and JSON. `language.ts` states the same for the checker. */

import type { Code, HooksDesign, IntegrationsDesign, ReactionDesign } from './behaviour-design.ts'
import type { ServeDesign } from './endpoint-design.ts'
import type { FieldDesign } from './field-design.ts'
import type { JobDesign, ScheduleDesign } from './job-design.ts'
import type { ActionDesign, ErrorsDesign, ShapeDesign, WorkflowDesign } from './logic-design.ts'
import type { RequirementDesign } from './requirements/requirement-design.ts'
import type { ScenarioDesign } from './requirements/scenario-design.ts'

/** A whole design. */
export interface Design {
  /** Where editors find the JSON Schema of this document. */
  readonly $schema?: string
  readonly name: string
  readonly description?: string
  /** The OpenAPI document that the actions implement: a path relative to the main file of the design, such as 'openapi.yml'. */
  readonly contract?: string
  /** Named expressions (CEL), usable by name in any other. */
  readonly rules?: Readonly<Record<string, string>>
  readonly entities: Readonly<Record<string, EntityDesign>>
  /** Reactions to events, by `Entity.created`, `Entity.updated`, `Entity.deleted`. */
  readonly on?: Readonly<Record<string, readonly ReactionDesign[]>>
  /** Operations that are not about one row. */
  readonly actions?: Readonly<Record<string, ActionDesign>>
  /** Work that runs later. */
  readonly jobs?: Readonly<Record<string, JobDesign>>
  /** Code or actions that run at given times. */
  readonly schedules?: Readonly<Record<string, ScheduleDesign>>
  readonly workflows?: Readonly<Record<string, WorkflowDesign>>
  /** Answers about one row, by the names under which the answers of actions use them. */
  readonly shapes?: Readonly<Record<string, ShapeDesign>>
  /** The failures that actions add. */
  readonly errors?: ErrorsDesign
  /** A Fastify plugin for further routes, or its path. */
  readonly routes?: Code | RoutesDesign
  readonly integrations?: IntegrationsDesign
  readonly targets?: TargetsDesign
  /** What was asked for, by id, and the parts of the design that meet it. */
  readonly requirements?: Readonly<Record<string, RequirementDesign>>
  /** What happens to some rows when some callers do something; `plinth verify` tries it. */
  readonly scenarios?: Readonly<Record<string, ScenarioDesign>>
  /** Narrows or moves the ways into the backend that Plinth makes itself. */
  readonly serve?: ServeDesign
}

/** Further routes, with the rights of their code. */
export interface RoutesDesign {
  /** A Fastify plugin, or its path. */
  readonly run: Code
  /** With `system` the code also gets the tables without rules; `caller` unless given. */
  readonly as?: 'caller' | 'system'
}

/** The performance goals of the backend; `plan` uses the numbers of rows. */
export interface TargetsDesign {
  /** The expected number of rows of each entity. */
  readonly rows?: Readonly<Record<string, number>>
  /** The time within which 99 of 100 requests are answered, such as '50ms'. */
  readonly p99?: string
  /** Requests per second. */
  readonly throughput?: number
}

/** A unique constraint with options. */
export interface UniqueDesign {
  readonly fields: readonly string[]
  /** Only rows for which this condition on the row's own fields holds are compared (CEL). */
  readonly where?: string
  /** Whether the error about a taken value names the fields. Unless given, only callers who may read the last field are told. */
  readonly named?: boolean
}

/** An entity of a design. */
export interface EntityDesign {
  readonly description?: string
  /** Makes this the entity that signs in. */
  readonly identity?: IdentityDesign
  readonly fields: Readonly<Record<string, FieldDesign>>
  /** An operation without a rule is closed to all. */
  readonly access?: AccessDesign
  /** Indexes: each is a list of fields, with `-` in front of a field for descending order. */
  readonly indexes?: readonly (readonly string[])[]
  /** Unique constraints: each is a list of fields whose values no two rows may share, alone or as `fields` with options. */
  readonly unique?: readonly (readonly string[] | UniqueDesign)[]
  readonly checks?: Readonly<Record<string, CheckDesign>>
  /** Full text search over these fields. */
  readonly search?: readonly string[] | SearchDesign
  readonly cache?: CacheDesign
  /** Deleting hides the row and sets `deletedAt`. */
  readonly softDelete?: boolean
  /** Store who changed what, and when. */
  readonly history?: boolean | HistoryDesign
  /** What the erasure of a person does with the row of the person; `delete` unless given. */
  readonly erase?: 'delete' | 'empty'
  /** How long rows are kept after they were created, such as '90d'; for ever unless given. */
  readonly retention?: string | RetentionDesign
  readonly hooks?: HooksDesign
  /** Operations on one row. */
  readonly actions?: Readonly<Record<string, ActionDesign>>
  /** Last segment of `/api/…`; the name in plural and kebab-case unless given. */
  readonly path?: string
  /** Table; the name in plural and snake_case unless given. */
  readonly table?: string
  /** The entity's former name. The table is renamed and keeps its rows. */
  readonly was?: string
}

/** The fields that an account signs in with. */
export interface IdentityDesign<F extends string = string> {
  /** The field that names the account: required and unique. */
  readonly login: F
  readonly password: F
  /** The field that `auth.role` reads. */
  readonly role?: F
  /** Further fields of the account that expressions may use, such as `auth.org`. */
  readonly claims?: readonly F[]
  /**
   * The answer when an account is created with a login that another account has: `conflict` says so (409), `accepted` is also the answer
   * for a new login (202). Unless given: `conflict` for callers who may read the login of every account, `accepted` for all others.
   */
  readonly takenLogin?: 'accepted' | 'conflict'
  readonly token?: TokenDesign
}

/** How access tokens are sent, and for how long they are valid. */
export interface TokenDesign {
  /** The word before the token in the header `Authorization`; `Bearer` unless given. */
  readonly scheme?: string
  /** How long an access token is valid, at most 30d; 15m unless given. */
  readonly lasts?: string
  /** The name of a cookie that may hold the token in place of the header, for pages of the same origin. */
  readonly cookie?: string
  /** Whether the browser sends the cookie when somebody follows a link from another site (`lax`) or not (`strict`); `lax` unless given. */
  readonly sameSite?: 'strict' | 'lax'
}

/** The access rules of an entity (CEL). */
export interface AccessDesign {
  readonly read?: string
  readonly create?: string
  /** One rule for the row before and after the write, or one for each. */
  readonly update?: string | { readonly from: string; readonly to: string }
  readonly delete?: string
}

interface CheckDesign {
  /** A condition that every row must satisfy (CEL over the row's own fields). */
  readonly rule: string
  /** The message to a client whose row does not satisfy the rule. */
  readonly message: string
}

/** Full text search over fields. */
export interface SearchDesign<F extends string = string> {
  readonly fields: readonly F[]
  /** A PostgreSQL text search configuration such as `english`; `simple` unless given. */
  readonly language?: string
}

interface CacheDesign {
  /** How long an answer may be reused, such as '5m'. */
  readonly ttl: string
}

interface RetentionDesign {
  /** How long rows are kept, such as '90d'. */
  readonly after: string
  /** The hours of the day (UTC) in which old rows are deleted, such as '1-5'; all unless given. */
  readonly hours?: string
}

interface HistoryDesign {
  /** How long history is kept, such as '90d'; for ever unless given. */
  readonly keep?: string
}
