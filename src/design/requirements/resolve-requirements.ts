/** Resolves requirements: finds the parts of the design that meet them. */

import type { Action } from '../../model/action.ts'
import { actionLabel } from '../../model/action-tree.ts'
import type { Requirement, RequirementPart, RequirementQuestion, RequirementStatus } from '../../model/parts/requirement.ts'
import { mustBeRefused, type Scenario } from '../../model/parts/scenario.ts'
import type { Design } from '../authoring/design.ts'
import type { QuestionDesign, RequirementDesign, RequirementWord } from '../authoring/requirements/requirement-design.ts'
import type { Report } from '../findings/report.ts'
import { quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { REQUIREMENT_WORDS } from '../language/language-goals.ts'
import type { Outline } from '../outline/outline.ts'
import { findPart, type MissingPart } from './part-path.ts'

const ID = /^[A-Za-z][\w.-]{0,39}$/
/** The path of a test file, and the name of a test in it. */
const TEST = /^((?:[\w@-][\w@.-]*\/)*[\w@-][\w@.-]*\.test\.[cm]?[jt]sx?)(?:#(.+))?$/

/** What requirements are resolved with. */
interface RequirementParts extends Pick<Parts, 'actions'> {
  readonly outline: Outline
  readonly report: Report
}

interface Parts {
  readonly design: Design
  readonly scenarios: readonly Scenario[]
  readonly actions: readonly Action[]
}

/** The requirements in the order of the design. Parts that are not there are reported and left out. */
export function resolveRequirements(
  design: Design,
  scenarios: readonly Scenario[],
  { outline, actions, report }: RequirementParts,
): readonly Requirement[] {
  return Object.entries(design.requirements ?? {}).map(([id, authored]) => {
    const at = ['requirements', id]
    if (!ID.test(id))
      report.add('PLN-D201', at, `${quote(id)} is not an id for a requirement`, 'write letters, digits and . - _, such as R12')
    const { word, names } = namedBy(authored)
    reportContradictions(authored, { word, names, at, report })
    const by = names.flatMap((name, i) => {
      if (report.full()) return []
      const part = partOf(name, { design, scenarios, actions })
      if (part.kind !== 'missing') return [part]
      const place = typeof authored.by === 'string' ? [...at, 'by'] : [...at, 'by', i]
      if (!isUnreadable(name, outline)) report.add('PLN-D700', place, part.message, part.hint)
      return []
    })
    return {
      id,
      text: authored.text,
      source: authored.source ?? null,
      status: word ?? (authored.by === undefined ? 'unmapped' : 'met'),
      by,
      because: authored.because ?? null,
      offer: authored.offer ?? null,
      assumed: authored.assumed ?? null,
      question: questionOf(authored.question, { at, report }),
    } satisfies Requirement & { status: RequirementStatus }
  })
}

/** Whether a name leads to a part that is there and could not be read. */
function isUnreadable(name: string, { broken, dropped }: Outline): boolean {
  return [...broken, ...dropped].some((key) => {
    const unread = (JSON.parse(key) as readonly string[]).join('.').replace(/^entities\./, '')
    return name === unread || name.startsWith(`${unread}.`)
  })
}

interface Named {
  /** Null if the requirement names parts, or nothing. */
  readonly word: RequirementWord | null
  /** The parts; words among them are left out. */
  readonly names: readonly string[]
}

function namedBy({ by }: RequirementDesign): Named {
  const all = by === undefined ? [] : typeof by === 'string' ? [by] : by
  const words = all.filter(isWord)
  return { word: words[0] ?? null, names: all.filter((name) => !isWord(name)) }
}

function isWord(name: string): name is RequirementWord {
  return (REQUIREMENT_WORDS as readonly string[]).includes(name)
}

function reportContradictions(
  { by, because, offer, assumed }: RequirementDesign,
  { word, names, at, report }: Named & { readonly at: Path; readonly report: Report },
): void {
  const add = (message: string, hint: string): void => report.add('PLN-D701', [...at, 'by'], message, hint)
  if (word !== null && (names.length > 0 || (Array.isArray(by) && by.length > 1)))
    add(`${quote(word)} says that no part of the design meets it, and other parts stand beside it`, `write by: ${word}, or only parts`)
  if ((word === 'refused' || word === 'outside') && because === undefined)
    add(`it is ${word}, and nothing says why`, 'write because: and the reason in a sentence')
  if (because !== undefined && (word === null || word === 'open'))
    report.add(
      'PLN-D701',
      [...at, 'because'],
      'only what is refused, given or outside has a reason',
      'remove because; for what was assumed there is assumed',
    )
  if (offer !== undefined && word !== 'refused')
    report.add('PLN-D701', [...at, 'offer'], 'only what is refused has an offer', 'remove offer, or write by: refused')
  if (assumed !== undefined && word !== null)
    report.add(
      'PLN-D701',
      [...at, 'assumed'],
      `an assumption belongs to parts that meet the requirement, and it is ${word}`,
      'remove assumed, or write by with these parts',
    )
}

function partOf(name: string, { design, scenarios, actions }: Parts): RequirementPart | MissingPart {
  const [whole, file, test] = TEST.exec(name) ?? []
  if (whole !== undefined && file !== undefined) return { kind: 'test', name, file, test: test ?? null }
  if (/[/#]/.test(name)) {
    const hint = 'write the path below the folder of the design, such as test/visits.test.ts or test/visits.test.ts#a name'
    return { kind: 'missing', message: `${quote(name)} is not a file of tests`, hint }
  }
  const found = findPart(design, name)
  if (found.kind === 'missing') return found
  const [root, scenario] = found.path
  if (root !== 'scenarios' || scenario === undefined) return { kind: 'design', name, path: found.path }
  const grants = scenarios.filter((one) => one.name === scenario).flatMap((one) => neededGrants(one, actions))
  return { kind: 'scenario', name, scenario: String(scenario), grants }
}

function questionOf(
  question: QuestionDesign | undefined,
  { at, report }: { readonly at: Path; readonly report: Report },
): RequirementQuestion | null {
  if (question === undefined) return null
  const { ask, options, taken = 1 } = question
  if (taken > options.length) {
    report.add('PLN-D105', [...at, 'question', 'taken'], `expected the number of one of ${options.length} options, found ${taken}`)
    return null
  }
  return { ask, options, taken }
}

/** The rules and actions without which the calls of a scenario could not be answered as they must be. */
function neededGrants({ calls }: Scenario, actions: readonly Action[]): readonly Path[] {
  return calls.flatMap((call): readonly Path[] => {
    if (mustBeRefused(call.expect)) return []
    if (call.kind === 'call') return actions.filter((action) => actionLabel(action) === call.action).map(({ at }) => at)
    // A list without rows may be one of a caller who may read none.
    if (call.kind === 'list' && (call.expect.finds ?? []).length === 0) return []
    return [['entities', call.entity, 'access', call.kind === 'get' || call.kind === 'list' ? 'read' : call.kind]]
  })
}
