/** Where the running Plinth was installed from, so that a new project depends on the same package. */

import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type { OwnPackage } from '../../embed/own-package.ts'

/**
 * Returns the dependency on Plinth for a new project. From a registry, it is a version range. From a tarball, it is `file:` and the
 * tarball, which npm (and npx) records in node_modules/.package-lock.json. From the repository, it is `file:` and the folder.
 */
export function dependencyOn(own: OwnPackage): string {
  const modules = dirname(own.root)
  if (basename(modules) !== 'node_modules') return `file:${own.root}`
  const tarball = tarballOf(own.root, modules)
  return tarball === undefined ? `^${own.version}` : `file:${tarball}`
}

function tarballOf(root: string, modules: string): string | undefined {
  const lock = join(modules, '.package-lock.json')
  if (!existsSync(lock)) return undefined
  const { packages }: { packages?: Record<string, { resolved?: string }> } = JSON.parse(readFileSync(lock, 'utf8'))
  const home = dirname(modules)
  const resolved = packages?.[relative(home, root).replaceAll('\\', '/')]?.resolved
  if (resolved?.startsWith('file:') !== true) return undefined
  const path = resolve(home, resolved.slice('file:'.length))
  return existsSync(path) ? path : undefined
}
