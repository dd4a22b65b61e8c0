/** What every command is: a function from its input and its surroundings to an outcome. Only cli.ts reads arguments, prints and sets the exit code. */

import type { Environment } from './environment.ts'
import type { CommandEvent } from './event.ts'
import type { Style } from './style.ts'

/** The surroundings of a command. */
export interface Io {
  readonly cwd: string
  readonly env: Environment
  readonly style: Style
  /** `interactive`: a person is at the terminal and may be asked. */
  readonly terminal: 'interactive' | 'plain'
  /** Takes what a long command reports while it runs. */
  readonly observe: (event: CommandEvent) => void
  /** Aborted when the process is asked to stop. */
  readonly stop: AbortSignal
}

/** What is wrong and what to do next, in a sentence each. */
export interface Reason {
  readonly message: string
  readonly hint: string
}

interface Said {
  readonly data: object
  readonly text: string
}

/** What a command came to: the same facts as data for machines and as text for a person. One that did not do its work says why. The exit code is 0 when done, 1 when the design or a check has findings; the others are those of errors. */
export type Outcome = (Said & { readonly exit: 0 }) | (Said & { readonly exit: 1; readonly reason: Reason })

/** What was typed after the command's name, already checked against the command's own arguments and options. */
export interface Call {
  readonly argument: (name: string) => string | undefined
  readonly option: (name: string) => string | undefined
  readonly flag: (name: string) => boolean
  readonly values: (name: string) => readonly string[]
}

export interface ArgumentFacts {
  readonly name: string
  readonly required: boolean
  readonly meaning: string
}

export interface OptionFacts {
  /** `sql` is written `--sql`. */
  readonly name: string
  /** `flag` takes no value, `value` takes one, `values` may be given more than once. */
  readonly takes: 'flag' | 'value' | 'values'
  /** What stands for the value in the help text. */
  readonly value?: string
  readonly choices?: readonly string[]
  readonly meaning: string
}

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
  /** `any`: starts on the machine's own Node, however old, because it comes before a project exists. */
  readonly node: 'any' | 'required'
  /** `drains`: runs until it is told to stop, and then finishes in order. */
  readonly stops: 'drains' | 'at-once'
  /** Loads the command's code only when it is called. */
  readonly load: () => Promise<(call: Call, io: Io) => Promise<Outcome>>
}
