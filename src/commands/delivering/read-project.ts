/** Reads the project of a design: the files that are delivered. */

import { existsSync, lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import type { Manifest } from '../../deliver/code/manifest.ts'
import type { DeliveredFile } from '../../deliver/files/delivered-file.ts'
import { ownPackage } from '../../embed/own-package.ts'
import type { LoadedDesign } from '../setup/load-design.ts'
import { UsageError } from '../terminal/usage-error.ts'

/** How much of a project is delivered. */
const MOST = { files: 2_000, fileBytes: 5 * 1024 * 1024, bytes: 64 * 1024 * 1024 }
/** Folders that are made again. */
const MADE: ReadonlySet<string> = new Set(['node_modules', 'coverage', 'vendor'])
/** Files that the hand-over writes itself. */
const WRITTEN: ReadonlySet<string> = new Set(['package.json', 'package-lock.json', 'npm-shrinkwrap.json'])
/** Hidden files that belong to a project; others may hold secrets, or are of one machine. */
const SHOWN: ReadonlySet<string> = new Set(['.gitignore', '.dockerignore', '.editorconfig', '.nvmrc', '.node-version'])
const SECRET_NAME = /\.(pem|key|p12|pfx|jks|keystore)$|^id_(rsa|ed25519|ecdsa)$/i
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/

/** The project of a design. */
export interface DeliveredProject {
  /** The folder of the package.json, or of the design where there is none. */
  readonly folder: string
  readonly manifest: Manifest | null
  /** The path of the design in the project. */
  readonly design: string
  readonly files: readonly DeliveredFile[]
  /** What was left out, with the reason. */
  readonly left: readonly { readonly path: string; readonly why: string }[]
}

/**
 * Reads the project.
 *
 * @param out the folder of the hand-over, which is no part of it.
 * @throws UsageError if it is too large, or if a file of the design is outside of it or would be left out.
 */
export function readProject({ path, files: needed }: LoadedDesign, out: string): DeliveredProject {
  const folder = projectFolder(dirname(path))
  const file = join(folder, 'package.json')
  const found = walk(folder, out)
  const paths = new Set(found.files.map((one) => one.path))
  for (const one of needed) {
    const name = slashed(relative(folder, one))
    if (paths.has(name)) continue
    const why = found.left.find((left) => left.path === name)?.why ?? 'it is outside of the folder of the project'
    throw new UsageError(`the design needs ${name}, which is not delivered: ${why}`, `move it into ${folder}, or correct it`)
  }
  return { folder, manifest: existsSync(file) ? manifestIn(file) : null, design: slashed(relative(folder, path)), ...found }
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
      const stat = lstatSync(path)
      if (stat.isDirectory()) {
        if (!isLeftFolder(path, out)) into(path)
      } else if (!WRITTEN.has(slashed(relative(folder, path)))) take(found, folder, path, stat)
    }
  }
  into(folder)
  return { files: found.files, left: found.left }
}

/** Folders of other programs, and earlier reports and hand-overs. */
function isLeftFolder(path: string, out: string): boolean {
  const name = basename(path)
  const has = (...names: readonly string[]): boolean => names.every((one) => existsSync(join(path, one)))
  return path === out || name.startsWith('.') || MADE.has(name) || has('report.json', 'junit.xml') || has('handover.json', 'SHA256SUMS')
}

function take(found: Found, folder: string, path: string, stat: Stats): void {
  const name = slashed(relative(folder, path))
  const content = stat.isFile() && stat.size <= MOST.fileBytes ? readFileSync(path) : null
  const why = content === null ? 'it is a link, no file or too large' : whyLeft(basename(path), content)
  if (content === null || why !== null) {
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

/** Why a file is not delivered; null if it is. */
function whyLeft(name: string, content: Buffer): string | null {
  if (name.startsWith('.') && !SHOWN.has(name)) return 'hidden files may hold secrets'
  if (SECRET_NAME.test(name)) return 'its name is that of a secret'
  if (/\.(log|tgz)$/.test(name)) return 'it is made again'
  return PRIVATE_KEY.test(content.toString('latin1')) ? 'it holds a private key' : null
}

function slashed(path: string): string {
  return path.replaceAll(sep, '/')
}
