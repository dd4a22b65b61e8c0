/** What the tools keep in the folder of the project, under `.plinth/mcp`, so that any client, or a later one, finds it. */

import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ToolError } from './tool-error.ts'

/** The kinds of files, each in a folder of its own, and how many of the newest are kept. */
const KEPT = { drafts: 100, plans: 50, jobs: 50, answers: 50 } as const

/** A kind of file that is kept. */
export type KeptKind = keyof typeof KEPT

const NAME = /^[a-z0-9][a-z0-9-]{0,79}$/

/** The folder `.plinth/mcp` of a project, which is made. @throws ToolError PLN-M002 if a link stands in its place. */
export function mcpFolder(root: string): string {
  const folder = join(root, '.plinth', 'mcp')
  for (const path of [join(root, '.plinth'), folder]) {
    mkdirSync(path, { recursive: true, mode: 0o755 })
    if (lstatSync(path).isSymbolicLink())
      throw new ToolError('PLN-M002', '.plinth is a link, which may lead outside the folder', {
        fix: 'make .plinth a folder of the project',
      })
  }
  return folder
}

/** The path of a file that is kept; its folder is made. @throws ToolError PLN-M008 for a name that none has. */
export function keptPath(root: string, kind: KeptKind, name: string): string {
  if (!NAME.test(name))
    throw new ToolError('PLN-M008', `${JSON.stringify(name.slice(0, 80))} names nothing that is kept`, { fix: 'use the name of an answer' })
  const folder = join(mcpFolder(root), kind)
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  return join(folder, `${name}.json`)
}

/** Writes a value as JSON: whole or not at all. Files beyond the newest of their kind are removed. */
export function keepFile(root: string, kind: KeptKind, name: string, value: unknown): string {
  const path = keptPath(root, kind, name)
  const beside = `${path}.${process.pid}.new`
  writeFileSync(beside, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
  renameSync(beside, path)
  removeOld(join(path, '..'), KEPT[kind])
  return path
}

/** Reads what was kept; null if there is none, or if it is no JSON. */
export function kept(root: string, kind: KeptKind, name: string): unknown {
  try {
    return JSON.parse(readFileSync(keptPath(root, kind, name), 'utf8'))
  } catch (error) {
    if (error instanceof ToolError) throw error
    return null
  }
}

/** The names of a kind, the newest first. */
export function keptNames(root: string, kind: KeptKind): readonly string[] {
  const folder = join(keptPath(root, kind, 'x'), '..')
  return newestFirst(folder).map((file) => file.slice(0, -'.json'.length))
}

function newestFirst(folder: string): readonly string[] {
  const at = (file: string): number => statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  return files
    .map((file) => ({ file, at: at(file) }))
    .sort((a, b) => b.at - a.at || (a.file < b.file ? 1 : -1))
    .map(({ file }) => file)
}

function removeOld(folder: string, most: number): void {
  for (const file of newestFirst(folder).slice(most)) {
    rmSync(join(folder, file), { force: true })
    // A job has a folder of the same name.
    rmSync(join(folder, file.slice(0, -'.json'.length)), { recursive: true, force: true })
  }
}

/** Twelve hexadecimal digits of the SHA-256 of texts, in their order. */
export function shortHash(...texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(`${Buffer.byteLength(text)}\n`).update(text)
  return hash.digest('hex').slice(0, 12)
}
