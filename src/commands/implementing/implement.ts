/** `plinth implement`: lets a language model write the code that a design names and nobody has written. */

import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { withoutSecrets } from '../../verify/security/search-log.ts'
import { insidePath } from '../mcp/state/inside-path.ts'
import { unusableDesign } from '../setup/describe-design.ts'
import { type LoadedDesign, loadDesign } from '../setup/load-design.ts'
import { codeToWrite } from '../terminal/code-to-write.ts'
import type { Io, Outcome } from '../terminal/command.ts'
import { count, plainText } from '../terminal/layout.ts'
import { environmentSecrets } from '../verifying/review/environment-secrets.ts'
import type { ModelLimits } from './budget.ts'
import { limitsOf } from './limits-of.ts'
import { modelPlace } from './model-settings.ts'
import { type MissingCode, type ProjectPlace, piecesOf } from './pieces.ts'
import { taskText } from './prompt.ts'
import { ASK_LIMITS, askProvider, type ModelPlace } from './providers/ask-provider.ts'
import { nearest, openTrial } from './trial.ts'
import { tryProposal } from './try-proposal.ts'
import { type Agreement, type Writing, writeWithModel } from './write-with-model.ts'
import { writingText } from './writing-text.ts'

/** The arguments and options of the command. */
export interface ImplementInput {
  readonly design: string | undefined
  /** The name of a model at the provider; undefined to be told how to go on. */
  readonly model: string | undefined
  /** `agreed`: code of the model may be run and written without a question. */
  readonly questions: 'ask' | 'agreed'
  readonly turns: string | undefined
  readonly tokens: string | undefined
  readonly cost: string | undefined
}

/** Pieces that are written in one run. */
const MOST_PIECES = 10

/**
 * Writes the code that is missing. Exit code 0: it is written, and passes, or none is missing. 1: it is not; nothing was written then, and
 * the difference is kept in a file.
 *
 * @throws UsageError without a design, for wrong options and settings.
 */
export async function implement(input: ImplementInput, io: Io): Promise<Outcome> {
  const limits = limitsOf(input, io.env)
  const loaded = await loadDesign(input.design, io.cwd)
  const { model, path } = loaded
  if (model === null) return unusableDesign(loaded, io.style)
  const place = placeOf(path)
  const pieces = piecesOf(model, place)
  if (pieces.length === 0)
    return { exit: 0, data: { status: 'nothing-to-write', pieces }, text: 'All code that the design names is written. Serve it: plinth up' }
  const provider = input.model === undefined ? null : modelPlace(input.model, io.env)
  if (provider === null) return goOn(pieces, { tasks: codeToWrite(model), model: input.model }, io)
  const writing = await write({ loaded, place, pieces: pieces.slice(0, MOST_PIECES), provider, limits, input }, io)
  const left = pieces.slice(writing.status === 'passed' ? MOST_PIECES : 0)
  const kept = keepDiff(place, writing.diff)
  const wrote = writing.status === 'passed' ? writing.files.map(({ path: file }) => file) : []
  const { status, problems, checked, verified, used, reason } = writing
  const data = { status: status === 'passed' ? 'written' : status, pieces, left, wrote, diff: kept, problems, checked, verified, used }
  const text = writingText({ ...writing, pieces, left, kept }, io.style)
  return reason === null ? { exit: 0, data, text } : { exit: 1, data, text, reason }
}

interface Work {
  readonly loaded: LoadedDesign
  readonly place: ProjectPlace
  readonly pieces: readonly MissingCode[]
  readonly provider: ModelPlace
  readonly limits: ModelLimits
  readonly input: ImplementInput
}

async function write({ loaded, place, pieces, provider, limits, input }: Work, io: Io): Promise<Writing> {
  const { model, files } = loaded
  if (model === null) throw new TypeError('the design has errors')
  const secrets = environmentSecrets(io.env)
  const onStep = (text: string): void => io.observe({ kind: 'running', text })
  const at = io.self.command.indexOf('implement')
  const program = at === -1 ? io.self.command : io.self.command.slice(0, at)
  const trial = openTrial(place, model)
  try {
    const writing = await writeWithModel({
      ...{ task: taskText({ ...place, pieces, model, files }), pieces, root: place.root, trial, limits, onStep },
      ask: (ask) =>
        askProvider(provider, ask, { limits: ASK_LIMITS, onWait: (seconds, why) => onStep(`${why}; asking again in ${seconds} s`) }),
      agree: (diff) => agreement(diff, input, io),
      run: (there, about) => tryProposal(there, about, { program, env: io.env, onStep }),
      clean: (text) => withoutSecrets(text, secrets),
    })
    if (writing.status === 'passed') for (const { path, text } of writing.files) put(place.root, path, text)
    return writing
  } finally {
    trial.close()
  }
}

/** The folder of the project: what may be written is below it. */
function placeOf(design: string): ProjectPlace {
  const manifest = nearest(dirname(design), 'package.json')
  const folder = manifest === null ? dirname(design) : dirname(manifest)
  const root = realpathSync(folder)
  return { root, design: join(root, design.slice(folder.length + 1)) }
}

/** Asks a person; `nobody` where none can be asked. */
async function agreement(diff: string, { questions }: ImplementInput, { terminal }: Io): Promise<Agreement> {
  if (questions === 'agreed') return 'all'
  if (terminal !== 'interactive') return 'nobody'
  const { askChoice, showText } = await import('../terminal/ask.ts')
  showText(plainText(diff))
  return askChoice<Agreement>('The types fit. Run the tests with this code, and write it when they pass?', [
    { value: 'no', label: 'no: nothing is run or written' },
    { value: 'yes', label: 'yes; ask again when the model changes it' },
    { value: 'all', label: 'yes, and do not ask again in this run' },
  ])
}

/** The path is judged again: a link may have been made since. */
function put(root: string, path: string, text: string): void {
  const file = insidePath(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** Keeps a difference in the folder of Plinth, which is not committed. Gives its path; null if there is none. */
function keepDiff({ root }: ProjectPlace, diff: string): string | null {
  if (diff === '') return null
  const folder = join(root, '.plinth/implement')
  mkdirSync(folder, { recursive: true })
  const name = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const free = ['', ...Array.from({ length: 99 }, (_, i) => `-${i + 2}`)].find((end) => !existsSync(join(folder, `${name}${end}.diff`)))
  writeFileSync(join(folder, `${name}${free ?? ''}.diff`), diff)
  return `.plinth/implement/${name}${free ?? ''}.diff`
}

/** What is to be done without a model. */
function goOn(
  pieces: readonly MissingCode[],
  { tasks, model }: { readonly tasks: readonly string[]; readonly model: string | undefined },
  { style }: Io,
): Outcome {
  const missing = model === undefined ? 'no model is named' : 'MODEL_KEY is not set'
  return {
    exit: 1,
    data: { status: 'no-model', pieces, tasks },
    text: [
      style.bold('To write:'),
      ...tasks.map((task) => `  ${task}`),
      '',
      'By hand: plinth up serves all else, and takes up each file that is saved.',
      'By an agent: plinth agent install, which also reads these tasks in the answer of plan.',
      'By a model: MODEL_API=openai (or anthropic) MODEL_KEY=… plinth implement --model <name>.',
      'By a model on this machine, without a key: MODEL_URL=http://127.0.0.1:11434/v1 plinth implement --model <name>.',
    ].join('\n'),
    reason: {
      message: `${count(pieces.length, 'piece')} of code ${pieces.length === 1 ? 'is' : 'are'} not written, and ${missing}`,
      hint: model === undefined ? 'plinth implement --model <name>, or write the code by hand' : 'set MODEL_KEY, or write the code by hand',
    },
  }
}
