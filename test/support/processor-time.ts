/** Measures the processor time of this process. Unlike wall time, it does not depend on other processes of the machine. */

/** Starts to measure; returns a function that gives the milliseconds of processor time of this process since then. */
export function processorTime(): () => number {
  const start = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1_000
  }
}
