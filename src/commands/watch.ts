/** Follows the files that a design is made of, by the file system's own notices: nothing is polled. */

import { type FSWatcher, readdirSync, watch } from 'node:fs'
import { dirname, extname, join } from 'node:path'

/** A design is made of these; an editor's swap and backup files have other endings. */
const KINDS = new Set(['.ts', '.mts', '.js', '.mjs', '.json', '.yaml', '.yml'])

/** A save is several notices; one reload follows when there has been none for this long. */
const QUIET_MS = 50

/** More folders than a design has; a limit on the system's watches, of which each folder takes one. */
const MOST_FOLDERS = 200

export interface Watching {
  close(): void
}

/**
 * Watches the folder of a design and its subfolders (not node_modules, not hidden ones), and calls back once after each burst of changes to
 * files that a design can be made of. Folders that appear later are watched too.
 */
export function watchDesign(file: string, onChange: () => void): Watching {
  const root = dirname(file)
  const watchers = new Map<string, FSWatcher>()
  let timer: NodeJS.Timeout | undefined

  const notice = (folder: string, name: string | null): void => {
    if (name !== null && extname(name) === '') follow(folder)
    if (name !== null && !isPart(name)) return
    clearTimeout(timer)
    timer = setTimeout(onChange, QUIET_MS)
  }
  const follow = (folder: string): void => {
    for (const path of foldersIn(folder)) {
      if (watchers.has(path) || watchers.size >= MOST_FOLDERS) continue
      const watcher = watch(path, (_, name) => notice(path, name))
      watchers.set(path, watcher)
      // The folder is gone; it is followed anew should it come back.
      watcher.on('error', () => {
        watcher.close()
        watchers.delete(path)
      })
    }
  }

  follow(root)
  return {
    close() {
      clearTimeout(timer)
      for (const watcher of watchers.values()) watcher.close()
    },
  }
}

function isPart(name: string): boolean {
  return KINDS.has(extname(name)) && !name.startsWith('.')
}

/** A folder and all below it that may hold parts of a design, nearest first; fewer when some are gone already. */
function foldersIn(folder: string): readonly string[] {
  const found = [folder]
  for (let i = 0; i < found.length && found.length < MOST_FOLDERS; i++) {
    const parent = found[i] ?? folder
    for (const name of subfoldersOf(parent)) found.push(join(parent, name))
  }
  return found
}

function subfoldersOf(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    return entries.map((entry) => entry.name).filter((name) => name !== 'node_modules' && !name.startsWith('.'))
  } catch {
    return []
  }
}
