import { randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { EnvironmentError } from '../../base/environment-error.ts'
import { type Accounts, canEnter, chooseAccounts, giveTreeTo, isRoot } from './account.ts'

/** Where one project's embedded PostgreSQL lives. `home` holds data, sockets and log; it is `here` unless the server cannot get there. */
export interface Place {
  readonly here: string
  readonly home: string
  readonly data: string
  readonly accounts: Accounts
}

/** The pointer from a closed project folder to its home. `folder` tells a moved folder from a copied one. */
interface Location {
  readonly home: string
  readonly folder: string
}

/** Kept across reboots, unlike /tmp and /run, and not swept by age, unlike /var/tmp. Decision record 0006. */
const STATE_FOLDER = process.platform === 'darwin' ? '/var/db/plinth' : '/var/lib/plinth'

/**
 * Makes `<folder>/.plinth/postgres` if it is not there and returns its real path.
 * Throws EnvironmentError when the folder is missing or Plinth may not write in it.
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
    // Under root the server is another user, who has to pass through: enter, not read. Every secret inside is 0600 or 0700 by itself.
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
 * Decides where the data of `here` are and who runs the server. The caller holds the lock of `here`.
 * Throws EnvironmentError when the folder is a copy of one whose data live elsewhere, or nobody but root can reach the data.
 */
export async function resolvePlace(here: string): Promise<Place> {
  const folder = dirname(dirname(here))
  const location = await readLocation(here)
  const home = location === undefined ? here : await confirmLocation(here, folder, location)
  const data = join(home, 'data')
  const accounts = await chooseAccounts(folder, data)
  if (await allEnter(accounts, home)) return { here, home, data, accounts }
  if (await exists(data)) throw closed(accounts, home)
  if (location !== undefined) throw closed(accounts, home)
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
    throw closed(accounts, here, error)
  }
  if (!(await allEnter(accounts, home))) throw closed(accounts, home)
  await writeLocation(here, { home, folder })
  return { here, home, data: join(home, 'data'), accounts }
}

/** A folder that was moved keeps its data; one that was copied must not share them with the original. */
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

function closed(accounts: Accounts, folder: string, cause?: unknown): EnvironmentError {
  const uid = accounts.server?.uid
  return new EnvironmentError(
    `PostgreSQL does not run as root, and user id ${uid}, which would run it, cannot reach ${folder}`,
    `Let other users enter the folders above it (chmod o+x), make ${STATE_FOLDER} writable, or set DATABASE_URL to a PostgreSQL server.`,
    { cause },
  )
}

/**
 * Sees to it that existing data belong to the server's user: copied or restored by root they belong to root, which PostgreSQL refuses.
 * Throws EnvironmentError when they belong to another user and Plinth, not being root, cannot change that.
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
    `Run Plinth as the user it ran as before, or delete ${place.here} to start with an empty database.`,
  )
}
