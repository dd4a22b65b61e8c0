/**
 * The types of commands. A command is a function from its input and environment to an outcome. Only cli.ts reads arguments, prints and sets
 * the exit code.
 */

import type { Environment } from './environment.ts'
import type { CommandEvent } from './event.ts'
import type { Style } from './style.ts'

/** The environment of a command. */
export interface Io {
  readonly cwd: string
  readonly env: Environment
  readonly style: Style
  /** `interactive`: the terminal can ask questions. */
  readonly terminal: 'interactive' | 'plain'
  /** Receives the progress of a long command. */
  readonly observe: (event: CommandEvent) => void
  /** Aborted when the process is asked to stop. */
  readonly stop: AbortSignal
  /** Calls the listener when the process is asked to read its design and settings again (SIGHUP). The result ends that. */
  readonly onReload?: (listener: () => void) => () => void
  readonly self: Self
}

/** This process, as one that can be started again. */
export interface Self {
  /** The program and the arguments that run this command. */
  readonly command: readonly string[]
  /** The file descriptor of the channel to the process that supervises this one; null when no process does. */
  readonly supervisor: number | null
  /** The number of this process among the workers of `plinth serve --workers`; null for a process that is none. */
  readonly worker?: number | null
}

/** What is wrong and what to do, in one sentence each. */
export interface Reason {
  readonly message: string
  readonly hint: string
}

interface Report {
  readonly data: object
  readonly text: string
}

/**
 * The result of a command, as data for programs and as text for people. Exit code 0: done; 1: findings, with the reason. Other exit codes
 * are those of errors. `of-child`: a child process has done the work, with its own output and exit code.
 */
export type Outcome =
  | (Report & { readonly exit: 0 })
  | (Report & { readonly exit: 1; readonly reason: Reason })
  | { readonly exit: 'of-child'; readonly code: number }

/** The checked arguments and options of a call. */
export interface Call {
  readonly argument: (name: string) => string | undefined
  readonly option: (name: string) => string | undefined
  readonly flag: (name: string) => boolean
  readonly values: (name: string) => readonly string[]
}

/** An argument of a command. */
export interface ArgumentFacts {
  readonly name: string
  readonly required: boolean
  readonly meaning: string
}

/** An option of a command. */
export interface OptionFacts {
  /** Without dashes: `sql` for `--sql`. */
  readonly name: string
  /** `flag` takes no value, `value` takes one, `values` may be given more than once. */
  readonly takes: 'flag' | 'value' | 'values'
  /** The placeholder of the value in the help text. */
  readonly value?: string
  readonly choices?: readonly string[]
  readonly meaning: string
}

/** An example of a call. */
export interface Example {
  readonly line: string
  readonly does: string
}

/** One row of the table of commands. */
export interface CommandFacts {
  readonly name: string
  readonly summary: string
  readonly arguments: readonly ArgumentFacts[]
  readonly options: readonly OptionFacts[]
  readonly examples: readonly Example[]
  /** `any`: runs on every Node that cli.ts runs on, because no project with the right Node exists yet. */
  readonly node: 'any' | 'required'
  /** `drains`: runs until the process is asked to stop, then finishes running requests. */
  readonly stops: 'drains' | 'at-once'
  /** `production`: the command does not read the file `.env`. All others do. */
  readonly mode?: 'production'
  /** Loads a text for the end of its help. */
  readonly notes?: () => Promise<string>
  /** Loads the code of the command, when it is called. */
  readonly load: () => Promise<(call: Call, io: Io) => Promise<Outcome>>
}

/** The argument of commands about a design. */
export const DESIGN_ARGUMENT: ArgumentFacts = {
  name: 'design',
  required: false,
  meaning: 'the design: a .ts, .yaml, .yml or .json file; design.* in this folder unless given',
}
