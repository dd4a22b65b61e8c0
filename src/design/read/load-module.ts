/**
 * Designs in TypeScript and JavaScript: executed to get their data. `import … from 'plinth'` in such a design is this very Plinth, whatever is or is not
 * installed beside it, and each execution sees the files as they are now.
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

/** How long a design may take to give its data. */
const TIME_LIMIT_MS = 10_000

/** The mark on the address of every module of one execution: a new mark means the files are read anew. */
const MARK = 'plinth-design'

const sourceIndex = new URL('../../index.ts', import.meta.url)
const index = existsSync(sourceIndex) ? sourceIndex.href : new URL('../../index.js', import.meta.url).href

let loads = 0
let hooked = false
/** Files loaded by each execution that is under way, by its number. */
const loading = new Map<string, Set<string>>()

/**
 * Executes a design file. `shown` is the name that findings use.
 *
 * A design that throws, waits for ever, or exports no data is a finding.
 */
export async function loadModule(path: string, shown: string): Promise<DesignRead> {
  hookModules()
  const mark = String(++loads)
  const files = new Set([path])
  loading.set(mark, files)
  const report = reportOn(moduleSource(shown, [path]))
  try {
    const module: unknown = await inTime(import(`${pathToFileURL(path).href}?${MARK}=${mark}`))
    const source = moduleSource(shown, [...files])
    return { ...exported(module, source, report), files: [...files] }
  } catch (error) {
    return { ok: false, diagnostics: diagnosticsOf([thrownFinding(error, { path, shown })]), files: [...files] }
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

/** A package that a design imports may import Plinth too: what is installed beside it, or this one. */
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
      // a folder without a package.json of type module is no reason to read a design as CommonJS
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

async function inTime<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`it gave no data within ${TIME_LIMIT_MS / 1000} s`)), TIME_LIMIT_MS)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
