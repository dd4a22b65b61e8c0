/** Writes results into the repository: figures as JSON, tables in docs/performance.md between markers, and plots beside it. */

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BENCH, ROOT } from '../base/folders.ts'
import { medianOf, type Results } from '../measure/results.ts'
import { OPERATIONS, type Operation } from '../requests/operations.ts'
import type { ServerName } from '../servers/servers.ts'
import { barPlot } from './plot.ts'
import { comparisonOf, count } from './report.ts'

const RESULTS = join(BENCH, 'results')
const DOCS = join(ROOT, 'docs')

/** The generated parts of docs/performance.md. */
export type Part = 'comparison' | 'growth' | 'micro'

/** Writes the results of a comparison. Returns the files. */
export async function publish(results: Results): Promise<readonly string[]> {
  return [
    await keep(`${results.date.slice(0, 10)}.json`, results),
    await writePlot('performance.svg', barPlot(panelsOf(results), count)),
    await writePart('comparison', comparisonOf(results)),
  ]
}

/** Writes figures to `results/`, one line for each measurement. Returns the file. */
export async function keep(name: string, value: object): Promise<string> {
  const file = join(RESULTS, name)
  await mkdir(RESULTS, { recursive: true })
  const lines = Object.entries(value).map(([key, part]) => {
    const text = Array.isArray(part) ? `[\n${part.map((one) => `    ${JSON.stringify(one)}`).join(',\n')}\n  ]` : JSON.stringify(part)
    return `  ${JSON.stringify(key)}: ${text}`
  })
  await writeFile(file, `{\n${lines.join(',\n')}\n}\n`)
  return file
}

/** Writes a plot to `docs/`. Returns the file. */
export async function writePlot(name: string, svg: string): Promise<string> {
  const file = join(DOCS, name)
  await writeFile(file, svg)
  return file
}

/** Replaces a generated part of the page. Returns the file. @throws Error when the page has no markers for it. */
export async function writePart(part: Part, text: string): Promise<string> {
  const file = join(DOCS, 'performance.md')
  const page = await readFile(file, 'utf8')
  const [begin, end] = [`<!-- ${part}: begin -->`, `<!-- ${part}: end -->`]
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${file} has no markers for ${part}`)
  await writeFile(file, `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`)
  return file
}

const PLOTTED: readonly Operation[] = ['get', 'list', 'create', 'update', 'hot', 'invalid']

function panelsOf(results: Results) {
  return PLOTTED.flatMap((operation) => {
    const bars = (Object.keys(results.servers) as ServerName[]).flatMap((name) => {
      const median = medianOf(results, name, { operation, connections: 32, rate: null })
      return median === null ? [] : [{ label: name, value: median.perSecond, own: name === 'plinth' }]
    })
    return bars.length === 0 ? [] : [{ title: OPERATIONS[operation].title, bars }]
  })
}
