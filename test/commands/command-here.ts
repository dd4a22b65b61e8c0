/**
 * Runs commands in the process of the test, for tests of what they do and say: a process of its own takes one to three seconds only to
 * load. Arguments, exit codes and signals of processes are tested with `test/support/command-line.ts`.
 */

import { relative } from 'node:path'
import type { TestContext } from 'node:test'
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { COMMANDS } from '../../src/commands/catalogue.ts'
import { withEnvFile } from '../../src/commands/setup/settings/env-file.ts'
import type { Call, CommandFacts, Outcome } from '../../src/commands/terminal/command.ts'
import { describeError } from '../../src/commands/terminal/describe-error.ts'
import { describeEvent } from '../../src/commands/terminal/describe-event.ts'
import { PLAIN } from '../../src/commands/terminal/style.ts'
import type { Ended } from '../support/command-line.ts'

/** The folder and the environment of a command; of the variables of this process it gets none. */
export interface Place {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
}

/** What a command has printed, and the data of its outcome; undefined after an error. */
export interface EndedHere extends Ended {
  readonly data: object | undefined
}

/** A command that runs, and its output so far. */
export interface Begun {
  readonly ended: Promise<EndedHere>
  output(): string
  /** Resolves with the output once it matches. Rejects when the command ends first. */
  until(pattern: RegExp): Promise<string>
  /** Asks it to stop, and waits for its end. */
  stop(): Promise<EndedHere>
}

/** Runs `plinth` with these arguments to its end. */
export function runHere(t: TestContext, args: readonly [string, ...string[]], place: Place): Promise<EndedHere> {
  return beginHere(t, args, place).ended
}

/** Begins `plinth` with these arguments. It is always stopped after the test. */
export function beginHere(t: TestContext, [name, ...args]: readonly [string, ...string[]], { cwd, env = {} }: Place): Begun {
  const facts = COMMANDS.find((one) => one.name === name)
  if (facts === undefined) throw new Error(`there is no command ${name}`)
  const { call, json } = callOf(facts, args)
  const controller = new AbortController()
  const listeners = new Set<() => void>()
  const written = { stdout: '', stderr: '', over: false }
  const write = (to: 'stdout' | 'stderr', text: string): void => {
    if (text !== '') written[to] += `${text.replaceAll(here, '')}\n`
    for (const listener of listeners) listener()
  }
  // Designs are named relative to the folder of the process.
  const here = `${relative('', cwd) || '.'}/`
  const isServer = facts.stops === 'drains'
  const io = {
    cwd,
    env: facts.mode === 'production' || facts.node === 'any' ? env : withEnvFile(env, cwd),
    style: PLAIN,
    terminal: 'plain' as const,
    observe: (event: Parameters<typeof describeEvent>[0]) => {
      if (isServer && json) write('stdout', JSON.stringify(event))
      else if (event.kind !== 'running') write(isServer ? 'stdout' : 'stderr', describeEvent(event, PLAIN))
    },
    stop: controller.signal,
    self: { command: [], supervisor: null },
  }
  const end = async (): Promise<EndedHere> => {
    let code: number
    let data: object | undefined
    try {
      const outcome = await (await facts.load())(call, io)
      code = outcome.exit === 'of-child' ? outcome.code : outcome.exit
      data = outcome.exit === 'of-child' ? undefined : outcome.data
      write('stdout', shownBy(outcome, json, isServer))
    } catch (error) {
      const problem = describeError(error)
      code = problem.exit
      if (json) write('stdout', JSON.stringify({ error: problem }))
      else write('stderr', `error: ${problem.message}${problem.hint === '' ? '' : `\n${problem.hint}`}`)
    }
    written.over = true
    write('stdout', '')
    return { code, data, stdout: written.stdout, stderr: written.stderr }
  }
  const ended = end()
  const output = () => written.stdout + written.stderr
  const stop = () => {
    controller.abort()
    return ended
  }
  t.after(stop)
  return {
    ended,
    output,
    stop,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (pattern.test(output())) resolve(output())
          else if (written.over) reject(new Error(`ended before ${pattern}:\n${output()}`))
          else return
          listeners.delete(look)
        }
        listeners.add(look)
        look()
      }),
  }
}

/** What the outcome of a command prints. */
function shownBy(outcome: Outcome, json: boolean, isServer: boolean): string {
  if (outcome.exit === 'of-child') return ''
  if (!json) return outcome.text
  const data = outcome.exit === 0 ? outcome.data : { ...outcome.data, error: { ...outcome.reason, exit: outcome.exit } }
  return JSON.stringify(data, null, isServer ? undefined : 2)
}

function callOf(facts: CommandFacts, args: readonly string[]): { readonly call: Call; readonly json: boolean } {
  const options: ParseArgsOptionsConfig = { json: { type: 'boolean' } }
  for (const { name, takes } of facts.options)
    options[name] = { type: takes === 'flag' ? 'boolean' : 'string', multiple: takes === 'values' }
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const call: Call = {
    argument: (name) => positionals[facts.arguments.findIndex((argument) => argument.name === name)],
    option: (name) => values[name] as string | undefined,
    flag: (name) => values[name] === true,
    values: (name) => (values[name] ?? []) as string[],
  }
  return { call, json: values.json === true }
}
