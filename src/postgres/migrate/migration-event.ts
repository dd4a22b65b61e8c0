/** Progress of a migration, as data. */

import type { Kept, MigrationStatement } from './migration-plan.ts'

/** What a migration reports while it runs; times in milliseconds. */
export type MigrationEvent =
  /** Another instance migrates the same database; `ms`: how long this one has waited. */
  | { readonly kind: 'waiting-for-another'; readonly ms: number }
  | { readonly kind: 'comparing' }
  | { readonly kind: 'counting-rows'; readonly questions: number }
  | { readonly kind: 'statement-started'; readonly index: number; readonly of: number; readonly statement: MigrationStatement }
  | {
      readonly kind: 'statement-finished'
      readonly index: number
      readonly of: number
      readonly statement: MigrationStatement
      readonly ms: number
    }
  | { readonly kind: 'waiting-for-lock'; readonly statement: MigrationStatement; readonly attempt: number; readonly pauseMs: number }
  | { readonly kind: 'kept'; readonly what: Kept }
  | { readonly kind: 'finished'; readonly statements: number; readonly ms: number }
