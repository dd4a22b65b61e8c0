/** Makes the tables of a design with the Plinth that serves it, which may be another version than this one. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { EnvironmentError } from '../../../base/environment-error.ts'
import type { ServedDesign } from './served-design.ts'

/** Runs its `plinth migrate` on an empty database. @throws EnvironmentError with what it said when it fails. */
export async function migrateWith({ program, design, cwd, env }: ServedDesign, databaseUrl: string): Promise<void> {
  const [file = process.execPath, ...args] = program
  try {
    await promisify(execFile)(file, [...args, 'migrate', design], { cwd, env: { ...env, DATABASE_URL: databaseUrl } })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string }
    const said = `${stdout}${stderr}`.trim().split('\n').slice(-10).join('\n')
    throw new EnvironmentError(
      `the tables of the other build could not be made:\n${said}`,
      'run its plinth migrate on an empty database to see why',
      {
        cause: error,
      },
    )
  }
}
