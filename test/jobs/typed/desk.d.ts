// Made by plinth up from the design. Changes to this file are lost.
import type { CodeContext, CodeTable, JobContext, ReadingTables } from 'plinth'

/** The rows of each entity, as code reads them. */
export interface Rows {
  readonly Ticket: {
    readonly id: string
    readonly title: string
    readonly dueAt: string | null
    readonly createdAt: string
    readonly updatedAt: string
    readonly version: number
  }
}

/** The values of a new row. */
export interface NewRows {
  readonly Ticket: { readonly title: string; readonly dueAt?: string | Date | null }
}

/** The values that an update may set. */
export interface Changes {
  readonly Ticket: { readonly title?: string; readonly dueAt?: string | Date | null }
}

/** The rows that include adds. */
export interface Related {
  readonly Ticket: Record<never, never>
}

/** The tables of ctx.db. */
export interface Tables {
  readonly Ticket: CodeTable<Rows["Ticket"], NewRows["Ticket"], Changes["Ticket"], Related["Ticket"]>
}

/** The tables of ctx.db.system, where the values that the server sets may be given, too. */
export interface SystemTables {
  readonly Ticket: CodeTable<Rows["Ticket"], NewRows["Ticket"], Changes["Ticket"], Related["Ticket"]>
}

/** The caller. */
export interface Caller {
}

/** The inputs of jobs, for ctx.jobs.add. */
export interface JobInputs {
  readonly remind: {
    readonly ticket: string | { readonly id: string }
    readonly at: string | Date
    readonly note?: string
    readonly times?: number
  }
  readonly sweep: { readonly [name: string]: never }
}

/** What a function returns, at once or later. */
type Answer<T> = T | Promise<T>

/** The functions of actions. */
export interface Actions {
  readonly follow: (ctx: CodeContext<Tables, Caller, { readonly ticket: Rows["Ticket"] }, null, JobInputs>) => unknown
}

/** The functions of jobs and schedules. */
export interface Jobs {
  readonly sweep: (ctx: JobContext<Tables & { readonly system: SystemTables }, Caller, Record<never, never>, JobInputs>) => Answer<unknown>
}
