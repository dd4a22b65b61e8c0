/** What every tool works with. */

import type { Io, Outcome } from '../../terminal/command.ts'

/** The project that a server was started for. */
export interface Project {
  /** The folder, absolute and with its links resolved. */
  readonly root: string
  /** Whether code of a design may be executed. */
  readonly code: 'run' | 'leave'
  /** The surroundings of the commands that tools run: their working directory is the folder, and they print nothing. */
  readonly io: Io
  /** The program and the arguments that run `plinth`, without a command. */
  readonly program: readonly string[]
  readonly commands: ProjectCommands
}

/** What the jobs of a project take from other commands. */
export interface ProjectCommands {
  /** The files around the design of a backend of this name, as `plinth init` writes them: path and text. */
  readonly projectFiles: (name: string) => readonly (readonly [string, string])[]
  readonly verify: (
    input: {
      readonly design: string
      readonly mode: 'quick' | 'full'
      readonly only: string | undefined
      readonly out: string
    },
    io: Io,
  ) => Promise<Outcome>
  /** `report` is the folder of a finished run of `verify`. */
  readonly deliver: (input: { readonly design: string; readonly out: string; readonly report: string }, io: Io) => Promise<Outcome>
}
