/** The build with which another one is compared: a folder with a design, or another Plinth. */

import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ownPackage } from '../../../embed/own-package.ts'
import type { Model } from '../../../model/model.ts'
import type { WrittenDesign } from '../../../verify/expected/written-design.ts'
import { type LoadedDesign, loadDesign } from '../../setup/load-design.ts'
import { UsageError } from '../../terminal/usage-error.ts'

/** A build that can be served. */
export interface OtherBuild {
  /** The path as it was given. */
  readonly name: string
  readonly model: Model
  readonly written: WrittenDesign
  /** The absolute path of its design. */
  readonly design: string
  /** What serves it, up to the name of the command. */
  readonly program: readonly string[]
  /** The version of this Plinth. */
  readonly plinth: string
  /** Whether it is the Plinth that runs now. */
  readonly isOwn: boolean
}

/** What is verified, and as what. */
export interface ThisBuild {
  readonly loaded: LoadedDesign
  readonly cwd: string
  readonly program: readonly string[]
}

/**
 * Finds the build of a path. The path of a Plinth (a checkout or a package) is this design, served by that Plinth. Any other path is a
 * design, served by the Plinth that is installed beside it, or else by this one.
 *
 * @throws UsageError for a path without a design, and for a design with errors.
 */
export async function otherBuild(path: string, { loaded, cwd, program }: ThisBuild): Promise<OtherBuild> {
  const folder = resolve(cwd, path)
  if (!existsSync(folder)) throw wrong(path, 'there is no such file or folder')
  const isPlinth = packageIn(folder)?.name === 'plinth'
  const design = isPlinth ? loaded : await loadDesign(path, cwd)
  if (design.model === null) throw wrong(path, 'its design has errors: see plinth plan')
  const package_ = isPlinth ? folder : installedFor(statSync(folder).isDirectory() ? folder : dirname(folder))
  const isOwn = package_ === null || realpathSync(package_) === realpathSync(ownPackage().root)
  return {
    ...{ name: path, model: design.model, written: design.written as WrittenDesign, design: design.path, isOwn },
    program: isOwn ? program : programIn(package_, path),
    plinth: (package_ === null ? null : packageIn(package_)?.version) ?? ownPackage().version,
  }
}

/** A checkout runs from its sources, a package from what was built. @throws UsageError where neither is there. */
function programIn(folder: string, path: string): readonly string[] {
  const [source, built] = [join(folder, 'src/cli.ts'), join(folder, 'dist/cli.js')]
  if (existsSync(source)) return [process.execPath, '--conditions=source', source]
  if (existsSync(built)) return [process.execPath, built]
  throw wrong(path, `there is no program in ${folder}`)
}

/** The Plinth that Node finds from a folder; null for none. */
function installedFor(folder: string): string | null {
  const found = join(folder, 'node_modules/plinth')
  if (packageIn(found) !== null) return found
  return dirname(folder) === folder ? null : installedFor(dirname(folder))
}

function packageIn(folder: string): { readonly name?: string; readonly version?: string } | null {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  } catch {
    return null
  }
}

function wrong(path: string, why: string): UsageError {
  return new UsageError(
    `--against-build ${path}: ${why}`,
    'name a folder with a design, such as that of an earlier commit (git worktree add ../before HEAD~1), or a folder of Plinth',
  )
}
