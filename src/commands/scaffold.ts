/** `plinth scaffold`: writes a first test beside each action and hook that no test of the project runs. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Model } from '../model/model.ts'
import type { PlannedWorld } from '../verify/cases/questions.ts'
import { referenceOf } from '../verify/expected/reference.ts'
import type { WrittenDesign } from '../verify/expected/written-design.ts'
import type { UntestedLogic } from '../verify/review/own-tests.ts'
import { worldOf } from '../verify/worlds/world-of.ts'
import { actionSketches, hookSketches, type Sketch } from './scaffolding/sketch.ts'
import { testText } from './scaffolding/test-text.ts'
import { unusableDesign } from './setup/describe-design.ts'
import { loadDesign } from './setup/load-design.ts'
import type { Io, Outcome } from './terminal/command.ts'
import { count } from './terminal/layout.ts'
import { sampleVariables } from './verifying/backend/sample-variables.ts'
import { type OwnLogic, ownLogic, type PlacedLogic, untestedLogic } from './verifying/review/own-logic.ts'
import { relativeTo } from './verifying/review/relative-to.ts'
import { nodeFlags, ownTestFiles, runOwnTests } from './verifying/review/run-own-tests.ts'

/** How long the tests of the project may take, which say what is untested. */
const WITHIN_MS = 300_000
/** Where the variables of a design lead in tests. No server listens there. */
const NOWHERE = 'http://127.0.0.1:9'
const PLAIN_SECRET = `whsec_${Buffer.alloc(24, 'test').toString('base64')}`
const PLAIN_TEXT = 'value-for-tests-'.repeat(3)

/** The arguments and options of the command. */
export interface ScaffoldInput {
  readonly design: string | undefined
  /** `dry`: says what would be written. */
  readonly run: 'write' | 'dry'
}

/** A first test that was written, or would be. */
export interface ScaffoldedTest {
  readonly kind: string
  readonly name: string
  /** Relative to the folder of the design. */
  readonly file: string
  /** How many tests it has; 0 if none was written. */
  readonly tests: number
  /** Why none was written; null if one was. */
  readonly why: string | null
}

/**
 * Runs the tests of the project to see what they do not run, and writes a first test for each action and hook among that. Files that exist
 * are never changed. Exit code 1 when the design has errors, or the tests of the project take too long.
 *
 * @throws UsageError without a design.
 */
export async function scaffold(input: ScaffoldInput, io: Io): Promise<Outcome> {
  const loaded = await loadDesign(input.design, io.cwd)
  const { model } = loaded
  if (model === null) return unusableDesign(loaded, io.style)
  const logic = ownLogic(loaded)
  const { folder } = logic
  const files = ownTestFiles(folder)
  const ran =
    files.length === 0
      ? { coverage: [], called: new Set<string>(), ended: null }
      : await runOwnTests({ ...{ folder, files, logic: logic.files }, env: io.env, flags: nodeFlags(io.self.command), withinMs: WITHIN_MS })
  if (ran.ended !== null)
    return {
      exit: 1,
      data: { tests: [] },
      text: '',
      reason: { message: `the tests of the project say nothing: ${ran.ended}`, hint: 'run them with node --test' },
    }
  const design = loaded.written as WrittenDesign
  const world = worldOf(design, model, '')
  const asking = { reference: referenceOf(design, model, world.rows), world }
  const tests = untestedLogic(logic, model, ran).map((one) =>
    firstTest(one, { asking, model, logic, design: loaded.path, isDry: input.run === 'dry' }),
  )
  return { exit: 0, data: { tests }, text: textOf(tests, input.run) }
}

interface Scaffolding {
  readonly asking: PlannedWorld
  readonly model: Model
  readonly logic: OwnLogic
  /** The path of the design. */
  readonly design: string
  readonly isDry: boolean
}

function firstTest({ kind, name, file }: UntestedLogic, { asking, model, logic, design, isDry }: Scaffolding): ScaffoldedTest {
  const left = (why: string): ScaffoldedTest => ({ kind, name, file, tests: 0, why })
  const placed = logic.named.find((one) => one.kind === kind && one.name === name)
  const path = join(logic.folder, file)
  if (placed === undefined || (kind !== 'action' && kind !== 'hook'))
    return left('it runs apart from requests; test it by what leads to it, such as the action that adds the job')
  if (existsSync(path)) return left('the file exists, and its tests do not run it')
  const sketches = sketchesOf(asking, placed)
  if (sketches.length === 0) return left('no request with a known answer follows from the design')
  const from = relativeTo(dirname(path), design)
  const text = testText(asking.reference, {
    about: `${kind} ${name}`,
    design: from.startsWith('.') ? from : `./${from}`,
    variables: plainVariables(model),
    sketches,
  })
  if (!isDry) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { flag: 'wx' })
  }
  return { kind, name, file, tests: sketches.length, why: null }
}

/** Values for the variables of the design that are the same each time, and no secrets. */
function plainVariables(model: Model): Readonly<Record<string, string>> {
  const plain = (value: string): string => {
    if (value.startsWith('whsec_')) return PLAIN_SECRET
    return /^[a-z]+:\/\//.test(value) ? value : PLAIN_TEXT
  }
  return Object.fromEntries(Object.entries(sampleVariables(model, NOWHERE)).map(([name, value]) => [name, plain(value)]))
}

function sketchesOf(asking: PlannedWorld, { kind, action, at }: PlacedLogic): readonly Sketch[] {
  if (kind === 'action') return action === null ? [] : actionSketches(asking, action)
  const entity = asking.reference.model.entities.find(({ name }) => name === at[1])
  const hook = entity?.hooks.find(({ moment }) => moment === at[3])
  return entity === undefined || hook === undefined ? [] : hookSketches(asking, entity, hook)
}

function textOf(tests: readonly ScaffoldedTest[], run: ScaffoldInput['run']): string {
  if (tests.length === 0) return 'every action, hook and piece of code is run by a test'
  const written = tests.filter(({ why }) => why === null)
  return [
    ...written.map(
      ({ kind, name, file, tests: n }) => `  ${run === 'dry' ? 'would write' : 'wrote'}  ${file}   ${kind} ${name}, ${count(n, 'test')}`,
    ),
    ...tests.flatMap(({ kind, name, why }) => (why === null ? [] : [`  left out  ${kind} ${name}: ${why}`])),
    ...(written.length === 0 || run === 'dry' ? [] : ['run them: node --test']),
  ].join('\n')
}
