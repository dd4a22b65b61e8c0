/** Plinth for the delivered project: its tarball, and the packages that it and the project need. */

import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, extname, join } from 'node:path'
import { EnvironmentError } from '../../base/environment-error.ts'
import { belowPlinth, besidePlinth, type LockedPackage, type LockedPackages } from '../../deliver/code/lock.ts'
import { ownPackage } from '../../embed/own-package.ts'
import type { Environment } from '../terminal/environment.ts'
import { runGroup } from '../verifying/review/run-group.ts'
import type { DeliveredProject } from './read-project.ts'

/** Where the tarball stands in the project. */
const VENDOR = 'vendor'
/** The packages of a new project, whose versions Plinth's own lock file has. */
const OF_PLINTH: readonly string[] = ['plinth', 'node', '@types/node']
/** Packing also compiles, when Plinth runs from its sources. */
const WITHIN_MS = 300_000

/** A packed Plinth. */
export interface PackedPlinth {
  /** Relative to the project: `vendor/plinth-0.1.0.tgz`. */
  readonly path: string
  readonly content: Uint8Array
}

/** Packs the running Plinth by `npm pack`. @throws EnvironmentError if that fails. */
export async function packPlinth(env: Environment): Promise<PackedPlinth> {
  const { root, version } = ownPackage()
  const folder = mkdtempSync(join(tmpdir(), 'plinth-pack-'))
  // An installed Plinth is compiled already.
  const asItIs = extname(import.meta.filename) === '.ts' ? [] : ['--ignore-scripts']
  const failed = (why: string): EnvironmentError =>
    new EnvironmentError(`Plinth could not be packed: ${why}`, `see what this prints: npm pack ${root}`)
  try {
    const { code, cut, errors } = await runGroup({
      ...{ program: 'npm', args: ['pack', ...asItIs, '--pack-destination', folder], cwd: root, env, withinMs: WITHIN_MS },
      mostText: 16 * 1024 * 1024,
    })
    const name = `plinth-${version}.tgz`
    const path = join(folder, name)
    if (code !== 0 || !existsSync(path)) throw failed(cut ?? errors.trim().split('\n').slice(-3).join(' '))
    return { path: `${VENDOR}/${name}`, content: readFileSync(path) }
  } catch (error) {
    throw error instanceof EnvironmentError ? error : failed((error as Error).message)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * The packages that the lock file of the project names, with Plinth from its tarball: those of the lock file of the project, or of Plinth
 * where the project has none and needs no other packages.
 *
 * @throws EnvironmentError if no lock file says which versions are installed.
 */
export function lockedTree({ folder, manifest }: DeliveredProject, plinth: PackedPlinth): LockedPackages {
  const own = ownPackage()
  const ownLock = packagesIn(join(own.root, 'package-lock.json'))
  const entry = entryOf(own.root, plinth)
  const project = manifest === null ? null : packagesIn(join(folder, 'package-lock.json'))
  if (project === null) {
    if (ownLock === null) throw unlocked(folder, 'the project has no package-lock.json')
    const others = packagesOf(manifest).filter((name) => !OF_PLINTH.includes(name))
    if (others.length > 0) throw unlocked(folder, `the project has no package-lock.json, and needs ${others.join(', ')}`)
    return besidePlinth(ownLock, entry)
  }
  const installed = project['node_modules/plinth']
  if (installed === undefined) throw unlocked(folder, 'the package-lock.json of the project has no plinth')
  if (installed.link === true) {
    if (ownLock === null) throw unlocked(folder, 'its Plinth is a folder without a package-lock.json')
    return belowPlinth(project, ownLock, entry)
  }
  if (installed.version !== own.version)
    throw unlocked(folder, `its package-lock.json has Plinth ${installed.version}, and this is Plinth ${own.version}`)
  return { ...project, 'node_modules/plinth': entry }
}

/** The packages that a package.json names; none without one. */
function packagesOf(manifest: DeliveredProject['manifest']): readonly string[] {
  return Object.keys({ ...manifest?.dependencies, ...manifest?.devDependencies })
}

function unlocked(folder: string, why: string): EnvironmentError {
  return new EnvironmentError(`the versions of the packages are not known: ${why}`, `run npm install in ${folder}`)
}

function packagesIn(file: string): LockedPackages | null {
  if (!existsSync(file)) return null
  try {
    const { packages }: { readonly packages?: LockedPackages } = JSON.parse(readFileSync(file, 'utf8'))
    return packages ?? null
  } catch (error) {
    throw unlocked(dirname(file), `${file} cannot be read: ${(error as Error).message}`)
  }
}

/** What a lock file says about the tarball. */
function entryOf(root: string, { path, content }: PackedPlinth): LockedPackage {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const { version, license, bin, engines, dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = manifest
  const all: object = { license, dependencies, bin, engines, optionalDependencies, peerDependencies, peerDependenciesMeta }
  const integrity = `sha512-${createHash('sha512').update(content).digest('base64')}`
  return {
    version,
    resolved: `file:${path}`,
    integrity,
    ...Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
  }
}
