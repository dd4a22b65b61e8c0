/** Reads the project of a design: the files that are delivered. */

import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import type { Manifest } from '../../deliver/code/manifest.ts'
import type { DeliveredFile } from '../../deliver/files/delivered-file.ts'
import { ownPackage } from '../../embed/own-package.ts'
import type { LoadedDesign } from '../setup/load-design.ts'
import { UsageError } from '../terminal/usage-error.ts'
import { digestOfContents } from '../verifying/parts/run-lines.ts'
import { whyLeft } from './why-left.ts'

/** How much of a project is delivered. */
const MOST = { files: 2_000, fileBytes: 5 * 1024 * 1024, bytes: 64 * 1024 * 1024 }
/** Folders that are made again. */
const MADE: ReadonlySet<string> = new Set(['coverage', 'vendor'])
/** Files that the hand-over writes itself. */
const WRITTEN: ReadonlySet<string> = new Set(['package.json', 'package-lock.json', 'npm-shrinkwrap.json'])
/** The folder of workflows belongs to a project; other hidden folders may hold secrets, or are of one machine. */
const SHOWN_FOLDER = '.github'
/** Folders that no project delivers, and nobody misses. */
const UNTOLD: ReadonlySet<string> = new Set(['node_modules', '.git', '.plinth'])

/** The project of a design. */
export interface DeliveredProject {
  /** The folder of the package.json, or of the design where there is none. */
  readonly folder: string
  readonly manifest: Manifest | null
  /** The path of the design in the project. */
  readonly design: string
  /** The SHA-256 of the files of the design as they are delivered. */
  readonly digest: string
  readonly files: readonly DeliveredFile[]
  /** What was left out, with the reason. */
  readonly left: readonly { readonly path: string; readonly why: string }[]
}

/**
 * Reads the project.
 *
 * @param out the folder of the hand-over, which is no part of it.
 * @throws UsageError if it is too large or in that folder, or if a file of the design is outside of it or would be left out.
 */
export function readProject({ path, files: needed }: LoadedDesign, out: string): DeliveredProject {
  const folder = projectFolder(dirname(path))
  if (existsSync(out) && `${realpathSync(folder)}${sep}`.startsWith(`${realpathSync(out)}${sep}`))
    throw new UsageError(
      `${out} holds the project itself, which a hand-over would replace`,
      'name a new folder: plinth deliver --out delivery',
    )
  const file = join(folder, 'package.json')
  const found = walk(folder, out)
  const contents = new Map(found.files.map((one) => [one.path, one.content]))
  const own = needed.map((one) => {
    const name = slashed(relative(folder, one))
    const content = contents.get(name)
    if (content !== undefined) return content
    const left = found.left.find((other) => other.path === name || name.startsWith(`${other.path}/`))
    const why = left?.why ?? 'it is outside of the folder of the project'
    throw new UsageError(`the design needs ${name}, which is not delivered: ${why}`, `move it into ${folder}, or correct it`)
  })
  return {
    ...{ folder, manifest: existsSync(file) ? manifestIn(file) : null },
    ...{ design: slashed(relative(folder, path)), digest: digestOfContents(own), ...found },
  }
}

/** The nearest folder with a package.json, at or above that of the design; that of the design if there is none but Plinth's own. */
function projectFolder(folder: string): string {
  const own = ownPackage().root
  for (let at = folder; ; at = dirname(at)) {
    if (at === own || dirname(at) === at) return folder
    if (existsSync(join(at, 'package.json'))) return at
  }
}

function manifestIn(file: string): Manifest {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`, 'correct it')
  }
}

type Found = { files: DeliveredFile[]; left: { path: string; why: string }[]; bytes: number }

function walk(folder: string, out: string): Pick<DeliveredProject, 'files' | 'left'> {
  const found: Found = { files: [], left: [], bytes: 0 }
  const into = (at: string): void => {
    for (const name of readdirSync(at).sort()) {
      const path = join(at, name)
      if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
        if (!WRITTEN.has(slashed(relative(folder, path)))) take(found, folder, path)
      } else if (path !== out && !UNTOLD.has(name)) {
        const why = whyFolderLeft(path)
        if (why === null) into(path)
        else found.left.push({ path: slashed(relative(folder, path)), why })
      }
    }
  }
  into(folder)
  return { files: found.files, left: found.left }
}

/** Why a folder is not delivered: it is of another program, or an earlier report or hand-over. Null if it is delivered. */
function whyFolderLeft(path: string): string | null {
  const name = basename(path)
  const has = (...names: readonly string[]): boolean => names.every((one) => existsSync(join(path, one)))
  if (name.startsWith('.') && name !== SHOWN_FOLDER) return 'hidden folders may hold secrets'
  if (MADE.has(name)) return 'it is made again'
  if (has('report.json', 'junit.xml')) return 'it is a report of plinth verify'
  return has('handover.json', 'SHA256SUMS') ? 'it is a hand-over' : null
}

function take(found: Found, folder: string, path: string): void {
  const name = slashed(relative(folder, path))
  const content = contentOf(path)
  const why = typeof content === 'string' ? content : whyLeft(name, content)
  if (typeof content === 'string' || why !== null) {
    found.left.push({ path: name, why: why ?? '' })
    return
  }
  found.bytes += content.length
  found.files.push({ path: name, content })
  if (found.files.length <= MOST.files && found.bytes <= MOST.bytes) return
  throw new UsageError(
    `${folder} has more than ${MOST.files} files or ${MOST.bytes} bytes`,
    'deliver a folder that holds the project alone: its design, its code and its tests',
  )
}

/** The content of a file, or why it is not delivered. */
function contentOf(path: string): Buffer | string {
  try {
    const stat = lstatSync(path)
    return stat.isFile() && stat.size <= MOST.fileBytes ? readFileSync(path) : 'it is a link, no file or too large'
  } catch (error) {
    return `it cannot be read: ${(error as NodeJS.ErrnoException).code}`
  }
}

function slashed(path: string): string {
  return path.replaceAll(sep, '/')
}
