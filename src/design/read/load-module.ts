/**
 * Loads designs in TypeScript and JavaScript. `import … from 'plinth'` in a design resolves to the running Plinth, not to a package
 * installed beside the design. Each load reads the design's files again.
 */

import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Report } from '../findings/report.ts'
import { quote, reportOn } from '../findings/report.ts'
import type { DesignRead, Source } from '../findings/source.ts'
import { moduleSource } from '../findings/source.ts'
import { diagnosticsOf } from './read-findings.ts'
import { thrownFinding } from './thrown.ts'

/** The time a design has to export its data, in milliseconds. */
const TIME_LIMIT_MS = 10_000
const STEPS = 100

/** The parameter in the URL of every module of one load. A new value makes Node read the files again. */
const MARK = 'plinth-design'

const sourceIndex = new URL('../../index.ts', import.meta.url)
const index = existsSync(sourceIndex) ? sourceIndex.href : new URL('../../index.js', import.meta.url).href

let loads = 0
let hooked = false
/** Files of each load in progress, by the number of the load. */
const loading = new Map<string, Set<string>>()

/**
 * Executes a design file and returns its default export. A design that throws, does not finish in 10 s, or exports no data gives a finding.
 *
 * @param shown the name of the file in findings.
 */
export async function loadModule(path: string, shown: string): Promise<DesignRead> {
  const report = reportOn(moduleSource(shown, [path]))
  const { module, files } = await importAnew(path)
  if (!module.ok) return { ok: false, diagnostics: diagnosticsOf([thrownFinding(module.error, { path, shown })]), files }
  return { ...exported(module.value, moduleSource(shown, files), report), files }
}

/** A module of the author that was executed, or what it threw, and the files that were read. */
export interface Imported {
  readonly module: { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown }
  readonly files: readonly string[]
}

/** Reads and executes a module and the files that it imports, even if they were read before. Never throws. */
export async function importAnew(path: string): Promise<Imported> {
  hookModules()
  const mark = String(++loads)
  const files = new Set([path])
  loading.set(mark, files)
  try {
    const value: unknown = await inTime(import(`${pathToFileURL(path).href}?${MARK}=${mark}`))
    return { module: { ok: true, value }, files: [...files] }
  } catch (error) {
    return { module: { ok: false, error }, files: [...files] }
  } finally {
    loading.delete(mark)
  }
}

/** The default export, which must be data. */
function exported(module: unknown, source: Source, report: Report): DesignRead {
  const design = (module as { readonly default?: unknown }).default
  if (typeof design === 'object' && design !== null && !(design instanceof Promise))
    return { ok: true, design, source, files: source.files }
  if (design === undefined) report.add('PLN-D015', [], 'the file has no default export', 'write export default backend({ … })')
  else if (typeof design === 'function') report.add('PLN-D015', [], 'the default export is a function', 'export what it returns')
  else if (design instanceof Promise) report.add('PLN-D015', [], 'the default export is a promise', 'write export default await …')
  else report.add('PLN-D015', [], `the default export is ${quote(String(design))}`, 'write export default backend({ … })')
  return { ok: false, diagnostics: report.list, files: source.files }
}

const own = { url: index, shortCircuit: true }

/**
 * The result, or null when it throws. A package that a design imports may import Plinth; it gets the installed Plinth, or else the running
 * one.
 */
function resolved<T>(resolve: () => T): T | null {
  try {
    return resolve()
  } catch {
    return null
  }
}

/** Hooks the module loader of this process, once. */
function hookModules(): void {
  if (hooked) return
  hooked = true
  registerHooks({
    resolve(specifier, context, next) {
      const mark = markOf(context.parentURL)
      if (mark === null) return specifier === 'plinth' ? (resolved(() => next(specifier, context)) ?? own) : next(specifier, context)
      if (specifier === 'plinth') return own
      const found = next(specifier, context)
      if (!isLocal(specifier) || !found.url.startsWith('file:')) return found
      return { ...found, url: marked(found.url, mark) }
    },
    load(url, context, next) {
      const mark = markOf(url)
      if (mark === null) return next(url, context)
      loading.get(mark)?.add(fileURLToPath(withoutMark(url)))
      // a design is an ES module, also in a folder whose package.json says nothing about the type
      return next(url, /\.ts$/.test(withoutMark(url)) ? { ...context, format: 'module-typescript' } : context)
    },
  })
}

/** Only the design's own files are read anew; packages are shared with the process. */
function isLocal(specifier: string): boolean {
  return specifier.startsWith('.') || specifier.startsWith('/') || specifier.startsWith('file:')
}

function markOf(url: string | undefined): string | null {
  return url?.startsWith('file:') === true ? new URL(url).searchParams.get(MARK) : null
}

function marked(url: string, mark: string): string {
  const result = new URL(url)
  result.searchParams.set(MARK, mark)
  return result.href
}

function withoutMark(url: string): string {
  const result = new URL(url)
  result.search = ''
  return result.href
}

/** The limit is counted in steps. One that comes late counts once, so a process without a processor is not taken for a slow design. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  let steps = 0
  const timer = setInterval(() => {
    if (++steps === STEPS) reject(new Error(`it gave no data within ${TIME_LIMIT_MS / 1000} s`))
  }, TIME_LIMIT_MS / STEPS)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearInterval(timer)
  }
}
