/** Watches the files of a design, by notifications of the file system, without polling. */

import { type FSWatcher, readdirSync, watch } from 'node:fs'
import { dirname, extname, join } from 'node:path'

/** Extensions of files of a design. Swap and backup files of editors have others. */
const KINDS = new Set(['.ts', '.mts', '.js', '.mjs', '.json', '.yaml', '.yml'])

/** One save gives several notifications. The reload begins after this many milliseconds without a notification. */
const QUIET_MS = 50

/** The maximum number of watched folders. Each folder needs one watch of the operating system. Designs have fewer folders than this. */
const MOST_FOLDERS = 200

/** A source of changes. It keeps a burst of changes until the next call of `next`, so that no change is lost during a reload. */
export interface Changes {
  /** Resolves with true after the next burst of changes (at once if there was one since the last call), and with false when closed. */
  next(): Promise<boolean>
  /** Watches the folders of these files too. */
  also(files: readonly string[]): void
  close(): void
}

/**
 * Watches the folder of a design's main file and all subfolders, except node_modules and hidden folders. Subfolders that are created later
 * are watched too. Reports changes of files that can belong to a design.
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
    // The folder was deleted; it is watched again if it comes back.
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

/** Returns a folder and the folders below it that may have files of a design, nearest first. */
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
