/** Writes a `timestamptz` of PostgreSQL's binary format as text. */

import { type ByteWriter, reserve } from './byte-writer.ts'

const DAY_MS = 86_400_000
const DAY_MICROS = 86_400_000_000n
/** Days from 0000-03-01, where the years of the algorithm begin, to 2000-01-01, where PostgreSQL's count begins. */
const DAYS_BEFORE = 730_425
/** A period of the Gregorian calendar: 400 years. */
const PERIOD_DAYS = 146_097
/** The most characters of a timestamp: a year of six digits. */
const MOST_CHARACTERS = 27

/**
 * Writes `YYYY-MM-DDTHH:MM:SS.mmmZ`, as PostgreSQL's `to_char` does: finer digits are cut off, a year after 9999 has more digits, and a
 * year before Christ has no sign. Returns false, with nothing written, for an infinite timestamp.
 */
export function writeTimestampText(out: ByteWriter, from: Buffer, at: number): boolean {
  const high = from.readInt32BE(at)
  const low = from.readUInt32BE(at + 4)
  if (high === 0x7fff_ffff && low === 0xffff_ffff) return false
  if (high === -0x8000_0000 && low === 0) return false
  reserve(out, MOST_CHARACTERS)
  // Microseconds since 2000-01-01. Up to 53 bits, a number is exact.
  if (high >= -0x20_0000 && high < 0x20_0000) writeMicros(out, 0, high * 2 ** 32 + low)
  else {
    const micros = from.readBigInt64BE(at)
    const day = micros / DAY_MICROS
    writeMicros(out, Number(day), Number(micros - day * DAY_MICROS))
  }
  return true
}

/** Writes the time that is `day` days and `micros` microseconds after the beginning of 2000. Both may be negative. */
function writeMicros(out: ByteWriter, day: number, micros: number): void {
  const ms = Math.floor(micros / 1000)
  const more = Math.floor(ms / DAY_MS)
  writeDay(out, day + more)
  writeTime(out, ms - more * DAY_MS)
}

/** The day that was written last, and its bytes. Neighbouring timestamps of an answer often have the same day. */
const lastDay = { day: Number.NaN, text: Buffer.allocUnsafe(12), length: 0 }

/** Writes the date of a day, counted from 2000-01-01. */
function writeDay(out: ByteWriter, day: number): void {
  const { text } = lastDay
  if (day !== lastDay.day) {
    const before = out.length
    writeCivilDay(out, day)
    lastDay.length = out.bytes.copy(text, 0, before, out.length)
    lastDay.day = day
    return
  }
  const { bytes } = out
  for (let i = 0; i < lastDay.length; i++) bytes[out.length + i] = text[i] as number
  out.length += lastDay.length
}

/**
 * Writes the date of a day in the Gregorian calendar.
 *
 * Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
 */
function writeCivilDay(out: ByteWriter, day: number): void {
  const days = day + DAYS_BEFORE
  const period = Math.floor(days / PERIOD_DAYS)
  const ofPeriod = days - period * PERIOD_DAYS
  const yearOfPeriod = Math.floor(
    (ofPeriod - Math.floor(ofPeriod / 1460) + Math.floor(ofPeriod / 36_524) - Math.floor(ofPeriod / (PERIOD_DAYS - 1))) / 365,
  )
  const ofYear = ofPeriod - (365 * yearOfPeriod + Math.floor(yearOfPeriod / 4) - Math.floor(yearOfPeriod / 100))
  const month = Math.floor((5 * ofYear + 2) / 153)
  const inNextYear = month >= 10
  const year = yearOfPeriod + period * 400 + (inNextYear ? 1 : 0)
  writeDigits(out, year > 0 ? year : 1 - year, 4)
  out.bytes[out.length++] = 0x2d
  writeDigits(out, inNextYear ? month - 9 : month + 3, 2)
  out.bytes[out.length++] = 0x2d
  writeDigits(out, ofYear - Math.floor((153 * month + 2) / 5) + 1, 2)
}

/** Writes `THH:MM:SS.mmmZ` for a number of milliseconds in a day. */
function writeTime(out: ByteWriter, ms: number): void {
  const seconds = (ms / 1000) | 0
  const minutes = (seconds / 60) | 0
  const hours = (minutes / 60) | 0
  const rest = ms - seconds * 1000
  const hundreds = (rest / 100) | 0
  const { bytes, length: at } = out
  bytes[at] = 0x54
  writePair(bytes, at + 1, hours)
  bytes[at + 3] = 0x3a
  writePair(bytes, at + 4, minutes - hours * 60)
  bytes[at + 6] = 0x3a
  writePair(bytes, at + 7, seconds - minutes * 60)
  bytes[at + 9] = 0x2e
  bytes[at + 10] = 0x30 + hundreds
  writePair(bytes, at + 11, rest - hundreds * 100)
  bytes[at + 13] = 0x5a
  out.length = at + 14
}

/** Writes two digits. */
function writePair(bytes: Buffer, at: number, value: number): void {
  const tens = (value / 10) | 0
  bytes[at] = 0x30 + tens
  bytes[at + 1] = 0x30 + value - tens * 10
}

/** Writes a number with at least `least` digits. */
function writeDigits(out: ByteWriter, value: number, least: number): void {
  let count = least
  for (let bound = 10 ** least; value >= bound; bound *= 10) count++
  let rest = value
  for (let i = out.length + count - 1; i >= out.length; i--) {
    const next = (rest / 10) | 0
    out.bytes[i] = 0x30 + rest - next * 10
    rest = next
  }
  out.length += count
}
