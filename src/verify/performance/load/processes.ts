/** Processor time and memory of processes, from Linux' /proc. On other systems these figures are null. */

import { readdirSync, readFileSync } from 'node:fs'

/** What a process and all its descendants use. */
export interface Usage {
  /** Seconds of processor time since the start, including children that have ended. */
  readonly cpu: number
  /** Bytes of memory of all of them, with shared pages counted once (PSS). */
  readonly memory: number
  /** Bytes of memory of the first process alone (RSS). */
  readonly resident: number
}

/** /proc gives processor time in ticks of 10 ms, independent of the kernel's own tick (proc_pid_stat(5), _SC_CLK_TCK). */
const TICKS_PER_SECOND = 100

const MOST_LOOKS = 5

/**
 * A process and its descendants. Looks into /proc until two in a row find the same processes: while processes start and end, a single look
 * may miss one.
 */
export function processesUnder(pid: number): readonly number[] {
  let members = treeOf(pid, childrenByParent())
  for (let looks = 1; looks < MOST_LOOKS; looks++) {
    const again = treeOf(pid, childrenByParent())
    if (again.join() === members.join()) break
    members = again
  }
  return members
}

/** Reads what a process and all its descendants use; null where there is no /proc. */
export function usageOf(pid: number): Usage | null {
  try {
    let cpu = 0
    let memory = 0
    for (const member of processesUnder(pid)) {
      const stat = statOf(member)
      if (stat === null) continue
      cpu += stat.ticks / TICKS_PER_SECOND
      memory += kilobytesOf(`/proc/${member}/smaps_rollup`, 'Pss') * 1024
    }
    return { cpu, memory, resident: kilobytesOf(`/proc/${pid}/status`, 'VmRSS') * 1024 }
  } catch {
    return null
  }
}

/**
 * Seconds of processor time that processes have used, without their children. Null if one of them is not there, or is another program: ids
 * of a database on another machine mean nothing here.
 *
 * @param program what the name of the process begins with.
 */
export function processorOf(pids: readonly number[], program: string): number | null {
  const stats = pids.map(statOf)
  if (pids.length === 0 || stats.some((stat) => stat === null || !stat.program.startsWith(program))) return null
  return stats.reduce((sum, stat) => sum + (stat?.ownTicks ?? 0), 0) / TICKS_PER_SECOND
}

/** Bytes of memory of processes, with shared pages counted once (PSS). Null as for `processorOf`. */
export function memoryOf(pids: readonly number[], program: string): number | null {
  if (pids.length === 0 || pids.some((pid) => statOf(pid)?.program.startsWith(program) !== true)) return null
  return pids.reduce((sum, pid) => sum + kilobytesOf(`/proc/${pid}/smaps_rollup`, 'Pss') * 1024, 0)
}

/**
 * Seconds that all processors together have been busy since the machine started, including time that the host took (steal). Null where
 * there is no /proc.
 */
export function machineBusy(): number | null {
  try {
    const [, ...ticks] = readFileSync('/proc/stat', 'utf8').slice(0, 200).split('\n')[0]?.trim().split(/\s+/) ?? []
    // proc_stat(5): user nice system idle iowait irq softirq steal; time of guests is included in user.
    const [user, nice, system, , , irq, softirq, steal] = ticks.map(Number)
    return ((user ?? 0) + (nice ?? 0) + (system ?? 0) + (irq ?? 0) + (softirq ?? 0) + (steal ?? 0)) / TICKS_PER_SECOND
  } catch {
    return null
  }
}

function treeOf(pid: number, children: ReadonlyMap<number, readonly number[]>): readonly number[] {
  return [pid, ...(children.get(pid) ?? []).flatMap((child) => treeOf(child, children))]
}

function childrenByParent(): ReadonlyMap<number, readonly number[]> {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = statOf(Number(name))
    if (stat === null) continue
    const siblings = children.get(stat.parent)
    if (siblings === undefined) children.set(stat.parent, [Number(name)])
    else siblings.push(Number(name))
  }
  return children
}

interface ProcessStat {
  readonly parent: number
  /** With children that have ended, and without. */
  readonly ticks: number
  readonly ownTicks: number
  /** The name of the program. */
  readonly program: string
}

function statOf(pid: number): ProcessStat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may contain any character, so fields count from behind it (proc_pid_stat(5), field 3 first).
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [utime, stime, cutime, cstime] = fields.slice(11, 15).map(Number)
    const ownTicks = (utime ?? 0) + (stime ?? 0)
    const program = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'))
    return { parent: Number(fields[1]), ticks: ownTicks + (cutime ?? 0) + (cstime ?? 0), ownTicks, program }
  } catch {
    return null
  }
}

function kilobytesOf(file: string, name: string): number {
  try {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8'))?.[1]
    return Number(found ?? 0)
  } catch {
    return 0
  }
}
