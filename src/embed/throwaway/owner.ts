/** Which process made a database, so that another one knows whether it has ended. */

import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** This process, in a word: where its id means something, and its id. */
export function ownerName(): string {
  return `${place()}:${process.pid}`
}

/** Whether an owner was a process of the same place that has ended. Of owners of other places, nothing is known. */
export function hasEnded(owner: string): boolean {
  const [where, pid] = owner.split(':')
  if (where !== place() || !/^[1-9]\d{0,9}$/.test(pid ?? '')) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

let known: string | null = null

/** The machine, since it was started, and the container: ids of processes are those of one namespace. */
function place(): string {
  known ??= createHash('sha256')
    .update(
      [hostname(), part(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')), part(() => readlinkSync('/proc/self/ns/pid'))].join(
        ' ',
      ),
    )
    .digest('hex')
    .slice(0, 16)
  return known
}

/** What only Linux shows. */
function part(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}
