import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'

const MODULES = {
  watchdog: new URL('./watchdog.ts', import.meta.url),
  running: new URL('../run/running-code.ts', import.meta.url),
  memo: new URL('../../base/memo.ts', import.meta.url),
}
const LIMIT_MS = 200
const BLOCKED_MS = 1_500

/** What a watched process does while code is recorded as running. Its own frames are in no file, as those of Node are. */
const WORK = {
  /** Loops outside of Plinth, as a package may that the code uses. */
  loops: 'for (;;);',
  'loops for a while': 'block()',
  /** Works for Plinth, while the code waits. */
  'waits for Plinth': 'memoText(1, block)("")',
} as const

/** Runs a process that blocks its event loop, and gives what the watchdog reports of it. */
async function reported(
  work: keyof typeof WORK,
  { options = [], ends = true }: { readonly options?: readonly string[]; readonly ends?: boolean } = {},
): Promise<readonly string[]> {
  const script = `
    import { startWatchdog } from '${MODULES.watchdog}'
    import { openRunningCode } from '${MODULES.running}'
    import { memoText } from '${MODULES.memo}'
    const running = openRunningCode()
    startWatchdog(running, { limitMs: ${LIMIT_MS}, report: 3 })
    running.begin('hook Note.beforeCreate')
    const end = performance.now() + ${BLOCKED_MS}
    function block() { while (performance.now() < end); }
    ${WORK[work]}
    process.exit()`
  const module = `data:text/javascript,${encodeURIComponent(script)}`
  const args = ['--conditions=source', ...options, '--eval', `import(${JSON.stringify(module)})`]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  let lines = ''
  // A process that is reported stays where it is, until its parent ends it, or the watchdog because the parent does not.
  child.stdio[3]?.on('data', (chunk: Buffer) => {
    lines += chunk.toString()
    if (ends) child.kill('SIGKILL')
  })
  if (!ends) child.stdio[3]?.once('data', () => child.stdio[3]?.destroy())
  const [, signal] = await once(child, 'close')
  if (!ends) assert.equal(signal, 'SIGKILL')
  return lines.split('\n').filter((line) => line !== '')
}

test('a watchdog reports code that blocks, but not code that waits, and nothing while a debugger may have stopped it', {
  timeout: 60_000,
}, async () => {
  const [looping, waiting, debugged] = await Promise.all([
    reported('loops'),
    reported('waits for Plinth'),
    reported('loops for a while', { options: ['--inspect=127.0.0.1:0'] }),
  ])
  const stuck = { kind: 'stuck', code: ['hook Note.beforeCreate'], at: null, limitMs: LIMIT_MS }
  assert.deepEqual(
    looping.map((line) => JSON.parse(line)),
    [stuck],
  )
  assert.deepEqual({ waiting, debugged }, { waiting: [], debugged: [] })
})

test('a process whose code loops ends also when its supervisor does not end it', { timeout: 60_000 }, async () => {
  assert.equal((await reported('loops', { ends: false })).length, 1)
})
