import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NotTested } from '../../../verify/report/report-of.ts'
import { PLAIN } from '../../terminal/style.ts'
import { notTestedText } from './not-tested-text.ts'

const FILES = ['verify/report.html', 'verify/report.json']

function left(what: string, why: string, kind: NotTested['kind'] = 'missing', count: number | null = null): NotTested {
  return { what, why, kind, count }
}

test('what was not tested is one line for options and one for each reason, and never more than eight lines', () => {
  const few = [
    left('performance', 'left out by --quick', 'excluded'),
    left('jobs', 'no cases for them'),
    left('cases', 'left out by --only', 'excluded', 12),
    left('own tests', 'left out by --only', 'excluded'),
    left('races/Post: same-key', 'no row leads to it'),
    left('races/User: same-key', 'no row leads to it'),
  ]
  assert.deepEqual(notTestedText(few, { style: PLAIN, files: FILES }), [
    '  NOT TESTED   performance: left out by --quick; 12 cases, own tests: left out by --only',
    '  NOT TESTED   races/Post: same-key, races/User: same-key: no row leads to it',
    '  NOT TESTED   jobs: no cases for them',
  ])
  const reasons = Array.from({ length: 12 }, (_, i) => left(`part ${i}`, `reason ${i}`))
  const many = [...few, ...reasons, ...Array.from({ length: 30 }, (_, i) => left(`races/Entity${i}: same-version`, 'no row leads to it'))]
  const lines = notTestedText(many, { style: PLAIN, files: FILES })
  assert.equal(lines.length, 8)
  assert.match(lines[1] ?? '', /^ {2}NOT TESTED {3}races\/Post: same-key, .* and 28 more: no row leads to it$/)
  assert.equal(lines[7], '  NOT TESTED   and 8 more parts for 8 other reasons: see verify/report.html')
})

test('a single long part is shown whole, and control characters are not', () => {
  const [line] = notTestedText([left(`${'x'.repeat(150)}\u001b`, 'why')], { style: PLAIN, files: FILES })
  assert.equal(line, `  NOT TESTED   ${'x'.repeat(150)} : why`)
  assert.deepEqual(notTestedText([], { style: PLAIN, files: FILES }), [])
})
