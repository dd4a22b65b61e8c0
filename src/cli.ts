#!/usr/bin/env node

/**
 * From arguments to a command and back to the terminal: the only file that reads argv, prints, and sets the exit code. It must load on Node 20, where
 * `init` and the help work and every other command says which Node it needs; so it imports nothing heavier than the table of commands.
 */

import { readFileSync } from 'node:fs'
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { capital } from './base/capital.ts'
import { COMMANDS } from './commands/catalogue.ts'
import { isNodeEnough, nodeTooOld } from './commands/setup/required-node.ts'
import type { Call, CommandFacts, Io, Outcome } from './commands/terminal/command.ts'
import { describeError } from './commands/terminal/describe-error.ts'
import { describeEvent } from './commands/terminal/describe-event.ts'
import { PLAIN, type Style, styleFor } from './commands/terminal/style.ts'

const USAGE = 2
const ENVIRONMENT = 3

type Output = 'text' | 'json'

/** Prints to standard output and waits until it is written, so that leaving right after loses nothing. */
function print(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${text}\n`, () => resolve()))
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Runs a command and prints what it came to. Returns the exit code. */
async function run(facts: CommandFacts, call: Call, output: Output): Promise<number> {
  const errors = styleFor(process.stderr, process.env)
  if (facts.node === 'required' && !isNodeEnough(process.versions.node)) {
    const problem = nodeTooOld(facts.name, { version: process.versions.node, path: process.execPath })
    return fail({ ...problem, exit: ENVIRONMENT }, output, errors)
  }
  try {
    const command = await facts.load()
    return await finish(await command(call, surroundings(facts, output)), { facts, output })
  } catch (error) {
    return fail(describeError(error), output, errors)
  }
}

async function finish(outcome: Outcome, { facts, output }: { readonly facts: CommandFacts; readonly output: Output }): Promise<number> {
  // Whatever went wrong, a program finds it under the same key; and what a server says is one JSON document a line, to the end.
  const data = outcome.exit === 0 ? outcome.data : { ...outcome.data, error: { ...outcome.reason, exit: outcome.exit } }
  if (output === 'json') await print(JSON.stringify(data, null, facts.stops === 'drains' ? undefined : 2))
  else if (outcome.text !== '') await print(outcome.text)
  return outcome.exit
}

async function fail(problem: { message: string; hint: string; exit: number }, output: Output, style: Style): Promise<number> {
  if (output === 'json') await print(JSON.stringify({ error: { message: problem.message, hint: problem.hint, exit: problem.exit } }))
  else complain(`${style.red('error:')} ${problem.message}${problem.hint === '' ? '' : `\n${problem.hint}`}`)
  return problem.exit
}

function surroundings(facts: CommandFacts, output: Output): Io {
  const style = output === 'json' ? PLAIN : styleFor(process.stdout, process.env)
  return {
    cwd: process.cwd(),
    env: process.env,
    style,
    terminal: process.stdin.isTTY && process.stdout.isTTY && output === 'text' && process.env.CI === undefined ? 'interactive' : 'plain',
    observe: (event) => {
      // What a server says is its result; what another command says is only about its progress.
      if (facts.stops === 'drains' && output === 'json') return void print(JSON.stringify(event))
      const text = describeEvent(event, style)
      if (text === '') return
      if (facts.stops === 'drains') void print(text)
      else complain(text)
    },
    stop: facts.stops === 'drains' ? stopSignal() : new AbortController().signal,
  }
}

/** Aborted by the first SIGINT or SIGTERM; a second one ends the process at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143)
      controller.abort()
    })
  }
  if (process.env.npm_lifecycle_event !== undefined) stopWithParent(controller)
  return controller.signal
}

const PARENT_CHECK_MS = 500

/** A signal to `npm start` ends npm and the shell that npm put between, and never gets here: that the parent is another one is all there is to see. */
function stopWithParent(controller: AbortController): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    controller.abort()
  }, PARENT_CHECK_MS)
  timer.unref()
}

function commandOf(facts: CommandFacts, onExit: (code: number) => void): Command {
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
  command.addHelpText('after', `\nExamples:\n${facts.examples.map(({ line, does }) => `  ${line}\n      ${does}`).join('\n')}`)
  command.allowExcessArguments(false)
  command.action(async () => {
    const options = command.opts<Record<string, unknown>>()
    onExit(await run(facts, callOf(facts, command, options), options.json === true ? 'json' : 'text'))
  })
  return command
}

/** Gathers an option that may be given more than once. */
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
    .description('Design in; working backend out, with the evidence.')
    .version(version(), '--version', 'show the version')
    .helpOption('-h, --help', 'show this text')
    .helpCommand('help [command]', 'show the help of a command')
    .showSuggestionAfterError(true)
    .showHelpAfterError(NEXT)
    .exitOverride()
  // The parser writes its complaints itself; a program gets them as it gets any other.
  const output: Output = argv.includes('--json') ? 'json' : 'text'
  if (output === 'json') program.configureOutput({ writeErr: () => {} })
  for (const facts of COMMANDS) {
    program.addCommand(
      commandOf(facts, (code) => {
        exit = code
      }).copyInheritedSettings(program),
    )
  }
  program.addHelpText(
    'after',
    '\nplinth <command> --help shows examples.\nExit codes: 0 done, 1 findings, 2 wrong usage, 3 the surroundings are in the way.',
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
    // Asking for help is not an error; whatever else the parser says is.
    if (error.exitCode === 0) return 0
    return output === 'text' ? USAGE : fail({ message: complaint(error), hint: NEXT, exit: USAGE }, output, PLAIN)
  }
}

const NEXT = `Type \`plinth --help\` for the commands (${COMMANDS.map(({ name }) => name).join(', ')}), \`plinth <command> --help\` for examples of one.`

/** What the parser complains of, on one line. */
function complaint({ message }: CommanderError): string {
  return message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ')
}

/** The help of a command that does not exist is asked for like the command itself, as the parser would answer the one with everything and the other with a reason. */
function withCommand(argv: readonly string[]): readonly string[] {
  const [first, second] = argv
  const isKnown = second === undefined || second.startsWith('-') || COMMANDS.some(({ name }) => name === second)
  return first === 'help' && !isKnown ? argv.slice(1) : argv
}

// A reader that leaves early (`plinth plan | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})
process.exit(await main(process.argv.slice(2)))
