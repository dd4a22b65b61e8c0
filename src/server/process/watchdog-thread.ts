/**
 * The thread of the watchdog. It looks at regular intervals whether the event loop of the main thread has turned. It counts its own looks
 * and not the time, so that a process that was suspended does not count as stuck.
 */

import { writeSync } from 'node:fs'
import { type Debugger, Session } from 'node:inspector'
import { workerData } from 'node:worker_threads'
import { isOfPlinth, isOfProject, pathOfFile } from '../run/project-files.ts'
import { seeCode } from '../run/running-code.ts'
import type { StuckCode, WatchedProcess } from './watchdog.ts'

const { memory, limitMs, report }: WatchedProcess = workerData

/** The looks in one limit. */
const LOOKS = 20

/** How long the main thread may take to say where it is, in milliseconds. */
const PLACE_MS = 3_000

/** How long the supervisor may take to end this process after a report, in milliseconds. */
const END_MS = 2_000

let turns = seeCode(memory).turns
let same = 0
let finding = false
setInterval(look, limitMs / LOOKS)

function look(): void {
  const seen = seeCode(memory)
  same = seen.turns === turns && !seen.debugged ? same + 1 : 0
  turns = seen.turns
  if (same < LOOKS || finding) return
  finding = true
  void findPlace().then(({ at, byPlinth, resume }) => {
    // Code that continues after its time limit has a place, but no name. Without a place, a package or Node may work for the code.
    const isCode = at !== null || (seen.names.length > 0 && !byPlinth)
    if (isCode) return end(stuck(seen.names, at))
    resume()
    same = 0
    finding = false
  })
}

/** Reports, and ends the process if its supervisor does not: it may be gone. */
function end(found: StuckCode): void {
  const kill = () => process.kill(process.pid, 'SIGKILL')
  setTimeout(kill, END_MS)
  try {
    writeSync(report, `${JSON.stringify(found)}\n`)
  } catch {
    kill()
  }
}

function stuck(code: readonly string[], at: StuckCode['at']): StuckCode {
  return { kind: 'stuck', code, at, limitMs }
}

interface Found {
  readonly at: StuckCode['at']
  /** Whether Plinth works, and not for code of the project: then code that runs only waits. */
  readonly byPlinth: boolean
  /** Lets the main thread go on. */
  readonly resume: () => void
}

/** Stops the main thread with the debugger of V8, which interrupts a running loop, and reads where it is. */
function findPlace(): Promise<Found> {
  return new Promise((resolve) => {
    const urls = new Map<string, string>()
    const session = new Session()
    session.connectToMainThread()
    const resume = (): void => {
      session.post('Debugger.disable')
      session.disconnect()
    }
    setTimeout(() => resolve({ at: null, byPlinth: false, resume }), PLACE_MS)
    session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url))
    session.on('Debugger.paused', ({ params: { callFrames } }) => {
      const at = placeIn(callFrames, urls)
      resolve({ at, byPlinth: at === null && callFrames.some((frame) => isOfPlinth(pathOfFrame(frame, urls) ?? '')), resume })
    })
    session.post('Debugger.enable')
    session.post('Debugger.pause')
  })
}

/** The innermost frame in a file of the project. Null if there is none. */
function placeIn(frames: readonly Debugger.CallFrame[], urls: ReadonlyMap<string, string>): StuckCode['at'] {
  for (const frame of frames) {
    const path = pathOfFrame(frame, urls)
    if (path === null || !isOfProject(path)) continue
    const { functionName, location } = frame
    const url = urls.get(location.scriptId) ?? ''
    return { name: functionName, url, line: location.lineNumber + 1, column: (location.columnNumber ?? 0) + 1 }
  }
  return null
}

function pathOfFrame({ location }: Debugger.CallFrame, urls: ReadonlyMap<string, string>): string | null {
  return pathOfFile(urls.get(location.scriptId) ?? '')
}
