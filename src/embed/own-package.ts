/** The package.json of the running Plinth. */

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The part of its own package.json that Plinth uses. */
export interface OwnPackage {
  readonly root: string
  readonly version: string
  /** The install scripts that npm must be allowed to run. They install Node and PostgreSQL. */
  readonly allowScripts: Readonly<Record<string, boolean>>
}

/** Reads the package that this file belongs to, in the repository and when installed. */
export function ownPackage(): OwnPackage {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const manifest: Omit<OwnPackage, 'root'> = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const allowed = Object.entries(manifest.allowScripts).filter(([, allow]) => allow)
  return { root: resolve(root), version: manifest.version, allowScripts: Object.fromEntries(allowed) }
}
