/** Limits of time for work of this process alone. Processor time, unlike wall time, does not depend on what else the machine does. */

/** Starts to measure; returns a function that gives the milliseconds of processor time of this process since then. */
export function processorTime(): () => number {
  const start = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1_000
  }
}
