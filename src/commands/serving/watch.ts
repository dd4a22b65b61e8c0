/** Follows the files that a design is made of, by the file system's own notices: nothing is polled. */

import { type FSWatcher, readdirSync, watch } from 'node:fs'
import { dirname, extname, join } from 'node:path'

/** A design is made of these; an editor's swap and backup files have other endings. */
const KINDS = new Set(['.ts', '.mts', '.js', '.mjs', '.json', '.yaml', '.yml'])

/** A save is several notices; one reload follows when there has been none for this long. */
const QUIET_MS = 50

/** More folders than a design has; a limit on the system's watches, of which each folder takes one. */
const MOST_FOLDERS = 200

/** Changes as they come. A burst that nobody has waited for yet is kept, so that none is lost while the one before is dealt with. */
export interface Changes {
  /** Resolves with true after the next burst of changes, at once when there has been one since the last call; with false once it is closed. */
  next(): Promise<boolean>
  /** Follows the folders of these files too. */
  also(files: readonly string[]): void
  close(): void
}

/**
 * Follows the folder of a design's main file and its subfolders (not node_modules, not hidden ones), also those that appear later: every file that a
 * design can be made of.
 */
export function followDesign(file: string): Changes {
  const watchers = new Map<string, FSWatcher>()
  let timer: NodeJS.Timeout | undefined
  let phase: 'quiet' | 'changed' | 'closed' = 'quiet'
  let waiting: ((changed: boolean) => void) | null = null

  const settle = (): void => {
    if (waiting === null || phase === 'quiet') return
    waiting(phase === 'changed')
    waiting = null
    if (phase === 'changed') phase = 'quiet'
  }
  const notice = (folder: string, name: string | null): void => {
    if (name !== null && extname(name) === '') followAll(folder)
    if (name !== null && !isPart(name)) return
    clearTimeout(timer)
    timer = setTimeout(() => {
      phase = 'changed'
      settle()
    }, QUIET_MS)
  }
  const follow = (folder: string): void => {
    if (watchers.has(folder) || watchers.size >= MOST_FOLDERS || phase === 'closed') return
    const watcher = watch(folder, (_, name) => notice(folder, name))
    watchers.set(folder, watcher)
    // The folder is gone; it is followed anew should it come back.
    watcher.on('error', () => {
      watcher.close()
      watchers.delete(folder)
    })
  }
  const followAll = (folder: string): void => {
    for (const path of foldersIn(folder)) follow(path)
  }

  followAll(dirname(file))
  return {
    next: () =>
      new Promise((resolve) => {
        waiting = resolve
        settle()
      }),
    also(files) {
      for (const path of files) follow(dirname(path))
    },
    close() {
      clearTimeout(timer)
      phase = 'closed'
      settle()
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
