/**
 * A copy of the project in which proposed files are checked, so that the project has none of them before they have passed. Putting files
 * there and checking their types executes nothing of them.
 */

import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, sep } from 'node:path'
import type { Model } from '../../model/model.ts'
import { writeCodeTypes } from '../setup/code-types.ts'
import type { ProjectPlace } from './pieces.ts'
import type { ProposedFile } from './read-answer.ts'

/** A copy of a project. */
export interface Trial extends ProjectPlace {
  /** Replaces the proposed files of before. */
  put(files: readonly ProposedFile[]): void
  close(): void
}

/** What no copy needs, and, with `.env`, what it must not have. */
const LEFT_OUT = /^(?:\.git|\.plinth|node_modules|\.env.*)$/

/** Copies a project. Packages are those of the project. */
export function openTrial({ root, design }: ProjectPlace, model: Model): Trial {
  // Resolved, because modules are found by their real paths.
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-try-')))
  // Under root, the embedded PostgreSQL runs as another user.
  chmodSync(copy, 0o755)
  cpSync(root, copy, { recursive: true, verbatimSymlinks: true, filter: (path) => path === root || !LEFT_OUT.test(basename(path)) })
  const packages = nearest(root, 'node_modules')
  if (packages !== null) symlinkSync(packages, join(copy, 'node_modules'))
  const copied = join(copy, relative(root, design))
  writeCodeTypes(copied, model)
  const there = new Set<string>()
  return {
    root: copy,
    design: copied,
    put(files) {
      for (const path of there) restore(copy, root, path)
      there.clear()
      for (const { path, text } of files) {
        there.add(path)
        mkdirSync(dirname(join(copy, path)), { recursive: true })
        writeFileSync(join(copy, path), text)
      }
    },
    close: () => rmSync(copy, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }),
  }
}

/** Makes a file of the copy what it is in the project. */
function restore(copy: string, root: string, path: string): void {
  rmSync(join(copy, path), { force: true })
  if (existsSync(join(root, path))) cpSync(join(root, path), join(copy, path))
}

/** The nearest folder or file of this name, in a folder or above it. */
export function nearest(folder: string, name: string): string | null {
  if (existsSync(join(folder, name))) return join(folder, name)
  return dirname(folder) === folder ? null : nearest(dirname(folder), name)
}

/** A path of the copy as one of the project. */
export function withoutTrial(text: string, { root }: ProjectPlace): string {
  return text.replaceAll(`${root}${sep}`, '').replaceAll(root, '.')
}
