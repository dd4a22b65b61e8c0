/** The section of findings: each failed case with its request, answer and fix. */

import type { VerifiedClaim } from '../claims-of.ts'
import type { Evidence } from '../evidence-of.ts'
import { commandOfCase } from '../repeat-command.ts'
import { reviewFinding, testFinding } from './code-section.ts'
import type { Figure } from './figures.ts'
import { html, type Markup, type MarkupPart } from './markup.ts'
import type { Page, Section } from './section.ts'

const SHOWN_PER_CLAIM = 5
/** Longer descriptions are folded after so many characters. */
const LONGEST_WRONG = 300

interface Found {
  readonly claim: VerifiedClaim
  readonly evidence: Evidence
  /** The place of both in the report. */
  readonly at: string
}

/** Every failed case, by claim, those with most failed cases first: they are nearest to the cause. Of many of one claim, the first. */
export function findingsSection({ report, figure }: Page): Section {
  const found = report.claims.flatMap((claim, i): readonly (readonly Found[])[] => {
    const failed = claim.evidence.flatMap((evidence, j): readonly Found[] =>
      evidence.wrong === null ? [] : [{ claim, evidence, at: `/claims/${i}/evidence/${j}` }],
    )
    return failed.length === 0 ? [] : [failed]
  })
  found.sort((a, b) => b.length - a.length)
  const none = html`<p>No case failed: ${figure('/totals/failed')} of ${figure('/totals/cases')}.</p>`
  const each = found.map((failed) => [
    failed.slice(0, SHOWN_PER_CLAIM).map((one) => findingOf(one, figure)),
    failed.length > SHOWN_PER_CLAIM &&
      html`<p class="note">These are the first of ${failedOf(failed, figure)} cases of this claim that failed: see report.json</p>`,
  ])
  return { id: 'findings', title: 'Findings', body: html`${found.length === 0 ? none : null}\n${each}` }
}

/** How many cases of a claim failed. */
function failedOf([first]: readonly Found[], figure: Figure): MarkupPart {
  return first === undefined ? null : figure(`${first.at.split('/').slice(0, 3).join('/')}/result/failed`)
}

function findingOf(one: Found, figure: Figure): Markup {
  switch (one.claim.family) {
    case 'tests':
      return testFinding(one.evidence)
    case 'review':
    case 'supply':
      return reviewFinding(one.evidence)
    default:
      return finding(one, figure)
  }
}

function finding({ claim, evidence, at }: Found, figure: Figure): Markup {
  const { file, line, path, rule } = claim.from
  const caller = evidence.caller === 'anonymous' ? 'an anonymous caller' : html`account <code>${evidence.caller}</code>`
  const expected = evidence.expected.map((_, i) => [i > 0 && ' or ', figure(`${at}/expected/${i}`)])
  const answer = evidence.answer === null ? null : folded('What was answered', evidence.answer)
  return html`<article class="finding"><h3><code>${evidence.case}</code></h3>
<p>${claim.claim}</p>
<dl>
<dt>Asked</dt><dd>${caller}: <code>${evidence.request}</code>${folded('Body of the request', evidence.body)}</dd>
<dt>Answer</dt><dd>${figure(`${at}/status`)}: ${wrongOf(evidence)}${answer}</dd>
<dt>Expected</dt><dd>${expected} because ${evidence.because}</dd>
${rule === '' ? null : html`<dt>Rule</dt><dd><code>${rule}</code><div class="note">${atoms(evidence)}</div></dd>`}
<dt>Where</dt><dd><code>${file}${line === null ? '' : `:${line}`}</code> ${path}</dd>
<dt>Again</dt><dd><code>${commandOfCase(claim.reproduce.command, claim.id, evidence.case)}</code></dd>
<dt>Fix</dt><dd>${fixOf(claim)}</dd>
</dl></article>`
}

/** What differs. Of a long text, the beginning, and all of it behind a click. */
function wrongOf({ wrong }: Evidence): MarkupPart {
  const text = wrong ?? ''
  return text.length <= LONGEST_WRONG ? text : [`${text.slice(0, LONGEST_WRONG)}…`, folded('All of it', text)]
}

/** Whether one door alone differs, or the rule everywhere. */
function fixOf({ id, evidence, method }: VerifiedClaim): string {
  if (!id.startsWith('access/')) return 'Compare what is expected with what the design means. If it is right, report it with report.json.'
  const doors = new Set(evidence.filter(({ wrong }) => wrong !== null).map((one) => one.case.split('/').at(-1)))
  return doors.size < method.doors.length
    ? `It differs at ${[...doors].join(', ')}, and not at the other ways to ask (${method.doors.length} in all): a defect of Plinth or of a patch of it. Report it with report.json.`
    : 'It differs at every way to ask. Compare the rule in the design with what is meant; if the rule is right, report it with report.json.'
}

function atoms({ atoms: values }: Evidence): MarkupPart {
  return Object.entries(values).map(
    ([name, value]) => html` <span class="atom">${name} <b>${value === null ? 'unknown' : String(value)}</b></span>`,
  )
}

/** A text that is opened by a click; null for no text. */
function folded(name: string, value: unknown): Markup | null {
  if (value === null || value === undefined) return null
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 1)
  return html`<details><summary>${name}</summary><pre tabindex="0">${text}</pre></details>`
}
