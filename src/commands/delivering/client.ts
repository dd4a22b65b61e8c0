/** `plinth client`: writes a typed client of the design, for front ends. */

import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { EnvironmentError } from '../../base/environment-error.ts'
import { CLIENT_MARK } from '../../compile/client/client.ts'
import { unusableDesign } from '../setup/describe-design.ts'
import { loadDesign } from '../setup/load-design.ts'
import type { Io, Outcome } from '../terminal/command.ts'
import { UsageError } from '../terminal/usage-error.ts'
import { clientFile, clientFolder, isClient } from './client-files.ts'

/** The arguments and options of the command. */
export interface ClientInput {
  readonly design: string | undefined
  /** A folder, or a file whose name ends in `.ts`. */
  readonly out: string
}

/**
 * Writes the client. A file that is the same stays untouched, so that watchers do not start for nothing.
 *
 * @throws UsageError if a file of that name is there that is no client; EnvironmentError if it cannot be written.
 */
export async function client({ design, out }: ClientInput, io: Io): Promise<Outcome> {
  const loaded = await loadDesign(design, io.cwd)
  const { model } = loaded
  if (model === null) return unusableDesign(loaded, io.style)
  const at = resolve(io.cwd, out)
  const isFile = /\.[mc]?tsx?$/.test(out)
  if (!isFile && /\.\w+$/.test(out) && !existsSync(at))
    throw new UsageError(`${out} is no name of a folder or of a file of TypeScript`, 'plinth client --out src/api, or --out src/api.ts')
  const files = isFile
    ? [{ path: at, content: clientFile(model) }]
    : clientFolder(model).map(({ path, content }) => ({ path: join(at, path), content: String(content) }))
  for (const { path } of files) refuseForeign(path, io.cwd)
  const written = files.filter(({ path, content }) => write(path, content)).map(({ path }) => relative(io.cwd, path))
  const all = files.map(({ path }) => relative(io.cwd, path))
  return {
    exit: 0,
    data: { name: model.name, files: all, written },
    text: [
      ...all.map((path) => `${written.includes(path) ? io.style.green('Wrote') : 'Unchanged'} ${path}`),
      '',
      `import { createClient } from './${all[0]?.split('/').at(-1)}'`,
    ].join('\n'),
  }
}

/** @throws UsageError for a file that a person has written. */
function refuseForeign(path: string, cwd: string): void {
  if (!existsSync(path)) return
  if (!statSync(path).isFile() || !isClient(readFileSync(path, 'utf8')))
    throw new UsageError(
      `${relative(cwd, path)} is there and was not made by plinth client`,
      `name another place, or move it. A client begins with: ${CLIENT_MARK}`,
    )
}

/** Writes a file unless it is the same. Returns whether it was written. */
function write(path: string, content: string): boolean {
  try {
    if (existsSync(path) && readFileSync(path, 'utf8') === content) return false
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    return true
  } catch (error) {
    throw new EnvironmentError(
      `${path} cannot be written: ${(error as Error).message}`,
      'name another place: plinth client --out /tmp/client',
    )
  }
}
