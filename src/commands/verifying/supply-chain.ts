/** What a project installs, as `plinth verify` sees it: a list in CycloneDX, and the advisories of the registry. */

import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { VerifiedClaim } from '../../verify/report/claims-of.ts'
import type { NotTested } from '../../verify/report/report-of.ts'
import { type Advisory, supplyClaims } from '../../verify/report/supply-claims.ts'
import type { Environment } from '../terminal/environment.ts'
import { runGroup } from './review/run-group.ts'

/** What was found, as parts of the report. */
export interface SupplyChain {
  readonly claims: readonly VerifiedClaim[]
  readonly notTested: readonly NotTested[]
  /** The list in CycloneDX; null where it could not be made. */
  readonly sbom: string | null
}

/** Where to look. */
export interface SupplyOptions {
  /** The folder of the design. */
  readonly folder: string
  readonly cwd: string
  readonly env: Environment
  readonly command: string
}

const LOCK = 'package-lock.json'
/** A registry that does not answer within this time is not waited for. */
const LONGEST_MS = 20_000
/** Characters of a list of components. One has some thousand for each. */
const MOST_TEXT = 64 * 1024 * 1024

/** Lists and checks the components of the project in a folder. Without a lock file there is nothing to list. */
export async function supplyChain({ folder, cwd, env, command }: SupplyOptions): Promise<SupplyChain> {
  const skipped = (what: string, why: string): NotTested => ({ what, count: null, why, kind: 'missing' })
  const path = join(folder, LOCK)
  if (!existsSync(path)) {
    const why = `the folder of the design has no ${LOCK}`
    return { claims: [], sbom: null, notTested: [skipped('components and their advisories', why)] }
  }
  const run = (program: string, args: readonly string[]): Promise<Ended> => endOf(program, args, { folder, env })
  const own = join(folder, 'node_modules', '.bin', 'cyclonedx-npm')
  const [by, listing] = existsSync(own)
    ? ([
        'cyclonedx-npm',
        await run(own, ['--package-lock-only', '--omit', 'dev', '--output-format', 'JSON', '--output-file', '-']),
      ] as const)
    : (['npm sbom', await run('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only', '--omit', 'dev'])] as const)
  const audit = await run('npm', ['audit', '--json', '--package-lock-only', '--omit', 'dev'])
  const listed = componentsOf(listing.output)
  const advisories = advisoriesOf(audit.output)
  const claims = supplyClaims({
    file: relative(cwd, path) || LOCK,
    locked: lockedIn(readFileSync(path, 'utf8')),
    listed,
    by,
    advisories,
    command,
  })
  return {
    claims,
    sbom: listed === null ? null : listing.output,
    notTested: [
      ...(listed === null ? [skipped('the list of components', `${by} made none: ${listing.said}`)] : []),
      ...(advisories === null ? [skipped('advisories about components', `no registry answered npm audit: ${audit.said}`)] : []),
    ],
  }
}

interface Ended {
  readonly output: string
  /** The end of what it said, for people. */
  readonly said: string
}

async function endOf(
  program: string,
  args: readonly string[],
  { folder, env }: { readonly folder: string; readonly env: Environment },
): Promise<Ended> {
  try {
    const { output, errors, cut } = await runGroup({ program, args, cwd: folder, env, withinMs: LONGEST_MS, mostText: MOST_TEXT })
    return { output: cut === null ? output : '', said: cut ?? reasonIn(output, errors) }
  } catch (error) {
    return { output: '', said: (error as Error).message }
  }
}

function reasonIn(output: string, errors: string): string {
  const { message, error } = (parsed(output) ?? {}) as { readonly message?: unknown; readonly error?: { readonly summary?: unknown } }
  return String(message ?? error?.summary ?? errors.trim().split('\n').at(-1) ?? '').slice(0, 200) || 'without a message'
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The components of a document in CycloneDX, with nested ones; null for any other text. */
export function componentsOf(text: string): readonly string[] | null {
  const document = parsed(text) as { readonly bomFormat?: unknown; readonly components?: readonly Component[] } | null
  if (document?.bomFormat !== 'CycloneDX') return null
  const all = (components: readonly Component[] = []): readonly string[] =>
    components.flatMap(({ group, name, version, components: inner }) => [`${group ? `${group}/` : ''}${name}@${version}`, ...all(inner)])
  return all(document.components)
}

interface Component {
  readonly group?: string
  readonly name?: string
  readonly version?: string
  readonly components?: readonly Component[]
}

interface LockedPackage {
  readonly name?: string
  readonly version?: string
  readonly dev?: boolean
  readonly devOptional?: boolean
  readonly optional?: boolean
  readonly peer?: boolean
  readonly link?: boolean
}

/** What a lock file installs without the development: `name@version`. Optional packages may be for other systems. */
export function lockedIn(text: string): readonly string[] {
  const { packages = {} } = (parsed(text) ?? {}) as { readonly packages?: Readonly<Record<string, LockedPackage>> }
  const names = Object.entries(packages).flatMap(([path, { name, version, dev, devOptional, optional, peer, link }]) => {
    const isLeftOut = path === '' || !path.includes('node_modules/') || [dev, devOptional, optional, peer, link].includes(true)
    return isLeftOut || version === undefined ? [] : [`${name ?? path.slice(path.lastIndexOf('node_modules/') + 13)}@${version}`]
  })
  return [...new Set(names)].sort()
}

/** The advisories of `npm audit`; null for an answer without any list, as where no registry answers. */
export function advisoriesOf(text: string): readonly Advisory[] | null {
  const { vulnerabilities, error } = (parsed(text) ?? {}) as {
    readonly error?: unknown
    readonly vulnerabilities?: Readonly<Record<string, { readonly severity?: string; readonly via?: readonly unknown[] }>>
  }
  if (error !== undefined || vulnerabilities === undefined) return null
  return Object.entries(vulnerabilities).map(([component, { severity = 'unknown', via = [] }]) => ({
    ...{ component, severity },
    about: via
      .map((one) => (typeof one === 'string' ? `through ${one}` : String((one as { readonly title?: unknown }).title ?? '')))
      .join('; '),
  }))
}
