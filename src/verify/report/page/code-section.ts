/** The section about the code of the project: its tests, and how much of its logic they run. */

import type { ReviewFinding } from '../../review/code-review.ts'
import type { Evidence } from '../evidence-of.ts'
import { bar } from './figures.ts'
import { html, type Markup } from './markup.ts'
import { type Page, type Section, table } from './section.ts'

/** The section; null for a run that left out the tests and the review. */
export function codeSection(page: Page): Section | null {
  const { tests, review } = page.report
  if (tests === null && review === null) return null
  return { id: 'code', title: 'Code of the project', body: html`${testsMarkup(page)}${reviewMarkup(page)}` }
}

function testsMarkup({ report, figure }: Page): Markup | null {
  const { tests } = report
  if (tests === null) return null
  const files = tests.files.map(
    ({ file }, i) =>
      html`<tr><th scope="row">${file}</th>${['passed', 'failed', 'skipped'].map((of) => html`<td>${figure(`/tests/files/${i}/${of}`)}</td>`)}</tr>`,
  )
  const logic = tests.logic.map(
    ({ file, missed }, i) =>
      html`<tr><th scope="row">${file}</th>${['lines', 'branches'].map(
        (of) => html`<td>${figure(`/tests/logic/${i}/${of}/covered`)} of ${figure(`/tests/logic/${i}/${of}/total`)}</td>`,
      )}<td>${missed === '' ? 'none' : missed}</td></tr>`,
  )
  const share = (name: string, of: string): Markup =>
    bar(report, figure, { name, reached: `/tests/${of}/covered`, total: `/tests/${of}/total` })
  const isWhole = tests.ended === null && tests.files.length > 0
  return html`<h3>Own tests</h3>
<p>${figure('/tests/passed')} passed, ${figure('/tests/failed')} failed, ${figure('/tests/skipped')} skipped, in ${figure('/tests/seconds')} s.${tests.ended === null ? null : html` Not all are known: ${tests.ended}.`}</p>
${files.length === 0 ? html`<p>The folder of the design has no file <code>*.test.ts</code>.</p>` : table('Test files', ['file', 'passed', 'failed', 'skipped'], files)}
${logic.length === 0 || !isWhole ? null : html`<h3>Logic that they run</h3>${share('Lines', 'lines')}${share('Branches', 'branches')}${table('Files of the logic', ['file', 'lines', 'branches', 'lines not run'], logic)}`}
${tests.untested.length === 0 ? null : html`<h3>Logic without a test</h3><p class="note">Of ${figure('/tests/named')} actions, hooks and other code. <code>plinth scaffold</code> writes a first test for actions and hooks.</p><ul>${tests.untested.map(({ kind, name, file }) => html`<li>${kind} <b>${name}</b>: <code>${file}</code></li>`)}</ul>`}`
}

function reviewMarkup({ report: { review }, figure }: Page): Markup | null {
  if (review === null) return null
  const parts = review.parts.map(
    ({ check, looked, why }) =>
      html`<li><b>${check}</b>: ${looked}${why === null ? null : html` <span class="tag not-tested">left out</span> ${why}`}</li>`,
  )
  const costs = review.costs.map(
    ({ code }, i) =>
      html`<tr><th scope="row">${code}</th>${['runs', 'ms', 'statements'].map((of) => html`<td>${figure(`/review/costs/${i}/${of}`)}</td>`)}</tr>`,
  )
  const found = review.findings.filter(({ level }) => level !== 'note')
  const notes = review.findings.filter(({ level }) => level === 'note')
  return html`<h3>Review</h3><ul>${parts}</ul>
${costs.length === 0 ? null : table('What code costs', ['code', 'runs', 'fastest, ms', 'statements'], costs)}
${found.length === 0 ? html`<p>No warning.</p>` : found.map(reviewArticle)}
${notes.length === 0 ? null : html`<details><summary>Notes</summary>${notes.map(reviewArticle)}</details>`}`
}

function reviewArticle({ name, level, path, file, line, what, fix }: ReviewFinding): Markup {
  const place = file === null ? null : html`<code>${file}${line === null ? '' : `:${line}`}</code> `
  return html`<article class="finding"><h4><code>${name}</code> <span class="tag ${level === 'error' ? 'fails' : 'undecided'}">${level}</span></h4>
<dl><dt>Where</dt><dd>${place}${path}</dd><dt>What</dt><dd>${what}</dd><dt>Fix</dt><dd>${fix}</dd></dl></article>`
}

/** A finding about no request: an error of the review, or a component with a weakness. */
export function reviewFinding({ case: name, request, wrong, because }: Evidence): Markup {
  return html`<article class="finding"><h3><code>${name}</code></h3>
<dl><dt>Where</dt><dd><code>${request}</code></dd><dt>What</dt><dd>${wrong ?? ''}</dd><dt>Fix</dt><dd>${because}</dd></dl></article>`
}

/** A test of the project that failed. */
export function testFinding({ case: name, wrong, request }: Evidence): Markup {
  return html`<article class="finding"><h3><code>${name}</code></h3>
<dl><dt>Failed</dt><dd><pre tabindex="0">${wrong ?? ''}</pre></dd><dt>Again</dt><dd><code>${request}</code></dd><dt>Fix</dt><dd>The test says what the project promises. Correct the code or the design, or the test.</dd></dl></article>`
}
