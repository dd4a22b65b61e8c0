/** Loads the design of a command. */

import { relative, resolve } from 'node:path'
import type { Diagnostic } from '../../base/diagnostic.ts'
import { bindCode } from '../../design/code/bind-code.ts'
import type { DesignRead } from '../../design/findings/source.ts'
import type { LoadCode } from '../../design/read/load-code.ts'
import { readDesign, readDesignText } from '../../design/read/read.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import type { Model } from '../../model/model.ts'
import { declareRoutes } from '../../server/code-routes/declare-routes.ts'
import { UsageError } from '../terminal/usage-error.ts'

/** The finding for a design that does not exist: this is wrong usage of the command. */
const NOT_FOUND = 'PLN-D001'

/** A design with its model and findings. */
export interface LoadedDesign {
  /** The path of the main file, relative to the working directory of the process. */
  readonly file: string
  /** The absolute path. */
  readonly path: string
  /** The absolute paths of all files that were read, to watch them. */
  readonly files: readonly string[]
  /** Null when there are errors. */
  readonly model: Model | null
  readonly diagnostics: readonly Diagnostic[]
  /** The model with the paths of code in place of functions; undefined when there are errors. */
  readonly unbound?: Model
  /** The design as it was written; undefined if it could not be read. */
  readonly written?: unknown
  /** The line of a part of the design; null for a module, which is executed and not parsed. */
  readonly lineOf?: (path: readonly string[]) => number | null
}

/**
 * Reads and resolves the design at `path`, which may be a folder with a design; the current folder unless given. Problems of the design
 * become findings.
 *
 * @throws UsageError when there is no design.
 */
export async function loadDesign(path: string | undefined, cwd: string): Promise<LoadedDesign> {
  // Findings contain this path, so it is relative to the working directory.
  const read = await readDesign(relative('', resolve(cwd, path ?? '.')) || '.')
  return resolveRead(read, path, { cwd, code: 'run' })
}

/** A design that is data, not code. */
export interface DesignData {
  /** The absolute path of the file, which need not exist if there is a text. */
  readonly path: string
  /** The text in place of the file's. */
  readonly text?: string
}

/** A design that was read as data. */
export interface DataDesign extends LoadedDesign {
  /** The paths of the code that it names and that was left alone, such as `logic/checkout.ts#confirm`. */
  readonly code: readonly string[]
}

/**
 * Reads and resolves a design in YAML or JSON as `loadDesign` does. With `leave` nothing is executed: code that it names counts as not
 * written.
 *
 * @throws UsageError when there is no such file, or it is a module, which would be executed.
 */
export async function loadData({ path, text }: DesignData, { cwd, code }: DataReading): Promise<DataDesign> {
  const shown = relative('', path)
  if (/\.m?[jt]s$/.test(path)) throw new UsageError(`${shown} is code`, 'name a design in YAML or JSON')
  const named = new Set<string>()
  const read = text === undefined ? await readDesign(shown) : readDesignText(text, shown)
  const loaded = await resolveRead(read, shown, { cwd, code: code === 'run' ? 'run' : named })
  return { ...loaded, code: [...named] }
}

/** How the data of a design are read. */
export interface DataReading {
  readonly cwd: string
  /** Whether the code that the design names is executed. */
  readonly code: 'run' | 'leave'
}

interface Resolving {
  readonly cwd: string
  /** `run`: code is executed; otherwise the paths of code are collected here. */
  readonly code: 'run' | Set<string>
}

async function resolveRead(read: DesignRead, path: string | undefined, { cwd, code }: Resolving): Promise<LoadedDesign> {
  const missing = read.ok ? undefined : read.diagnostics.find((diagnostic) => diagnostic.code === NOT_FOUND)
  if (missing !== undefined)
    throw new UsageError(`${path ?? 'no design here'}: ${missing.message}`, 'name the design, or make one: plinth init <folder>')
  const [main = resolve(cwd, path ?? '.')] = read.files
  const found = { file: relative('', main), path: main, files: read.files }
  if (!read.ok) return { ...found, model: null, diagnostics: read.diagnostics }
  const where = { ...found, written: read.design, lineOf: (at: readonly string[]) => read.source.at(at).line ?? null }
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  if (model === null) return { ...where, model, diagnostics }
  const bound = await bindCode(model, read.source, code === 'run' ? undefined : collecting(code))
  const files = [...read.files, ...bound.files]
  const all = [...diagnostics, ...bound.diagnostics]
  if (bound.model === null) return { ...where, files, model: null, diagnostics: all }
  const declared = await declareRoutes(bound.model, read.source)
  return { ...where, files, model: declared.model, unbound: model, diagnostics: [...all, ...declared.diagnostics] }
}

/** A loader that loads nothing. */
function collecting(code: Set<string>): LoadCode {
  return async (reference) => {
    code.add(reference)
    return { kind: 'unwritten', what: 'code that is not executed', files: [] }
  }
}
