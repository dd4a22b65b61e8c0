/** The claims about the components that a project installs: that all are listed, and that none has a known weakness. */

import type { ClaimVerdict, VerifiedClaim } from './claims-of.ts'
import type { Evidence } from './evidence-of.ts'

/** A weakness of a component, as the registry knows it. */
export interface Advisory {
  readonly component: string
  readonly severity: string
  /** What is wrong, or through which component. */
  readonly about: string
}

/** What is known of the components of a project. */
export interface Components {
  /** The name of the lock file, as the report names files. */
  readonly file: string
  /** Components of the lock file: `name@version`. */
  readonly locked: readonly string[]
  /** Those that the list in CycloneDX has; null where it could not be made. */
  readonly listed: readonly string[] | null
  /** The program that made the list. */
  readonly by: string
  /** Null where no registry answered. */
  readonly advisories: readonly Advisory[] | null
  readonly command: string
}

/** Severities that make the claim fail. Others are listed. */
const SEVERE: ReadonlySet<string> = new Set(['high', 'critical'])

/** Both claims. What could not be asked is not tested, and never passed; nothing can be asked of a lock file without components. */
export function supplyClaims({ file, locked, listed, by, advisories, command }: Components): readonly VerifiedClaim[] {
  const known = new Set(listed ?? [])
  const missing = locked.filter((name) => !known.has(name))
  const severe = (advisories ?? []).filter(({ severity }) => SEVERE.has(severity))
  const weak = new Set(severe.map(({ component }) => component))
  const sound = locked.filter((name) => !weak.has(name.slice(0, name.lastIndexOf('@'))))
  const holds = locked.length > 0 ? 'holds' : 'not-tested'
  return [
    claimOf({
      ...{ id: 'supply/components', file, command },
      claim: 'A list in CycloneDX has every component that the project installs.',
      oracle: 'the lock file of npm',
      text: `${by}; sbom.cdx.json beside the report`,
      total: locked.length,
      sound: listed === null ? [] : locked.filter((name) => known.has(name)),
      verdict: listed === null ? 'not-tested' : missing.length > 0 ? 'fails' : holds,
      evidence:
        listed === null
          ? []
          : missing.map((name) => evidenceOf('supply/components', { component: name, wrong: 'the list does not have it', fix: LIST_FIX })),
    }),
    claimOf({
      ...{ id: 'supply/advisories', file, command },
      claim: 'No component that the project installs has a known weakness that is high or critical.',
      oracle: 'the advisories of the registry',
      text: 'npm audit, without what only the development needs',
      total: locked.length,
      sound: advisories === null ? [] : sound,
      verdict: advisories === null ? 'not-tested' : severe.length > 0 ? 'fails' : holds,
      evidence: severe.map(({ component, severity, about }) =>
        evidenceOf('supply/advisories', { component, wrong: `${severity}: ${about}`, fix: fixOf(component) }),
      ),
    }),
  ]
}

interface Parts {
  readonly id: string
  readonly file: string
  readonly command: string
  readonly claim: string
  readonly oracle: string
  readonly text: string
  readonly total: number
  /** The components of which the claim holds. */
  readonly sound: readonly string[]
  readonly verdict: ClaimVerdict
  readonly evidence: readonly Evidence[]
}

function claimOf({ id, file, command, claim, oracle, text, total, sound, verdict, evidence }: Parts): VerifiedClaim {
  const isTested = verdict !== 'not-tested'
  return {
    id,
    family: 'supply',
    claim,
    from: { file, line: null, path: '', rule: '' },
    method: { kind: 'components', oracle, doors: [], text },
    denominator: {
      ...{ what: 'components', total, impossible: 0, unreachable: 0, open: 0 },
      untested: isTested ? 0 : total,
      reachable: isTested ? total : 0,
    },
    result: { verdict, reached: sound.length, cases: sound.length + evidence.length, failed: evidence.length, undecided: 0 },
    unreachable: [],
    open: [],
    untested: [],
    evidence,
    passed: sound.map((component) => `${id}/${component}`),
    reproduce: { command },
  }
}

const LIST_FIX = 'Write the lock file again with npm install, or make the list with @cyclonedx/cyclonedx-npm as a development dependency.'

function fixOf(component: string): string {
  return `Update ${component}, or what needs it: npm audit fix. npm ls ${component} says what needs it.`
}

interface Found {
  readonly component: string
  readonly wrong: string
  /** What to do. */
  readonly fix: string
}

function evidenceOf(claim: string, { component, wrong, fix }: Found): Evidence {
  return {
    ...{ case: `${claim}/${component}`, caller: 'the lock file', request: component, body: null, status: 0, expected: [] },
    ...{ because: fix, atoms: {}, wrong, answer: null, ms: 0 },
  }
}
