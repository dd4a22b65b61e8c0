/** The public API. Every export by name, no logic. */

export { EnvironmentError } from './base/environment-error.ts'
export { isServiceError, ServiceError, type ServiceFailureReason } from './base/failures/service-error.ts'
export { Problem, type ProblemOptions, problem } from './base/problem.ts'
export type { OperationOptions, ServiceAnswer, ServiceCall, ServiceClient, ServiceMethod } from './design/authoring/behaviour-design.ts'
export type { CodeOf, HookOf, JobOf, RoutesOf } from './design/authoring/code-of-types.ts'
export type {
  CodeContext,
  CodeLog,
  CodeTable,
  EventOfReaction,
  Filter,
  JobCalls,
  JobContext,
  JobRunInfo,
  JobTime,
  Operators,
  OwnContext,
  OwnJobContext,
  OwnReactionContext,
  ReactionContext,
  ReadingTables,
  RouteContext,
  RoutesOptions,
  RoutesPlugin,
  Sort,
  TransactionContext,
} from './design/authoring/context-types.ts'
export {
  backend,
  boolean,
  choice,
  computed,
  date,
  decimal,
  duration,
  email,
  file,
  integer,
  json,
  list,
  number,
  password,
  ref,
  sequence,
  text,
  time,
  timestamp,
  token,
  url,
  uuid,
} from './design/authoring/define.ts'
export type { Design, EntityDesign } from './design/authoring/design.ts'
export type { FieldDesign } from './design/authoring/field-design.ts'
export { backendPlugin, createBackend } from './embed/create-backend.ts'
export { DatabaseOutdatedError } from './embed/database-outdated-error.ts'
export { DesignError } from './embed/design-error.ts'
export type { BackendPluginOptions, CreateBackendOptions, S3Options } from './embed/options.ts'
export type { DesignSource } from './embed/read-model.ts'
export type { Log, Observation, Observe } from './server/http/observe.ts'
