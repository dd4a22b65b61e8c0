/** Joins the metrics of workers: each metric once, with the samples of all of them. */

import type { WorkerMetrics } from './run-workers.ts'

interface Family {
  readonly head: string[]
  readonly samples: string[]
}

/** Joins texts in the format of Prometheus. Their samples differ, because each has a label of its own. */
export function joinMetrics(texts: readonly string[]): string {
  const families = new Map<string, Family>()
  for (const text of texts) {
    let family: Family = { head: [], samples: [] }
    for (const line of text.split('\n')) {
      const [, what, name] = /^# (HELP|TYPE) (\S+)/.exec(line) ?? []
      if (name !== undefined) {
        family = families.get(name) ?? { head: [], samples: [] }
        families.set(name, family)
        if (!family.head.some((one) => one.startsWith(`# ${what} `))) family.head.push(line)
      } else if (line !== '') family.samples.push(line)
    }
  }
  return [...families.values()].flatMap(({ head, samples }) => [...head, ...samples]).join('\n')
}

/** The metrics about the workers themselves. */
export function workerMetricsText(workers: readonly WorkerMetrics[], names: { readonly up: Named; readonly restarts: Named }): string {
  const family = ({ name, help, kind }: Named, value: (of: WorkerMetrics) => number): readonly string[] => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${kind}`,
    ...workers.map((one) => `${name}{worker="${one.worker}"} ${value(one)}`),
  ]
  return [...family(names.up, ({ body }) => (body === null ? 0 : 1)), ...family(names.restarts, ({ restarts }) => restarts), ''].join('\n')
}

interface Named {
  readonly name: string
  readonly help: string
  readonly kind: string
}
