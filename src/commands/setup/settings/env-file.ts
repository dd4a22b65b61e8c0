/** The file `.env` of a project: settings for development. Commands of production do not read it. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import util from 'node:util'
import type { Environment } from '../../terminal/environment.ts'

const NAME = '.env'

/** The environment, with what `.env` in this folder adds. Variables of the environment come first. */
export function withEnvFile(env: Environment, cwd: string): Environment {
  const path = join(cwd, NAME)
  if (env.NODE_ENV === 'production' || !existsSync(path)) return env
  return { ...util.parseEnv(readFileSync(path, 'utf8')), ...env }
}

/** What to tell where the file is not read; null if there is none. */
export function ignoredEnvFile(cwd: string): string | null {
  return existsSync(join(cwd, NAME))
    ? `the file ${NAME} has no effect in production; set its variables in the environment, and secrets also as files (NAME_FILE)`
    : null
}
