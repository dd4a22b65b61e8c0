/** Decides where the data of an embedded server are, and which user runs the server. */

import { randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { EnvironmentError } from '../../base/environment-error.ts'
import { type Accounts, canEnter, chooseAccounts, giveTreeTo, isRoot } from './account.ts'

/**
 * The folders and users of a project's embedded PostgreSQL. `home` contains data, sockets and log. It is the same folder as `here` unless
 * the server cannot enter that folder.
 */
export interface Place {
  readonly here: string
  readonly home: string
  readonly data: string
  readonly accounts: Accounts
}

/**
 * The content of the file `location`: the path of the home when the server cannot enter the project folder. `folder` shows whether the
 * project folder was moved or copied.
 */
interface Location {
  readonly home: string
  readonly folder: string
}

/**
 * The folder for homes outside of projects. It survives reboots, unlike /tmp and /run, and its old files are not deleted, unlike /var/tmp.
 * Decision record 0006.
 */
const STATE_FOLDER = process.platform === 'darwin' ? '/var/db/plinth' : '/var/lib/plinth'

/**
 * Creates `<folder>/.plinth/postgres` if it does not exist, and returns its real path.
 *
 * @throws EnvironmentError when the folder is missing or Plinth may not write in it.
 */
export async function claimFolder(folder: string): Promise<string> {
  const real = await realpath(folder).catch((error: NodeJS.ErrnoException) => {
    throw new EnvironmentError(`cannot open the project folder ${folder} (${error.code})`, 'Start Plinth in the folder of the project.', {
      cause: error,
    })
  })
  const plinth = join(real, '.plinth')
  const here = join(plinth, 'postgres')
  try {
    // Under root the server runs as another user. That user may enter these folders but not list them. Secrets inside have the modes 0600
    // or 0700.
    await makeFolder(plinth, isRoot() ? 0o755 : undefined)
    await makeFolder(here, isRoot() ? 0o711 : 0o700)
  } catch (error) {
    throw new EnvironmentError(
      `cannot create ${here}: ${(error as Error).message}`,
      'Give this user write permission there, or set DATABASE_URL to a PostgreSQL server.',
      { cause: error },
    )
  }
  return here
}

/**
 * Returns the folders and users for `here`. The caller must hold the lock of `here`.
 *
 * @throws EnvironmentError when the folder is a copy of a project whose data are elsewhere, or only root can reach the data.
 */
export async function resolvePlace(here: string): Promise<Place> {
  const folder = dirname(dirname(here))
  const location = await readLocation(here)
  const home = location === undefined ? here : await confirmLocation(here, folder, location)
  const data = join(home, 'data')
  const accounts = await chooseAccounts(folder, data)
  if (await allEnter(accounts, home)) return { here, home, data, accounts }
  if (await exists(data)) throw unreachablePlace(accounts, home)
  if (location !== undefined) throw unreachablePlace(accounts, home)
  return relocate(here, folder, accounts)
}

async function relocate(here: string, folder: string, accounts: Accounts): Promise<Place> {
  const home = join(
    STATE_FOLDER,
    `${basename(folder)
      .replaceAll(/[^\w-]/g, '_')
      .slice(0, 32)}-${randomBytes(6).toString('hex')}`,
  )
  try {
    await makeFolder(STATE_FOLDER, 0o711)
    await makeFolder(home, 0o711)
    await writeFile(join(home, 'project'), `${folder}\n`, { mode: 0o600 })
  } catch (error) {
    throw unreachablePlace(accounts, here, error)
  }
  if (!(await allEnter(accounts, home))) throw unreachablePlace(accounts, home)
  await writeLocation(here, { home, folder })
  return { here, home, data: join(home, 'data'), accounts }
}

/** Returns the home of a folder. A moved folder keeps its data; a copied folder must not share them with the original. */
async function confirmLocation(here: string, folder: string, location: Location): Promise<string> {
  if (location.folder === folder) return location.home
  const original = await readLocation(join(location.folder, '.plinth', 'postgres'))
  if (original?.home === location.home) {
    throw new EnvironmentError(
      `the database of ${folder} is the one of ${location.folder}, from which this folder was copied`,
      `Delete ${here} to start here with an empty database.`,
    )
  }
  await writeLocation(here, { home: location.home, folder })
  return location.home
}

async function readLocation(here: string): Promise<Location | undefined> {
  const text = await readFile(join(here, 'location'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as Location)
}

async function writeLocation(here: string, location: Location): Promise<void> {
  const path = join(here, 'location')
  await writeFile(`${path}.new`, `${JSON.stringify(location, null, 2)}\n`, { mode: 0o600, flush: true })
  await rename(`${path}.new`, path)
}

async function makeFolder(path: string, mode: number | undefined): Promise<void> {
  const made = await mkdir(path, { recursive: true })
  if (made !== undefined && mode !== undefined) await chmod(path, mode)
}

async function allEnter(accounts: Accounts, folder: string): Promise<boolean> {
  const [server, initdb] = await Promise.all([canEnter(accounts.server, folder), canEnter(accounts.initdb, folder)])
  return server && initdb
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined
}

function unreachablePlace(accounts: Accounts, folder: string, cause?: unknown): EnvironmentError {
  const uid = accounts.server?.uid
  return new EnvironmentError(
    `PostgreSQL does not run as root, and user id ${uid}, which would run it, cannot reach ${folder}`,
    `Let other users enter the folders above it (chmod o+x), make ${STATE_FOLDER} writable, or set DATABASE_URL to a PostgreSQL server.`,
    { cause },
  )
}

/**
 * Ensures that existing data belong to the user of the server. PostgreSQL refuses data of root, for example after root has restored them.
 *
 * @throws EnvironmentError when the data belong to another user and Plinth does not run as root, so it cannot change the owner.
 */
export async function claimData(place: Place): Promise<void> {
  const stats = await stat(place.data).catch(() => undefined)
  const wanted = place.accounts.server?.uid ?? process.geteuid?.()
  if (stats === undefined || wanted === undefined || stats.uid === wanted) return
  if (place.accounts.server !== undefined) {
    await giveTreeTo(place.accounts.server, place.data)
    return chmod(place.data, 0o700)
  }
  throw new EnvironmentError(
    `the data in ${place.data} belong to user id ${stats.uid}, and Plinth runs as ${wanted}`,
    `Run Plinth as the same user as before, or delete ${place.here} to start with an empty database.`,
  )
}
