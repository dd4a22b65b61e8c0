/** The command line of a benchmark: its arguments, its help, and one line for a wrong argument. */

import { type ParseArgsConfig, parseArgs } from 'node:util'
import { EnvironmentError } from '../../src/base/environment-error.ts'

const USAGE = 2
const ENVIRONMENT = 3

type OptionsConfig = NonNullable<ParseArgsConfig['options']>

/** The values that `parseArgs` of Node returns for these options. */
export type ValuesOf<T extends OptionsConfig> = ReturnType<typeof parseArgs<{ args: string[]; options: T }>>['values']

/** A benchmark as a command: its options, how they are read, and what it runs. */
export interface BenchCommand<T extends OptionsConfig, Wish> {
  /** As it is typed: `npm run bench`. */
  readonly name: string
  /** What it does, its options and examples. */
  readonly help: string
  readonly options: T
  /** Reads the arguments. @throws UsageError for values that are not allowed. */
  readonly read: (values: ValuesOf<T>) => Wish
  readonly run: (wish: Wish) => Promise<void>
}

/** A wrong argument. The message is for the person who typed it. */
export class UsageError extends Error {}

/**
 * Runs a benchmark with the arguments of this process. Exit code 2 for wrong arguments, 3 for an EnvironmentError. Any other error is
 * thrown on and shows its stack.
 */
export async function runBench<T extends OptionsConfig, Wish>(command: BenchCommand<T, Wish>): Promise<void> {
  const { name, help, run } = command
  try {
    const asked = readArguments(command, process.argv.slice(2))
    if (asked.kind === 'help') console.log(help)
    else await run(asked.wish)
  } catch (error) {
    if (error instanceof UsageError) fail(USAGE, `${error.message}; see ${name} -- --help`)
    else if (error instanceof EnvironmentError) fail(ENVIRONMENT, `${error.message}\n${error.hint}`)
    else throw error
  }
}

function fail(exit: number, what: string): void {
  console.error(`error: ${what}`)
  process.exitCode = exit
}

type Arguments<Wish> = { readonly kind: 'help' } | { readonly kind: 'run'; readonly wish: Wish }

function readArguments<T extends OptionsConfig, Wish>({ options, read }: BenchCommand<T, Wish>, argv: readonly string[]): Arguments<Wish> {
  if (argv.includes('--help') || argv.includes('-h')) return { kind: 'help' }
  return { kind: 'run', wish: read(valuesOf(options, argv)) }
}

function valuesOf<T extends OptionsConfig>(options: T, argv: readonly string[]): ValuesOf<T> {
  try {
    return parseArgs<{ args: string[]; options: T }>({ args: [...argv], options }).values
  } catch (error) {
    if (!isArgumentError(error)) throw error
    // The sentences after the first one explain positional arguments, which no benchmark takes.
    throw new UsageError(error.message.split(/\.\s/, 1)[0] ?? '')
  }
}

function isArgumentError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')
}

/** Reads a number above 0; `usual` when the option is not given. @throws UsageError for anything else. */
export function positive(option: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual
  const value = Number(text)
  if (!(Number.isFinite(value) && value > 0)) throw new UsageError(`--${option} takes a number above 0, not ${JSON.stringify(text)}`)
  return value
}

/** Reads a whole number from `least` on; `usual` when the option is not given. @throws UsageError for anything else. */
export function whole(
  option: string,
  text: string | undefined,
  { usual, least }: { readonly usual: number; readonly least: number },
): number {
  if (text === undefined) return usual
  const value = Number(text)
  if (!(text.trim() !== '' && Number.isSafeInteger(value) && value >= least))
    throw new UsageError(`--${option} takes a whole number from ${least} on, not ${JSON.stringify(text)}`)
  return value
}

/** Reads whole numbers above 0 with commas between them. @throws UsageError for anything else. */
export function wholes(option: string, text: string): readonly number[] {
  return text.split(',').map((part) => {
    const value = Number(part)
    if (!(Number.isSafeInteger(value) && value > 0))
      throw new UsageError(`--${option} takes whole numbers above 0 with commas between them, not ${JSON.stringify(part)}`)
    return value
  })
}

/** Reads names with commas between them, each a key of `known`. @throws UsageError for a name that is not. */
export function namesOf<T extends string>(option: string, text: string, known: Readonly<Record<T, unknown>>): readonly T[] {
  return text.split(',').map((name) => {
    if (!Object.hasOwn(known, name))
      throw new UsageError(`--${option}: ${JSON.stringify(name)} is not one of ${Object.keys(known).join(', ')}`)
    return name as T
  })
}
