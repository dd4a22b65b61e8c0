import { EventEmitter } from 'node:events'
import { Readable } from 'node:stream'

const WAYS = {
  timer: () =>
    setTimeout(() => {
      throw new Error('timer')
    }),
  interval: () => {
    let left = 5
    const timer = setInterval(() => {
      if (--left === 0) clearInterval(timer)
      throw new Error('interval')
    }, 1)
  },
  microtask: () => queueMicrotask(() => fail('microtask')),
  listener: () => setImmediate(() => new EventEmitter().emit('error', new Error('listener'))),
  stream: () =>
    new Readable({
      read() {
        this.destroy(new Error('stream'))
      },
    }).resume(),
  promise: () => void Promise.reject(new Error('promise')),
  'async function': () => void lose(),
  nothing: () =>
    setTimeout(() => {
      throw undefined
    }),
}

function fail(text) {
  throw new Error(text)
}

async function lose() {
  await null
  fail('async function')
}

export function pid() {
  return { pid: process.pid }
}

export async function action({ input, jobs }) {
  if (input.how === 'throw') fail('the action')
  if (input.how === 'job') await jobs.add('job', { how: 'timer' })
  else WAYS[input.how]()
}

export function hook({ row }) {
  if (row.how === 'hook') {
    WAYS.timer()
    fail('the hook')
  }
}

export function job() {
  WAYS.timer()
  fail('the job')
}

export function reaction({ row }) {
  if (row.how !== 'reaction') return
  WAYS['async function']()
  fail('the reaction')
}

export function schedule() {
  WAYS.microtask()
  fail('the schedule')
}
