/** Where the running Plinth was installed from, so that a new project depends on the same package. */

import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type { OwnPackage } from '../../embed/own-package.ts'

/**
 * Returns the dependency on Plinth for a new project: a version range when Plinth came from a registry; `file:` and the tarball when it was
 * installed from one (npm records that in node_modules/.package-lock.json, for npx as well); `file:` and the folder when it runs from its
 * repository.
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
