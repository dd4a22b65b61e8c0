/** The events of commands, as data; describe-event.ts has the texts. */

import { type Diagnostic, formatDiagnostic, type Severity } from '../../base/diagnostic.ts'
import type { Pending } from '../../model/parts/goals.ts'
import type { EmbeddedEvent } from '../../postgres/embedded/event.ts'
import type { MigrationEvent } from '../../postgres/migrate/migration-event.ts'
import type { Style } from './style.ts'

/** What a command reports while it runs; times in milliseconds. */
export type CommandEvent =
  | { readonly kind: 'database'; readonly event: EmbeddedEvent }
  | { readonly kind: 'design-read'; readonly file: string; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'migration'; readonly event: MigrationEvent }
  | { readonly kind: 'migrated'; readonly statements: number; readonly ms: number }
  | Listening
  | {
      readonly kind: 'reloaded'
      readonly file: string
      readonly statements: number
      readonly ms: number
      readonly pending: readonly Pending[]
      readonly unwritten: readonly string[]
    }
  /** A change that does not take effect: the previous version keeps running. */
  | { readonly kind: 'kept'; readonly why: string; readonly next: string; readonly diagnostics: readonly Diagnostic[] }
  /** A line of the log. */
  | {
      readonly kind: 'logged'
      readonly level: 'info' | 'warn' | 'error'
      readonly message: string
      readonly fields: Readonly<Record<string, unknown>>
    }
  | { readonly kind: 'draining' }
  /** A step of `plinth verify` has ended. */
  | { readonly kind: 'verifying'; readonly line: string }
  /** What a command does at the moment. In a terminal it is the last line, until the next event. */
  | { readonly kind: 'running'; readonly text: string }

/** The server accepts requests. */
export interface Listening {
  readonly kind: 'listening'
  readonly name: string
  readonly url: string
  readonly ms: number
  /** Whether the API reference is served. */
  readonly docs: boolean
  /** Commands that work right away. */
  readonly try: readonly string[]
  readonly pending: readonly Pending[]
  /** What code is not written yet, a sentence each. */
  readonly unwritten: readonly string[]
  /** The file that is watched for changes; null for none. */
  readonly watching: string | null
}

/** Returns one line for each diagnostic, coloured by severity. */
export function diagnosticLines(diagnostics: readonly Diagnostic[], style: Style): readonly string[] {
  const paint = { error: style.red, warning: style.yellow, note: style.dim } as const satisfies Record<Severity, (text: string) => string>
  return diagnostics.map((diagnostic) => paint[diagnostic.severity](formatDiagnostic(diagnostic)))
}
