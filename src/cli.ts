#!/usr/bin/env node

/**
 * The command line: the only file that reads argv, prints, and sets the exit code. It must load on Node 20: there `init` and the help work,
 * and every other command names the required Node. So it imports only the table of commands.
 */

import { readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { capital } from './base/capital.ts'
import { COMMANDS } from './commands/catalogue.ts'
import { isNodeEnough, nodeTooOld } from './commands/setup/required-node.ts'
import type { Call, CommandFacts, Io, Outcome } from './commands/terminal/command.ts'
import { describeError } from './commands/terminal/describe-error.ts'
import { describeEvent } from './commands/terminal/describe-event.ts'
import { runningLine } from './commands/terminal/running-line.ts'
import { PLAIN, type Style, styleFor } from './commands/terminal/style.ts'
import { CHANNEL, SUPERVISED, WORKER } from './commands/terminal/supervision.ts'

const USAGE = 2
const ENVIRONMENT = 3

type Output = 'text' | 'json'

const running = runningLine(process.stderr, process.env)

/** Prints to standard output and waits until the text is written, so that an exit afterwards loses no output. */
function print(text: string): Promise<void> {
  running.clear()
  return new Promise((resolve) => process.stdout.write(`${text}\n`, () => resolve()))
}

function printError(text: string): void {
  running.clear()
  process.stderr.write(`${text}\n`)
}

/** Runs a command and prints its outcome. Returns the exit code. */
async function run(facts: CommandFacts, call: Call, output: Output): Promise<number> {
  const errors = styleFor(process.stderr, process.env)
  if (facts.node === 'required' && !isNodeEnough(process.versions.node)) {
    const problem = nodeTooOld(facts.name, { version: process.versions.node, path: process.execPath })
    return fail({ ...problem, exit: ENVIRONMENT }, output, errors)
  }
  try {
    const command = await facts.load()
    return await finish(await command(call, await environmentOf(facts, output)), { facts, output })
  } catch (error) {
    return fail(describeError(error), output, errors)
  }
}

async function finish(outcome: Outcome, { facts, output }: { readonly facts: CommandFacts; readonly output: Output }): Promise<number> {
  if (outcome.exit === 'of-child') return outcome.code
  // Every error has the same key in the JSON. A server prints one JSON document per line, including the last.
  const data = outcome.exit === 0 ? outcome.data : { ...outcome.data, error: { ...outcome.reason, exit: outcome.exit } }
  if (output === 'json') await print(JSON.stringify(data, null, facts.stops === 'drains' ? undefined : 2))
  else if (outcome.text !== '') await print(outcome.text)
  return outcome.exit
}

async function fail(problem: { message: string; hint: string; exit: number }, output: Output, style: Style): Promise<number> {
  if (output === 'json') await print(JSON.stringify({ error: { message: problem.message, hint: problem.hint, exit: problem.exit } }))
  else printError(`${style.red('error:')} ${problem.message}${problem.hint === '' ? '' : `\n${problem.hint}`}`)
  return problem.exit
}

async function environmentOf(facts: CommandFacts, output: Output): Promise<Io> {
  const style = output === 'json' ? PLAIN : styleFor(process.stdout, process.env)
  return {
    cwd: process.cwd(),
    env: await variablesOf(facts),
    style,
    terminal: process.stdin.isTTY && process.stdout.isTTY && output === 'text' && process.env.CI === undefined ? 'interactive' : 'plain',
    observe: (event) => {
      // Events of a server are its result; events of other commands are only progress.
      if (facts.stops === 'drains' && output === 'json') return void print(JSON.stringify(event))
      const text = describeEvent(event, style)
      if (event.kind === 'running') return running.show(text)
      if (text === '') return
      if (facts.stops === 'drains') void print(text)
      else printError(text)
    },
    stop: facts.stops === 'drains' ? stopSignal() : new AbortController().signal,
    onReload: (listener) => {
      process.on('SIGHUP', listener)
      return () => process.off('SIGHUP', listener)
    },
    self: { command: [process.execPath, ...process.execArgv, ...process.argv.slice(1)], supervisor: supervisor(), worker: worker() },
  }
}

/** The environment; for commands of development with the variables of the file `.env`. */
async function variablesOf({ mode, node }: CommandFacts): Promise<Io['env']> {
  if (mode === 'production' || node === 'any') return process.env
  const { withEnvFile } = await import('./commands/setup/settings/env-file.ts')
  return withEnvFile(process.env, process.cwd())
}

/** The file descriptor of the channel to the process that supervises this one; null when no process does. */
function supervisor(): number | null {
  return process.env[SUPERVISED] === undefined ? null : CHANNEL
}

/** The number of this process among the workers of a server; null when it is none. */
function worker(): number | null {
  const number = process.env[WORKER]
  return supervisor() === null || number === undefined ? null : Number(number)
}

/** An AbortSignal that the first SIGINT or SIGTERM aborts. A second one ends the process at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143)
      controller.abort()
    })
  }
  if (process.env.npm_lifecycle_event !== undefined) stopWithParent(controller)
  if (supervisor() !== null) stopWithChannel(controller)
  return controller.signal
}

/** Stops when the supervisor ends the channel, or dies. The watchdog can still write to it: code may loop while the process stops. */
function stopWithChannel(controller: AbortController): void {
  const channel = new Socket({ fd: CHANNEL, allowHalfOpen: true })
  for (const end of ['end', 'close', 'error']) channel.on(end, () => controller.abort())
  channel.resume().unref()
}

const PARENT_CHECK_MS = 500

/** Stops when the parent process changes: a signal to `npm start` ends npm and its shell, but does not reach this process. */
function stopWithParent(controller: AbortController): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    controller.abort()
  }, PARENT_CHECK_MS)
  timer.unref()
}

function commandOf(facts: CommandFacts, onExit: (code: number) => void, notes: string): Command {
  const command = new Command(facts.name).summary(facts.summary).description(sentence(facts.summary))
  for (const { name, required, meaning } of facts.arguments)
    command.addArgument(new Argument(required ? `<${name}>` : `[${name}]`, meaning))
  for (const { name, takes, value, choices, meaning } of facts.options) {
    const option = new Option(takes === 'flag' ? `--${name}` : `--${name} <${value ?? 'value'}>`, meaning)
    if (choices !== undefined) option.choices(choices)
    if (takes === 'values') option.argParser(collector(choices))
    command.addOption(option)
  }
  command.option('--json', 'print the result as JSON')
  command.helpOption('-h, --help', 'show this text')
  command.addHelpText('after', `\nExamples:\n${facts.examples.map(({ line, does }) => `  ${line}\n      ${does}`).join('\n')}${notes}`)
  command.allowExcessArguments(false)
  command.action(async () => {
    const options = command.opts<Record<string, unknown>>()
    onExit(await run(facts, callOf(facts, command, options), options.json === true ? 'json' : 'text'))
  })
  return command
}

/** The text for the end of the help, if this help is asked for: it takes modules that no other call needs. */
async function notesOf({ name, notes }: CommandFacts, argv: readonly string[]): Promise<string> {
  const [first, second] = argv
  const isAsked = first === name ? argv.some((one) => one === '-h' || one === '--help') : first === 'help' && second === name
  return isAsked && notes !== undefined && isNodeEnough(process.versions.node) ? `\n\n${await notes()}` : ''
}

/** Collects the values of an option that may be given more than once. */
function collector(choices: readonly string[] | undefined) {
  return (given: string, before: readonly string[] | undefined): readonly string[] => {
    if (choices !== undefined && !choices.includes(given)) throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`)
    return [...(before ?? []), given]
  }
}

function callOf(facts: CommandFacts, command: Command, options: Record<string, unknown>): Call {
  const key = (name: string): string => name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
  return {
    argument: (name) => text(command.args[facts.arguments.findIndex((argument) => argument.name === name)]),
    option: (name) => text(options[key(name)]),
    flag: (name) => options[key(name)] === true,
    values: (name) => (Array.isArray(options[key(name)]) ? (options[key(name)] as string[]) : []),
  }
}

function sentence(text: string): string {
  return `${capital(text)}.`
}

function version(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return manifest.version
}

async function main(argv: readonly string[]): Promise<number> {
  let exit = 0
  const program = new Command('plinth')
    .description('Turns the design of a backend into a working backend, with evidence.')
    .version(version(), '--version', 'show the version')
    .helpOption('-h, --help', 'show this text')
    .helpCommand('help [command]', 'show the help of a command')
    .showSuggestionAfterError(true)
    .showHelpAfterError(NEXT)
    .exitOverride()
  // The parser prints its errors itself; with --json they are printed like other errors.
  const output: Output = argv.includes('--json') ? 'json' : 'text'
  if (output === 'json') program.configureOutput({ writeErr: () => {} })
  for (const facts of COMMANDS) {
    const onExit = (code: number) => {
      exit = code
    }
    program.addCommand(commandOf(facts, onExit, await notesOf(facts, argv)).copyInheritedSettings(program))
  }
  program.addHelpText(
    'after',
    '\nplinth <command> --help shows examples.\nExit codes: 0 done, 1 findings, 2 wrong usage, 3 a problem of the environment.',
  )
  if (argv.length === 0) {
    program.outputHelp()
    return 0
  }
  try {
    await program.parseAsync(withCommand(argv), { from: 'user' })
    return exit
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // The help is not an error; other messages of the parser are errors.
    if (error.exitCode === 0) return 0
    return output === 'text' ? USAGE : fail({ message: parserMessage(error), hint: NEXT, exit: USAGE }, output, PLAIN)
  }
}

const NAMES = COMMANDS.map(({ name }) => name).join(', ')
const NEXT = `Type \`plinth --help\` for the commands (${NAMES}), \`plinth <command> --help\` for examples of one.`

/** Returns the error message of the parser on one line. */
function parserMessage({ message }: CommanderError): string {
  return message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ')
}

/** Treats `plinth help x` like `plinth x` for an unknown command x. Otherwise the parser would print the whole help and no error. */
function withCommand(argv: readonly string[]): readonly string[] {
  const [first, second] = argv
  const isKnown = second === undefined || second.startsWith('-') || COMMANDS.some(({ name }) => name === second)
  return first === 'help' && !isKnown ? argv.slice(1) : argv
}

// A reader that closes the pipe early (`plinth plan | head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})
process.exit(await main(process.argv.slice(2)))
