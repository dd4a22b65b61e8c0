/** The logic of a project: what the design names, its files, and whether tests run it. */

import { readFileSync } from 'node:fs'
import { basename, dirname, extname, resolve } from 'node:path'
import { graphqlNames } from '../../../compile/graphql/names.ts'
import { readReference } from '../../../design/language/code-reference.ts'
import type { Action } from '../../../model/action.ts'
import type { Model } from '../../../model/model.ts'
import { type NamedLogic, namedLogic } from '../../../verify/review/named-logic.ts'
import type { CalledByTests, FileCoverage, UntestedLogic } from '../../../verify/review/own-tests.ts'
import type { LoadedDesign } from '../../setup/load-design.ts'
import { relativeTo } from './relative-to.ts'

const CODE: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs'])

/** One piece of logic, and where it is. */
export interface PlacedLogic extends NamedLogic {
  /** The absolute path of the file with its code; null for steps, and for code that is not written. */
  readonly file: string | null
  /** The reference of the design, such as `payments.ts#pay`; null for a function in the design, and for steps. */
  readonly reference: string | null
  /** The code as it was loaded; null for steps, and for code that is not written. */
  readonly loaded: ((...args: never[]) => unknown) | null
  /** The action; null for other logic. */
  readonly action: Action | null
}

/** The logic of a project. */
export interface OwnLogic {
  /** The folder of the design. */
  readonly folder: string
  readonly named: readonly PlacedLogic[]
  /** The absolute paths of the files of code: what the design names, what these files import, and a design with functions. */
  readonly files: readonly string[]
}

/** The logic of a design that was loaded. */
export function ownLogic({ path, files, model, unbound }: Pick<LoadedDesign, 'path' | 'files' | 'model' | 'unbound'>): OwnLogic {
  const folder = dirname(path)
  if (model === null || unbound === undefined) return { folder, named: [], files: [] }
  const loaded = namedLogic(model)
  const named = namedLogic(unbound).map((one, i): PlacedLogic => {
    const code = loaded[i]?.code ?? null
    const action = one.kind === 'action' ? (model.actions.find(({ at }) => at.join('.') === one.at.join('.')) ?? null) : null
    return {
      ...one,
      file: typeof code === 'function' ? fileOf(one.code, { path, folder }) : null,
      reference: typeof one.code === 'string' ? one.code : null,
      loaded: typeof code === 'function' ? code : null,
      action,
    }
  })
  const isInline = named.some(({ code }) => typeof code === 'function')
  // The files of the design come first, and then those of its code.
  const own = files.filter((file) => CODE.has(extname(file)) && !/\.(test|d)\.[mc]?[jt]s$/.test(basename(file)))
  return { folder, named, files: own.filter((file) => file !== path || isInline) }
}

function fileOf(code: NamedLogic['code'], { path, folder }: { readonly path: string; readonly folder: string }): string | null {
  if (typeof code !== 'string') return path
  const reference = readReference(code)
  return 'wrong' in reference ? null : resolve(folder, reference.path)
}

/** What tests have run. */
export interface RunByTests {
  readonly coverage: readonly FileCoverage[]
  readonly called: CalledByTests
}

/** The logic that no test runs: code whose function was not called, and actions of steps and routes that no request has called. */
export function untestedLogic({ folder, named }: OwnLogic, model: Model, { coverage, called }: RunByTests): readonly UntestedLogic[] {
  const names = graphqlNames(model)
  const routes = new Set([...called].map(plainRoute))
  const isCalled = (action: Action): boolean =>
    routes.has(plainRoute(`${action.address.method} ${action.address.path}`)) || called.has(`graphql ${names.actionOf(action).field}`)
  return named
    .filter((one) => {
      if (one.kind === 'routes')
        return !(model.routes?.declared ?? []).some(({ methods, path }) =>
          methods.some((method) => routes.has(plainRoute(`${method} ${path}`))),
        )
      if (one.action !== null && one.loaded === null) return !isCalled(one.action)
      return !wasRun(one, { folder, coverage })
    })
    .map(({ kind, name, file }) => ({ kind, name, file: testFileOf({ name, file }, folder) }))
}

/** A route without the names of its parameters. */
function plainRoute(route: string): string {
  return route.replaceAll(/\{[^{}]*\}|:[\w]+(\([^)]*\))?/g, '*')
}

/** The file of a first test for some logic: beside its code, or beside the design for steps. Relative to the folder of the design. */
function testFileOf({ name, file }: Pick<PlacedLogic, 'name' | 'file'>, folder: string): string {
  const beside = file === null ? '' : relativeTo(folder, dirname(file))
  return `${beside === '' ? '' : `${beside}/`}${name}.test.ts`
}

interface Covering {
  readonly folder: string
  readonly coverage: readonly FileCoverage[]
}

/** Whether the function of some logic was called: it is the one that begins in the same line. */
function wasRun({ file, loaded }: PlacedLogic, { folder, coverage }: Covering): boolean {
  if (file === null || loaded === null) return false
  const name = relativeTo(folder, file)
  const functions = coverage.filter((one) => one.file === name).flatMap((one) => one.functions)
  const line = lineOf(file, loaded)
  const there = line === null ? functions : functions.filter((one) => one.line === line)
  const same = there.filter((one) => one.name === loaded.name)
  return (same.length > 0 || line === null ? same : there).some(({ count }) => count > 0)
}

/** The line in which a function begins; null if its text is not found once. */
function lineOf(file: string, code: (...args: never[]) => unknown): number | null {
  const source = readFileSync(file, 'utf8')
  const text = code.toString()
  const places = placesOf(source, text)
  return places.length === 1 ? source.slice(0, places[0]).split('\n').length : null
}

/** Where a text of JavaScript stands in a source with types: Node has put spaces in place of types, so that all else stays where it is. */
function placesOf(source: string, text: string): readonly number[] {
  const [head = ''] = /^[^\s(]+/.exec(text) ?? []
  const found: number[] = []
  for (let at = source.indexOf(head); head !== '' && at !== -1; at = source.indexOf(head, at + 1)) {
    const isSame = text.split('').every((sign, i) => sign === source[at + i] || sign === ' ' || sign === ';')
    if (isSame) found.push(at)
  }
  return found
}
