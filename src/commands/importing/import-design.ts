/** `plinth import`: makes a skeleton of a design from a file of another format. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { QUESTIONS_AT_A_TIME } from '../../import/questions/questions.ts'
import { writeTypeScript } from '../../import/write/write-typescript.ts'
import { writeYaml } from '../../import/write/write-yaml.ts'
import type { Io, Outcome } from '../terminal/command.ts'
import { diagnosticLines } from '../terminal/event.ts'
import { UsageError } from '../terminal/usage-error.ts'
import { copyContract } from './contract-file.ts'
import { DESIGN_NAME, DESIGN_NAME_RULE } from './design-name.ts'
import { draftSource } from './draft-source.ts'
import { importedText } from './imported-text.ts'
import { designNameOf, readImportFile } from './read-input.ts'

/** The arguments and options of the command. */
export interface ImportInput {
  readonly path: string
  /** The design to write; `design.yaml` or `design.ts` in the working directory unless given. */
  readonly out: string | undefined
  readonly format: 'ts' | 'yaml'
  readonly from: string | undefined
  readonly name: string | undefined
  /** What to do with a design that exists. */
  readonly existing: 'refuse' | 'replace'
}

/**
 * Writes the design and lists what was carried over, what was not, and what is to be answered. Exit code 1 if the design as a whole is
 * refused; nothing is written then.
 *
 * @throws UsageError for a file that cannot be imported, a bad name, or a design that exists.
 */
export async function importDesign(input: ImportInput, io: Io): Promise<Outcome> {
  const name = input.name ?? designNameOf(input.path, io.cwd)
  if (!DESIGN_NAME.test(name))
    throw new UsageError(`${JSON.stringify(name)} cannot be the name: ${DESIGN_NAME_RULE}`, 'plinth import <path> --name <name>')
  const target = targetOf(input, io.cwd)
  const source = readImportFile(input.path, io.cwd)
  const place = { source, target, cwd: io.cwd, existing: input.existing }
  const { draft, questions, format, placed, errors } = await draftSource({ ...place, name, from: input.from, newContract: 'write' })
  const out = relative(io.cwd, target) || target
  const total = draft.carried.length + draft.left.length
  const data = {
    source: source.file,
    format,
    design: out,
    objects: { total, carried: draft.carried.length, left: draft.left.length },
    carried: draft.carried,
    left: draft.left,
    questions: questions.slice(0, QUESTIONS_AT_A_TIME),
    furtherQuestions: questions.slice(QUESTIONS_AT_A_TIME).map(({ id }) => id),
    sources: Object.fromEntries(draft.sources),
  }
  if (errors.length > 0) {
    const reason = { message: `a design of ${source.file} would have errors; nothing was written`, hint: 'correct what the findings name' }
    return { exit: 1, reason, data: { ...data, findings: errors }, text: diagnosticLines(errors, io.style).join('\n') }
  }
  const text = input.format === 'ts' ? writeTypeScript(draft, [source.file]) : writeYaml(draft, [source.file])
  write(target, text, input.existing)
  copyContract(placed)
  return { exit: 0, data, text: importedText({ ...data, draft, questions }, io.style) }
}

const DESIGNS: readonly string[] = ['design.ts', 'design.yaml', 'design.yml', 'design.json']

/** Where the design goes. @throws UsageError if one is there already. */
function targetOf({ out, format, existing }: ImportInput, cwd: string): string {
  const target = resolve(cwd, out ?? `design.${format}`)
  const wanted = format === 'ts' ? /\.m?ts$/ : /\.ya?ml$/
  if (!wanted.test(target))
    throw new UsageError(`${JSON.stringify(basename(target))} is no name for a design in ${format}`, `use .${format}`)
  const rivals = out === undefined ? DESIGNS.map((name) => join(dirname(target), name)) : [target]
  const rival = rivals.find((path) => existsSync(path))
  if (rival !== undefined && (existing === 'refuse' || rival !== target))
    throw new UsageError(`${relative(cwd, rival)} exists`, 'choose another file with --out, or replace it with --out and --force')
  return target
}

function write(target: string, text: string, existing: ImportInput['existing']): void {
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, text, { flag: existing === 'replace' ? 'w' : 'wx' })
}
